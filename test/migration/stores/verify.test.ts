import { describe, expect, test } from 'vitest'
import { Matrix } from '../../../src/matrix.js'
import { migrateStore } from '../../../src/migration/stores/migrate.js'
import type { VectorMap } from '../../../src/migration/stores/vector-store.js'
import { verifyStore } from '../../../src/migration/stores/verify.js'
import { randomStream } from '../../../src/random/random-stream.js'
import { MemorySource, MemoryTarget } from './memory-store.js'

const WIDTH = 16
const ROWS = 60

const halved: VectorMap = {
  id: 'halved',
  from: WIDTH,
  to: WIDTH,
  map: (x) =>
    Promise.resolve(
      new Matrix(
        x.rows,
        x.cols,
        x.data.map((value) => value / 2),
      ),
    ),
}

function rows(count: number): (readonly [string, Float32Array])[] {
  const { normal } = randomStream('verify', 'rows')
  return Array.from({ length: count }, (_, i) => [String(i).padStart(3, '0'), Float32Array.from({ length: WIDTH }, normal)]) // prettier-ignore
}

async function migrated(count = ROWS) {
  const migration = { map: halved, source: new MemorySource(WIDTH, rows(count)), target: new MemoryTarget(WIDTH) }
  await migrateStore(migration)
  return migration
}

/** The stored vector of an id, to be tampered with. */
function stored({ disk }: MemoryTarget, id: string): Float32Array {
  const vector = disk.rows?.get(id)
  if (vector === undefined) throw new Error(`nothing is stored for ${id}`)
  return vector
}

describe('verifyStore', () => {
  test('finds nothing wrong with what was migrated', async () => {
    const found = await verifyStore(await migrated())
    expect(found).toMatchObject({ ok: true, rows: { source: ROWS, target: ROWS }, sampled: ROWS, missing: [], different: [], largestError: 0 }) // prettier-ignore
    expect(found.kept).toEqual({ share: 1, k: 10, rows: ROWS })
    expect(found.norms.stored).toEqual(found.norms.mapped)
    expect(found.norms.stored.least).toBeGreaterThan(0)
    expect(found.retention).toBeUndefined()
  })

  test('names rows that are missing, and counts', async () => {
    const migration = await migrated()
    migration.target.disk.rows?.delete('007')
    expect(await verifyStore(migration)).toMatchObject({ ok: false, rows: { target: ROWS - 1 }, missing: ['007'] })
  })

  test('rows that there should not be', async () => {
    const migration = await migrated()
    migration.source.rows.delete('007')
    expect(await verifyStore(migration)).toMatchObject({
      ok: false,
      rows: { source: ROWS - 1, target: ROWS },
      missing: [],
    })
  })

  test('names rows whose old vector changed, or whose new one did', async () => {
    const migration = await migrated()
    migration.source.rows.set('003', new Float32Array(WIDTH).fill(1))
    stored(migration.target, '011')[4] += 0.01
    const found = await verifyStore(migration)
    expect(found).toMatchObject({ ok: false, different: ['003', '011'], largestError: 0 })
    expect(found.kept?.share).toBeLessThan(1)
  })

  test.each([
    ['f32', 2 ** -23],
    ['f16', 2 ** -12],
  ] as const)('rounding to %s is no difference, more is', async (precision, error) => {
    const migration = await migrated()
    const target = Object.assign(new MemoryTarget(WIDTH, migration.target.disk), { precision })
    stored(target, '005').forEach((x, j, vector) => (vector[j] = x * (1 + error)))
    const found = await verifyStore({ ...migration, target })
    expect(found.ok).toBe(true)
    expect(found.largestError / error).toBeGreaterThan(0.4)
    expect(found.largestError / error).toBeLessThan(2)
    stored(target, '005').forEach((x, j, vector) => (vector[j] = x * (1 + 64 * error * (precision === 'f16' ? 1 : 16))))
    expect(await verifyStore({ ...migration, target })).toMatchObject({ ok: false, different: ['005'] })
  })

  test('zero vectors, and what is stored in their place', async () => {
    const migration = { map: halved, source: new MemorySource(WIDTH, [['a', new Float32Array(WIDTH)], ['b', new Float32Array(WIDTH)]]), target: new MemoryTarget(WIDTH) } // prettier-ignore
    await migrateStore(migration)
    expect(await verifyStore(migration)).toMatchObject({ ok: true, largestError: 0, kept: undefined })
    stored(migration.target, 'b')[0] = 1e-30
    expect(await verifyStore(migration)).toMatchObject({ ok: false, different: ['b'] })
  })

  test('an empty store', async () => {
    expect(await verifyStore(await migrated(0))).toMatchObject({ ok: true, sampled: 0, kept: undefined })
  })

  test('retention by vectors of the new model, where there are some', async () => {
    const migration = await migrated()
    const right = rows(40).map(([id, vector]) => [id, vector.map((x) => x / 2)] as const)
    const wrong = right.map(([id], i) => [id, right[(i + 17) % 40][1]] as const)
    const retention = async (truth: readonly (readonly [string, Float32Array])[]) =>
      (await verifyStore(migration, { truth: new MemorySource(WIDTH, truth) })).retention
    expect(await retention(right)).toMatchObject({ retention: 1, neighbours: 10, rows: 40 })
    expect((await retention(wrong))?.retention).toBeLessThan(0.5)
    await expect(verifyStore(migration, { truth: new MemorySource(3) })).rejects.toThrow('vectors of 3 numbers, the map gives 16') // prettier-ignore
  })

  test('looks at so many rows', async () => {
    expect(await verifyStore(await migrated(), { sample: 20, k: 3 })).toMatchObject({ sampled: 20, kept: { rows: 20, k: 3 } }) // prettier-ignore
  })
})
