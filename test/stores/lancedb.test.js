// LanceDB: the command in processes of its own, and the tables read by this one.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { URLSearchParams } from 'node:url'
import * as lancedb from '@lancedb/lancedb'
import { done, killedOften, largestError, migrate, migrationFile, oldVectors, temporary } from './support/migrating.js'

const ROWS = 1500
const PAGE = 50
const model = migrationFile()
const olds = oldVectors(ROWS)
const expected = model.expected(olds)
const path = temporary('items.lance')
const addressOf = (parameters) => `lancedb:${path}?${new URLSearchParams(parameters)}`

/** A folder with one table: key, vector, and a text. */
async function filled({ rows = ROWS, key = (i) => `k' ${String(i).padStart(5, '0')}`, table = 'items' } = {}) {
  rmSync(path, { recursive: true, force: true })
  const database = await lancedb.connect(path)
  const records = olds.slice(0, rows).map((vector, i) => ({ id: key(i), body: `text of ${i}`, vector: [...vector] }))
  // In several files, as tables come to be.
  const made = await database.createTable(table, records.slice(0, rows / 2))
  await made.add(records.slice(rows / 2))
  return database
}

async function rowsOf(table) {
  const database = await lancedb.connect(path)
  if (!(await database.tableNames()).includes(table)) return []
  const rows = await (await database.openTable(table)).query().toArray()
  return rows
    .map(({ id, body, vector }) => ({ id: String(id), body, vector: Array.from(vector) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function expectNew(table, rows = ROWS) {
  const found = await rowsOf(table)
  assert.deepEqual(
    found.map(({ body }) => body),
    Array.from({ length: rows }, (_, i) => `text of ${i}`),
  )
  const error = largestError(
    found.map(({ vector }) => vector),
    expected.slice(0, rows),
  )
  assert.ok(error < 1e-6, `error ${error}`)
}

test(
  'killed at random: each row is there once, none is lost, and the old ones stay',
  { timeout: 300_000 },
  async () => {
    await filled()
    const before = await rowsOf('items')
    const address = addressOf({ table: 'items', into: 'moved' })
    const ledger = `${path}/collimate-moved.json`
    const progress = async () => {
      const noted = existsSync(ledger) ? JSON.parse(readFileSync(ledger, 'utf8')).rows : 0
      const there = (await rowsOf('moved')).length
      // A page may be written and not noted, one alone, and none is noted that is not written.
      assert.ok(there === noted || there === noted + PAGE, `${there} rows, ${noted} noted`)
      return noted
    }
    const whole = async () => {
      await expectNew('moved')
      assert.deepEqual(await rowsOf('items'), before)
    }
    const again = () => done(['rollback', address])
    const args = ['run', model.path, address, '--page', String(PAGE)]
    const runs = await killedOften({ args, kills: 6, progress, whole, again })
    console.log(`${runs} runs, 6 of them killed between two pages`)
    await done(['verify', model.path, address])
    await done(['rollback', address])
    assert.deepEqual(await rowsOf('items'), before)
    assert.deepEqual(readdirSync(path).sort(), ['items.lance'])
  },
)

for (const [name, key] of [
  ['texts', (i) => `é'\`" ${String(i).padStart(4, '0')}`],
  ['float64, as LanceDB takes numbers', (i) => 1000 + i],
  ['integers', (i) => 1000n + BigInt(i)],
]) {
  test(`keys: ${name}; pages of another size after a kill write no row twice`, async () => {
    await filled({ rows: 120, key })
    const address = addressOf({ table: 'items', into: 'moved' })
    await done(['run', model.path, address, '--page', '50'])
    // As if the last two pages had been written and not noted.
    const ledger = `${path}/collimate-moved.json`
    const entry = JSON.parse(readFileSync(ledger, 'utf8'))
    writeFileSync(
      ledger,
      JSON.stringify({ ...entry, state: 'running', rows: 50, after: entry.after.replace(/:.*/, ':50') }),
    )
    await done(['run', model.path, address, '--page', '13'])
    await expectNew('moved', 120)
    await done(['verify', model.path, address])
  })
}

test('rows that are added and deleted, and one without a vector', async () => {
  const database = await filled({ rows: 100 })
  const table = await database.openTable('items')
  await table.delete("body = 'text of 99'")
  const address = addressOf({ table: 'items', into: 'moved' })
  await done(['run', model.path, address])
  await expectNew('moved', 99)
  await table.add([{ id: "k' 00099", body: 'text of 99', vector: [...olds[99]] }])
  assert.equal((await migrate(['verify', model.path, address])).code, 3)
  assert.match((await done(['run', model.path, address])).stdout, /1 vectors .*; 99 were there/)
  await expectNew('moved', 100)
  const moved = await (await lancedb.connect(path)).openTable('moved')
  const [{ id }] = await moved.query().nearestTo(expected[42]).limit(1).toArray()
  assert.equal(id, "k' 00042")
})

for (const [name, parameters, message] of [
  ['no such table', { table: 'nothing', into: 'moved' }, /there is no table nothing; there are items/],
  ['no place', { table: 'items' }, /names no table for the new vectors: add &into=TABLE/],
  ['a new column', { table: 'items', to: 'next' }, /names no table for the new vectors/],
  ['the old table', { table: 'items', into: 'items' }, /is the table of the old vectors/],
  ['no such column', { table: 'items', column: 'v', into: 'moved' }, /has no column v; it has id, body, vector/],
  ['no vectors', { table: 'items', column: 'body', into: 'moved' }, /items\.body is of type Utf8/],
  [
    'no key',
    { table: 'items', id: 'vector', into: 'moved' },
    /the column vector is of type FixedSizeList.*: keys are texts or numbers/,
  ],
]) {
  test(`refused: ${name}`, async () => {
    await filled({ rows: 10 })
    const before = await rowsOf('items')
    const { code, stderr } = await migrate(['run', model.path, addressOf(parameters)])
    assert.equal(code, 2, stderr)
    assert.match(stderr, message)
    assert.deepEqual(await rowsOf('items'), before)
  })
}
