// PostgreSQL with pgvector: the command in processes of its own, through the client pg, against a server in another.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { URLSearchParams } from 'node:url'
import { done, killedOften, largestError, migrate, migrationFile, NEW, OLD, oldVectors } from './support/migrating.js'
import { startPostgres } from './support/postgres.js'

const ROWS = 1500
const PAGE = 20
const model = migrationFile()
const olds = oldVectors(ROWS)
const expected = model.expected(olds)
let server

before(async () => {
  server = await startPostgres()
  await server.sql('CREATE EXTENSION IF NOT EXISTS vector')
})
after(() => server.stop())

const literal = (vector) => `[${Array.from(vector).join(',')}]`
const numbers = (text) => JSON.parse(text)
const addressOf = (parameters) => `${server.address}?${new URLSearchParams(parameters)}`

/** A table with the old vectors. @param key - its type, and the value of row i */
async function filled({
  table,
  id = 'id',
  column = 'embedding',
  key = ['bigint', (i) => i],
  type = `vector(${OLD})`,
  rows = ROWS,
}) {
  await server.sql(`DROP TABLE IF EXISTS ${table}`)
  await server.sql(`CREATE TABLE ${table} (${id} ${key[0]} PRIMARY KEY, body text, ${column} ${type})`)
  const [ids, vectors] = [olds.slice(0, rows).map((_, i) => String(key[1](i))), olds.slice(0, rows).map(literal)]
  await server.sql(
    `INSERT INTO ${table} SELECT i::${key[0]}, 'text of ' || i, v::${type} FROM unnest($1::text[], $2::text[]) AS x(i, v)`,
    [ids, vectors],
  )
}

/** What must not change. */
const checksum = async (table, id = 'id', column = 'embedding') =>
  (
    await server.sql(
      `SELECT count(*)::int AS n, md5(string_agg(${id}::text || body || coalesce(${column}::text, ''), '|' ORDER BY ${id})) AS sum FROM ${table}`,
    )
  )[0]

async function expectNew(table, column, { id = 'id', rows = ROWS, tolerance = 1e-6, first = 0 } = {}) {
  const found = await server.sql(`SELECT ${column}::text AS v FROM ${table} ORDER BY ${id}`)
  assert.equal(found.length, rows)
  const error = largestError(
    found.map(({ v }) => numbers(v)),
    expected.slice(first, first + rows),
  )
  assert.ok(error < tolerance, `error ${error}`)
}

for (const [name, parameters, column, table] of [
  ['a new column', { to: 'next' }, 'next', 'items'],
  ['a new table', { into: 'items_next' }, 'embedding', 'items_next'],
]) {
  test(
    `killed at random, ${name}: each row is written once, none is lost, and the old ones stay`,
    { timeout: 300_000 },
    async () => {
      await server.sql('DROP TABLE IF EXISTS items_next')
      await filled({ table: 'items' })
      // A row for every write that stayed.
      await server.sql('DROP TABLE IF EXISTS writes')
      await server.sql('CREATE TABLE writes (id bigint)')
      await server.sql(
        "CREATE OR REPLACE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO writes VALUES (new.id); RETURN new; END'",
      )
      await server.sql('CREATE TRIGGER writes AFTER UPDATE ON items FOR EACH ROW EXECUTE FUNCTION note_write()')
      const before = await checksum('items')
      const address = addressOf({ table: 'items', ...parameters })
      const progress = async () => {
        const [{ there }] = await server.sql("SELECT to_regclass('public.collimate_migrations') IS NOT NULL AS there")
        if (!there) return 0
        const [row] = await server.sql("SELECT (entry->>'rows')::int AS rows FROM collimate_migrations")
        const [{ n }] = await server.sql(`SELECT count(${column})::int AS n FROM ${table}`)
        // The page and its note are one.
        assert.equal(n, row?.rows ?? 0)
        return n
      }
      const whole = async () => {
        await expectNew(table, column)
        assert.equal(await progress(), ROWS)
        assert.deepEqual(await checksum('items'), before)
        const [writes] = await server.sql('SELECT count(*)::int AS all, count(DISTINCT id)::int AS ids FROM writes')
        assert.deepEqual(writes, parameters.to ? { all: ROWS, ids: ROWS } : { all: 0, ids: 0 })
      }
      const again = async () => {
        await done(['rollback', address])
        await server.sql('TRUNCATE writes')
      }
      const args = ['run', model.path, address, '--page', String(PAGE)]
      const runs = await killedOften({ args, kills: 8, progress, whole, again })
      console.log(`${runs} runs, 8 of them killed between two pages`)
      await done(['verify', model.path, address])
      await done(['rollback', address])
      assert.deepEqual(await checksum('items'), before)
      const left = await server.sql(
        "SELECT to_regclass('items_next') AS t, to_regclass('collimate_migrations') AS l, (SELECT count(*)::int FROM information_schema.columns WHERE table_name = 'items') AS columns",
      )
      assert.deepEqual(left, [{ t: null, l: null, columns: 3 }])
    },
  )
}

test('names that have to be quoted, and a schema', async () => {
  const [schema, table, id, column] = ['"we""ird.schema"', '"Items; DROP TABLE x --"', '"the id"', '"e\'m"']
  await server.sql(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
  await filled({ table: `${schema}.${table}`, id, column, rows: 60 })
  const parameters = { table: `${schema}.${table}`, id: 'the id', column: "e'm" }
  const before = await checksum(`${schema}.${table}`, id, column)
  const address = addressOf({ ...parameters, to: 'new "vector"' })
  await done(['run', model.path, address, '--page', '7'])
  await expectNew(`${schema}.${table}`, '"new ""vector"""', { id, rows: 60 })
  await done(['verify', model.path, address])
  await done(['rollback', address])
  const other = addressOf({ ...parameters, into: '"we""ird.schema"."b;c"' })
  await done(['run', model.path, other, '--page', '7'])
  await expectNew(`${schema}."b;c"`, column, { id, rows: 60 })
  await done(['rollback', other])
  assert.deepEqual(await checksum(`${schema}.${table}`, id, column), before)
})

const uuidOf = (i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`
for (const [type, key] of [
  ['uuid', uuidOf],
  ['text', (i) => `k'"\\ ${String(i).padStart(3, '0')} é`],
  ['varchar(20)', (i) => String(i).padStart(5, '0')],
  ['bigint', (i) => String(-9223372036854775808n + BigInt(i))],
  ['numeric', (i) => `${i}.5`],
  ['timestamptz', (i) => new Date(86_400_000 * i).toISOString()],
]) {
  test(`keys of type ${type}`, async () => {
    await server.sql('DROP TABLE IF EXISTS keyed_next')
    await filled({ table: 'keyed', key: [type, key], rows: 50 })
    for (const parameters of [{ to: 'next' }, { into: 'keyed_next' }]) {
      const address = addressOf({ table: 'keyed', ...parameters })
      await done(['run', model.path, address, '--page', '8'])
      await expectNew(parameters.to ? 'keyed' : 'keyed_next', parameters.to ?? 'embedding', { rows: 50 })
      await done(['rollback', address])
    }
  })
}

for (const [from, to, tolerance] of [
  [`halfvec(${OLD})`, undefined, 2e-3],
  [`halfvec(${OLD})`, 'vector', 2e-3],
  [`vector(${OLD})`, 'halfvec', 1e-3],
  ['vector', undefined, 1e-6],
]) {
  test(`from ${from} to ${to ?? 'the same'}`, async () => {
    await filled({ table: 'typed', type: from, rows: 80 })
    const address = addressOf({ table: 'typed', to: 'next', ...(to && { type: to }) })
    await done(['run', model.path, address])
    await expectNew('typed', 'next', { rows: 80, tolerance })
    const [{ type }] = await server.sql(
      "SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'typed'::regclass AND attname = 'next'",
    )
    assert.equal(type, `${to ?? from.replace(/\(.*/, '')}(${NEW})`)
    const { code, stdout } = await migrate(['verify', model.path, address, '--json'])
    assert.equal(code, 0, stdout)
    assert.ok(JSON.parse(stdout).kept.share > 0.98)
    await done(['rollback', address])
  })
}

test('rows that are added, changed and deleted', async () => {
  await filled({ table: 'live', rows: 100 })
  await server.sql('INSERT INTO live VALUES (5000, $1, NULL)', ['no vector'])
  const address = addressOf({ table: 'live', to: 'next' })
  await done(['run', model.path, address])
  assert.equal((await migrate(['verify', model.path, address])).code, 0)
  await server.sql('INSERT INTO live VALUES (-1, $1, $2), (1000, $1, $2)', ['late', literal(olds[100])])
  await server.sql('DELETE FROM live WHERE id = 7')
  const missing = await migrate(['verify', model.path, address])
  assert.equal(missing.code, 3)
  assert.match(missing.stdout, /without a new vector +2: /)
  assert.match((await done(['run', model.path, address])).stdout, /2 vectors .*; 100 were there; 2 of them/)
  assert.equal((await migrate(['verify', model.path, address])).code, 0)
  await server.sql('UPDATE live SET embedding = $1 WHERE id = 8', [literal(olds[200])])
  assert.match((await migrate(['verify', model.path, address])).stdout, /not the map of the old +1: 8\n/)
  await done(['rollback', address])
})

test('a column that was there before is emptied, and one with values refused', async () => {
  await filled({ table: 'prepared', rows: 40 })
  await server.sql(`ALTER TABLE prepared ADD COLUMN next vector(${NEW})`)
  const address = addressOf({ table: 'prepared', to: 'next' })
  await done(['run', model.path, address])
  await done(['rollback', address])
  const count = 'SELECT count(next)::int AS n FROM prepared'
  assert.deepEqual(await server.sql(count), [{ n: 0 }])
  await server.sql('UPDATE prepared SET next = $1 WHERE id = 3', [literal(expected[3])])
  const refused = await migrate(['run', model.path, address])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /public\.prepared\.next holds vectors that no migration wrote/)
  const nothing = await migrate(['rollback', address])
  assert.equal(nothing.code, 2)
  assert.match(nothing.stderr, /no migration wrote to public\.prepared\.next: nothing was touched/)
  assert.deepEqual(await server.sql(count), [{ n: 1 }])
})

test('a dry run writes nothing', async () => {
  await filled({ table: 'dry', rows: 40 })
  const before = await checksum('dry')
  const address = addressOf({ table: 'dry', to: 'next' })
  assert.match((await done(['run', model.path, address, '--dry-run'])).stdout, /40 vectors .* would be written/)
  assert.deepEqual(await checksum('dry'), before)
  const [{ there }] = await server.sql("SELECT to_regclass('public.collimate_migrations') IS NOT NULL AS there")
  assert.equal(there, false)
})

test('a vector of the new model itself: retention', async () => {
  await filled({ table: 'judged', rows: 120 })
  await server.sql(`ALTER TABLE judged ADD COLUMN real vector(${NEW})`)
  for (let i = 0; i < 60; i++) await server.sql('UPDATE judged SET real = $1 WHERE id = $2', [literal(expected[i]), i])
  const address = addressOf({ table: 'judged', to: 'next', truth: 'real' })
  await done(['run', model.path, address])
  const { stdout } = await done(['verify', model.path, address, '--json'])
  const { retention } = JSON.parse(stdout)
  assert.deepEqual([retention.rows, retention.neighbours, retention.retention > 0.99], [60, 10, true])
  await done(['rollback', address])
})

test('another migration does not go on with what this one wrote', async () => {
  await filled({ table: 'mixed', rows: 40 })
  const address = addressOf({ table: 'mixed', to: 'next' })
  await done(['run', model.path, address])
  const other = await migrate(['run', migrationFile(9).path, address])
  assert.equal(other.code, 2)
  assert.match(other.stderr, /holds 40 vectors of another map: roll them back first/)
  await done(['rollback', address])
})

for (const [name, parameters, message, sql] of [
  ['no such table', { table: 'nothing', to: 'next' }, /there is no table nothing/],
  ['no table', { to: 'next' }, /names no table: add \?table=NAME/],
  ['no place', { table: 'bad' }, /names no place for the new vectors: add &to=COLUMN, or &into=TABLE/],
  [
    'no such column',
    { table: 'bad', column: 'vec', to: 'next' },
    /public\.bad has no column vec; it has id, body, embedding/,
  ],
  [
    'no column of vectors',
    { table: 'bad', column: 'body', to: 'next' },
    /public\.bad\.body is of type text: vectors are/,
  ],
  ['no key', { table: 'bad', id: 'body', to: 'next' }, /public\.bad\.body is no key/],
  ['the old column', { table: 'bad', to: 'embedding' }, /is the column of the old vectors/],
  ['the old table', { table: 'bad', into: 'bad' }, /is the table of the old vectors/],
  ['a place of another type', { table: 'bad', to: 'body' }, /public\.bad\.body is of type text/],
  [
    'a place of another width',
    { table: 'bad', to: 'narrow' },
    /public\.bad\.narrow has vectors of 3 numbers, the map gives 40/,
  ],
  ['another type', { table: 'bad', to: 'next', type: 'bit' }, /type=bit: expected vector or halfvec/],
  [
    'twice',
    [
      ['table', 'bad'],
      ['table', 'x'],
    ],
    /has table 2 times/,
  ],
]) {
  test(`refused: ${name}`, async () => {
    await filled({ table: 'bad', rows: 10 })
    await server.sql('ALTER TABLE bad ADD COLUMN narrow vector(3)')
    if (sql) await server.sql(sql)
    const before = await checksum('bad')
    const { code, stderr, stdout } = await migrate(['run', model.path, addressOf(parameters)])
    assert.equal(code, 2, stderr)
    assert.match(stderr, message)
    assert.equal(stderr.trim().split('\n').length, 1)
    assert.doesNotMatch(stderr + stdout, /secret/)
    assert.deepEqual(await checksum('bad'), before)
  })
}

test('a server that is not there, and an address that is none: no password is printed', async () => {
  for (const address of [
    'postgres://me:secret@127.0.0.1:1/db?table=t&to=n',
    'postgres://me:sec ret@:x/db?table=t&to=n',
  ]) {
    const { code, stderr, stdout } = await migrate(['run', model.path, address])
    assert.equal(code, 2)
    assert.match(stderr, /^collimate: /)
    assert.doesNotMatch(stderr + stdout, /sec ?ret/)
  }
})
