// SQLite with sqlite-vec: the command in processes of its own, and the database read by this one.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, test } from 'node:test'
import { URLSearchParams } from 'node:url'
import Database from 'better-sqlite3'
import * as vec from 'sqlite-vec'
import {
  done,
  killedOften,
  largestError,
  migrate,
  migrationFile,
  NEW,
  OLD,
  oldVectors,
  temporary,
} from './support/migrating.js'

const ROWS = 1500
const PAGE = 20
const model = migrationFile()
const olds = oldVectors(ROWS)
const expected = model.expected(olds)
const path = temporary('items.db')
after(() => rmSync(path, { force: true }))

function opened(work) {
  const database = new Database(path)
  try {
    vec.load(database)
    return work(database)
  } finally {
    database.close()
  }
}

const blob = (vector) => Buffer.from(Float32Array.from(vector).buffer)
const floats = (bytes) => new Float32Array(new Uint8Array(bytes).buffer)
const addressOf = (parameters) => `sqlite:${path}?${new URLSearchParams(parameters)}`

/** A new file with one table of old vectors. */
function filled(create, insert, { rows = ROWS, key = (i) => BigInt(3 * i + 1) } = {}) {
  rmSync(path, { force: true })
  opened((database) => {
    database.exec(create)
    const statement = database.prepare(insert)
    database.transaction(() => olds.slice(0, rows).forEach((vector, i) => statement.run(key(i), blob(vector))))()
  })
}

const all = (sql, ...values) =>
  opened((database) =>
    database
      .prepare(sql)
      .raw(true)
      .all(...values),
  )

function expectNew(sql, rows = ROWS) {
  const found = all(sql)
  assert.equal(found.length, rows)
  const error = largestError(
    found.map(([bytes]) => floats(bytes)),
    expected.slice(0, rows),
  )
  assert.ok(error < 1e-6, `error ${error}`)
}

const KINDS = {
  'a new column': {
    create:
      'CREATE TABLE items (id INTEGER PRIMARY KEY, embedding BLOB); CREATE TABLE writes (id INTEGER); CREATE TRIGGER note AFTER UPDATE ON items BEGIN INSERT INTO writes VALUES (new.id); END',
    parameters: { to: 'next' },
    read: 'SELECT next FROM items WHERE next IS NOT NULL ORDER BY id',
  },
  'a new table of blobs': {
    create: 'CREATE TABLE items (id INTEGER PRIMARY KEY, embedding BLOB)',
    parameters: { into: 'items_next' },
    read: 'SELECT embedding FROM items_next ORDER BY id',
  },
  'a new table of sqlite-vec': {
    create: `CREATE VIRTUAL TABLE items USING vec0(embedding float[${OLD}] distance_metric=cosine)`,
    parameters: { into: 'items_next' },
    read: 'SELECT embedding FROM items_next ORDER BY rowid',
    key: 'rowid',
  },
}

for (const [name, { create, parameters, read, key = 'id' }] of Object.entries(KINDS)) {
  test(
    `killed at random, ${name}: each row is written once, none is lost, and the old ones stay`,
    { timeout: 300_000 },
    async () => {
      filled(create, `INSERT INTO items (${key}, embedding) VALUES (?, ?)`)
      const old = () =>
        all(`SELECT ${key}, embedding FROM items ORDER BY ${key}`).map(([id, bytes]) => [id, bytes.toString('hex')])
      const before = old()
      const address = addressOf({ table: 'items', ...parameters })
      const progress = () => {
        if (all("SELECT 1 FROM sqlite_master WHERE name = 'collimate_migrations'").length === 0) return 0
        const [[entry] = [null]] = all('SELECT entry FROM collimate_migrations')
        const { rows } = entry === null ? { rows: 0 } : JSON.parse(entry)
        // The page and its note are one.
        assert.equal(all(read).length, rows)
        return rows
      }
      const whole = () => {
        expectNew(read)
        assert.deepEqual(old(), before)
        if (parameters.to) assert.deepEqual(all('SELECT count(*), count(DISTINCT id) FROM writes'), [[ROWS, ROWS]])
      }
      const again = async () => {
        await done(['rollback', address])
        if (parameters.to) opened((database) => database.exec('DELETE FROM writes'))
      }
      const args = ['run', model.path, address, '--page', String(PAGE)]
      const runs = await killedOften({ args, kills: 8, progress, whole, again })
      console.log(`${runs} runs, 8 of them killed between two pages`)
      await done(['verify', model.path, address])
      await done(['rollback', address])
      assert.deepEqual(old(), before)
      assert.deepEqual(
        all("SELECT name FROM sqlite_master WHERE name LIKE 'items_next%' OR name LIKE 'collimate%'"),
        [],
      )
      if (parameters.to)
        assert.deepEqual(all('SELECT name FROM pragma_table_info(?)', 'items'), [['id'], ['embedding']])
    },
  )
}

test('a table of sqlite-vec keeps its distance, and is searched as the old one was', async () => {
  filled(KINDS['a new table of sqlite-vec'].create, 'INSERT INTO items (rowid, embedding) VALUES (?, ?)', { rows: 100 })
  const address = addressOf({ table: 'items', into: 'items_next' })
  await done(['run', model.path, address])
  assert.match(
    all("SELECT sql FROM sqlite_master WHERE name = 'items_next'")[0][0],
    new RegExp(`float\\[${NEW}\\] distance_metric=cosine`),
  )
  const [[rowid, distance]] = all(
    'SELECT rowid, distance FROM items_next WHERE embedding MATCH ? ORDER BY distance LIMIT 1',
    blob(expected[7]),
  )
  assert.deepEqual([rowid, Math.abs(distance) < 1e-5], [22, true])
})

for (const [name, create, insert, key] of [
  [
    'texts, sqlite-vec',
    `CREATE VIRTUAL TABLE items USING vec0(item_id text primary key, embedding float[${OLD}])`,
    'INSERT INTO items (item_id, embedding) VALUES (?, ?)',
    (i) => `k'" ${String(i).padStart(4, '0')}`,
  ],
  [
    'texts, blobs',
    'CREATE TABLE items (item_id TEXT PRIMARY KEY NOT NULL, embedding BLOB)',
    'INSERT INTO items (item_id, embedding) VALUES (?, ?)',
    (i) => `k'" ${String(i).padStart(4, '0')}`,
  ],
  [
    'large integers',
    'CREATE TABLE items (item_id INTEGER PRIMARY KEY, embedding BLOB)',
    'INSERT INTO items (item_id, embedding) VALUES (?, ?)',
    (i) => 2n ** 62n + BigInt(i),
  ],
]) {
  test(`keys: ${name}`, async () => {
    filled(create, insert, { rows: 60, key })
    const address = addressOf({ table: 'items', into: 'items_next' })
    await done(['run', model.path, address, '--page', '7'])
    const keys = opened((database) =>
      database.prepare('SELECT item_id FROM items_next ORDER BY item_id').safeIntegers(true).raw(true).all(),
    )
    assert.deepEqual(
      keys,
      Array.from({ length: 60 }, (_, i) => [key(i)]),
    )
    expectNew('SELECT embedding FROM items_next ORDER BY item_id', 60)
    await done(['verify', model.path, address])
  })
}

test('blobs to a table of sqlite-vec, and names that have to be quoted', async () => {
  filled(
    'CREATE TABLE "my ""items" ("the id" INTEGER PRIMARY KEY, "e m" BLOB)',
    'INSERT INTO "my ""items" VALUES (?, ?)',
    { rows: 40 },
  )
  const address = addressOf({ table: 'my "items', column: 'e m', to: 'vector', into: 'next items', type: 'vec0' })
  await done(['run', model.path, address])
  expectNew('SELECT vector FROM "next items" ORDER BY rowid', 40)
  await done(['verify', model.path, address])
  await done(['rollback', address])
})

test('vectors as JSON, a row without one, rows that come later', async () => {
  filled('CREATE TABLE items (id INTEGER PRIMARY KEY, embedding)', 'INSERT INTO items VALUES (?, ?)', { rows: 40 })
  opened((database) => {
    database.prepare('UPDATE items SET embedding = ? WHERE id = 4').run(JSON.stringify([...olds[1]]))
    database.exec('INSERT INTO items VALUES (0, NULL)')
  })
  const address = addressOf({ table: 'items', to: 'next' })
  await done(['run', model.path, address])
  expectNew('SELECT next FROM items WHERE next IS NOT NULL ORDER BY id', 40)
  opened((database) => database.prepare('INSERT INTO items (id, embedding) VALUES (2, ?)').run(blob(olds[0])))
  assert.match((await done(['run', model.path, address])).stdout, /1 vectors .*; 40 were there/)
  await done(['verify', model.path, address])
})

for (const [name, parameters, message] of [
  ['no such file', null, /there is no file/],
  ['no such table', { table: 'nothing', to: 'next' }, /there is no table nothing/],
  ['no place', { table: 'items' }, /names no place for the new vectors/],
  [
    'no such column',
    { table: 'items', column: 'vec', to: 'next' },
    /has no column vec of vectors; it has id, embedding, body/,
  ],
  ['no vectors', { table: 'items', column: 'body', to: 'next' }, /JSON array parsing error/],
  ['no key', { table: 'items', id: 'body', to: 'next' }, /items\.body is no key/],
  ['the old column', { table: 'items', to: 'embedding' }, /is the column of the old vectors/],
  ['the old table', { table: 'items', into: 'ITEMS' }, /is the table of the old vectors/],
  ['a column for sqlite-vec', { table: 'virtual', to: 'next' }, /takes no new column: name a new table/],
  ['bytes', { table: 'bytes', into: 'next' }, /is of type int8: only vectors of float32 are read/],
  ['a column with values', { table: 'items', to: 'body' }, /body/],
]) {
  test(`refused: ${name}`, async () => {
    filled(
      'CREATE TABLE items (id INTEGER PRIMARY KEY, embedding BLOB, body TEXT)',
      "INSERT INTO items VALUES (?, ?, 'text')",
      { rows: 10 },
    )
    opened((database) =>
      database.exec(
        `CREATE VIRTUAL TABLE virtual USING vec0(embedding float[${OLD}]); CREATE VIRTUAL TABLE bytes USING vec0(embedding int8[${OLD}])`,
      ),
    )
    const before = all('SELECT * FROM items')
    const { code, stderr } = await migrate([
      'run',
      model.path,
      parameters === null ? 'sqlite:/nowhere/at.all?table=t&to=n' : addressOf(parameters),
    ])
    assert.ok(code === 2 || code === 1, stderr)
    assert.match(stderr, message)
    assert.equal(stderr.trim().split('\n').length, 1)
    assert.deepEqual(all('SELECT * FROM items'), before)
  })
}
