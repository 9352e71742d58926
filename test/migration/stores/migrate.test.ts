import { describe, expect, test } from 'vitest'
import { Matrix } from '../../../src/matrix.js'
import { MigrationConflictError } from '../../../src/migration/stores/ledger.js'
import { migrateStore, pageRows, rollbackStore } from '../../../src/migration/stores/migrate.js'
import type { VectorMap } from '../../../src/migration/stores/vector-store.js'
import { Crash, emptyDisk, MemorySource, MemoryTarget, type Disk } from './memory-store.js'

const FROM = 3
const TO = 5

/** Number j of a new vector is the sum of the old one times j + 1: exact in float32. */
const weights: VectorMap = {
  id: 'weights',
  from: FROM,
  to: TO,
  map: (x) =>
    Promise.resolve(
      Matrix.from(
        x.toArray().map((row) => Array.from({ length: TO }, (_, j) => (j + 1) * row.reduce((a, b) => a + b))),
      ),
    ),
}

const idOf = (i: number) => `row ${String(i).padStart(4, '0')}`
const oldVector = (i: number) => Float32Array.of(i, i % 7, -(i % 3))
const newVector = (i: number) => Float32Array.from({ length: TO }, (_, j) => (j + 1) * (i + (i % 7) - (i % 3)))
const numbered = (count: number, step = 1) =>
  Array.from({ length: count }, (_, i) => [idOf(step * i), oldVector(step * i)] as const)
const source = (count: number) => new MemorySource(FROM, numbered(count))

/** That the target holds the new vector of every row of the source, and nothing else. */
function expectWhole(disk: Disk, count: number): void {
  expect([...(disk.rows ?? new Map<string, Float32Array>()).keys()].sort()).toEqual(numbered(count).map(([id]) => id))
  for (let i = 0; i < count; i++) expect(disk.rows?.get(idOf(i))).toEqual(newVector(i))
}

describe('migrateStore', () => {
  test.each([0, 1, 9, 10, 11, 35])('maps %i rows in pages of 10, and reads the old ones only', async (count) => {
    const from = source(count)
    const before = [...from.rows].map(([id, vector]) => [id, [...vector]])
    const target = new MemoryTarget(TO)
    const done = await migrateStore({ map: weights, source: from, target }, { page: 10 })
    expect(done).toMatchObject({ rows: count, before: 0, late: 0 })
    expectWhole(target.disk, count)
    expect([...from.rows].map(([id, vector]) => [id, [...vector]])).toEqual(before)
    expect(target.disk.entry).toMatchObject({ state: 'done', rows: count, created: true, source: 'items.old' })
  })

  test.each([true, false])('goes on after a crash at any operation, transactions: %s', async (transactions) => {
    const count = 23
    let crashes = 0
    for (let at = 0; ; at++) {
      const disk = emptyDisk()
      const run = (crash?: Crash) =>
        migrateStore(
          { map: weights, source: source(count), target: new MemoryTarget(TO, disk, { transactions, crash }) },
          { page: 5 },
        )
      const error: unknown = await run(new Crash(at)).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error === undefined) break
      expect(error).toMatchObject({ message: 'crash' })
      crashes++
      // And once more, a little further on.
      await run(new Crash(7)).catch(() => undefined)
      await run()
      expectWhole(disk, count)
      expect(disk.entry).toMatchObject({ state: 'done', rows: count })
      const most = Math.max(...disk.written.values())
      if (transactions) expect(most).toBe(1)
    }
    expect(crashes).toBeGreaterThan(count)
  })

  test('what was written before a crash is not mapped again', async () => {
    const disk = emptyDisk()
    const run = (crash?: Crash) =>
      migrateStore({ map: weights, source: source(40), target: new MemoryTarget(TO, disk, { transactions: true, crash }) }, { page: 10 }) // prettier-ignore
    await run(new Crash(31)).catch(() => undefined)
    expect(disk.entry).toMatchObject({ state: 'running', rows: 20, after: idOf(19) })
    expect(await run()).toMatchObject({ rows: 20, before: 20 })
  })

  test('rows that are added meanwhile come too, behind where it is and in front', async () => {
    const from = source(30)
    const target = new MemoryTarget(TO)
    const late: VectorMap = {
      ...weights,
      map(x, options) {
        if (x.get(0, 0) === 10) for (const i of [30, 31]) from.rows.set(idOf(i), oldVector(i))
        if (x.get(0, 0) === 10) from.rows.set('row 0000 and a half', oldVector(2))
        return weights.map(x, options)
      },
    }
    expect(await migrateStore({ map: late, source: from, target }, { page: 10 })).toMatchObject({ rows: 33, late: 1 })
    expect(target.disk.rows?.size).toBe(33)
    expect(target.disk.rows?.get('row 0000 and a half')).toEqual(newVector(2))
    expect(target.disk.rows?.get(idOf(31))).toEqual(newVector(31))
  })

  test('after the end it adds what is lacking, and nothing else', async () => {
    const from = source(25)
    const target = new MemoryTarget(TO)
    await migrateStore({ map: weights, source: from, target }, { page: 10 })
    expect(await migrateStore({ map: weights, source: from, target })).toMatchObject({ rows: 0, before: 25 })
    target.disk.rows?.delete(idOf(7))
    from.rows.set(idOf(25), oldVector(25))
    expect(await migrateStore({ map: weights, source: from, target })).toMatchObject({ rows: 2, late: 2 })
    expectWhole(target.disk, 26)
    expect(Math.max(...target.disk.written.values())).toBe(2)
    expect([...target.disk.written].filter(([, times]) => times === 2).map(([id]) => id)).toEqual([idOf(7)])
  })

  test('a dry run maps all and writes nothing', async () => {
    const target = new MemoryTarget(TO)
    expect(await migrateStore({ map: weights, source: source(25), target }, { dryRun: true })).toMatchObject({
      rows: 25,
    })
    expect(target.disk).toEqual(emptyDisk())
  })

  test('holds three pages at most', async () => {
    const from = source(200)
    let mapped = 0
    let ahead = 0
    const map: VectorMap = {
      ...weights,
      async map(x, options) {
        await new Promise((resolve) => setTimeout(resolve))
        mapped++
        ahead = Math.max(ahead, from.pagesRead - mapped)
        return weights.map(x, options)
      },
    }
    await migrateStore({ map, source: from, target: new MemoryTarget(TO) }, { page: 10 })
    expect(mapped).toBe(20)
    expect(ahead).toBe(1)
  })

  test('tells how far it is', async () => {
    const seen: number[] = []
    const onProgress = ({ done, total }: { done: number; total: number }) => void seen.push(done / total)
    await migrateStore({ map: weights, source: source(40), target: new MemoryTarget(TO) }, { page: 10, onProgress })
    expect(seen).toEqual([0.25, 0.5, 0.75, 1])
  })

  test('an abort leaves what it wrote, to be gone on with', async () => {
    const stop = new AbortController()
    const target = new MemoryTarget(TO)
    const migration = { map: weights, source: source(40), target }
    const onProgress = ({ done }: { done: number }) => {
      if (done === 20) stop.abort(new Error('enough'))
    }
    await expect(migrateStore(migration, { page: 10, signal: stop.signal, onProgress })).rejects.toThrow('enough')
    expect(target.disk.entry?.rows).toBe(20)
    await migrateStore(migration, { page: 10 })
    expectWhole(target.disk, 40)
    expect(Math.max(...target.disk.written.values())).toBe(1)
  })
})

describe('what is refused', () => {
  const run = (target: MemoryTarget, map = weights, from = source(10)) => migrateStore({ map, source: from, target })

  test('vectors that no migration wrote', async () => {
    const disk = { ...emptyDisk(), rows: new Map([['row 0000', new Float32Array(TO)]]) }
    await expect(run(new MemoryTarget(TO, disk))).rejects.toThrow(
      'items.new holds vectors that no migration wrote: choose another place',
    )
    expect(disk.rows.size).toBe(1)
  })

  test('another map, another source, a later ledger, a target that is gone', async () => {
    const target = new MemoryTarget(TO)
    await run(target)
    await expect(run(target, { ...weights, id: 'others' })).rejects.toThrow('items.new holds 10 vectors of another map')
    const other = new MemorySource(FROM, numbered(10), 'others.old')
    await expect(run(target, weights, other)).rejects.toThrow('made of items.old, not of others.old')
    await expect(run(new MemoryTarget(TO, { ...target.disk, rows: undefined }))).rejects.toThrow('items.new is gone')
    const later = { ...target.disk, entry: { ...target.disk.entry, format: 2 } } as unknown as Disk
    const error: unknown = await run(new MemoryTarget(TO, later)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(MigrationConflictError)
    expect(String(error)).toContain('later version of collimate')
  })

  test('widths that do not fit', async () => {
    await expect(run(new MemoryTarget(4))).rejects.toThrow('items.new has vectors of 4 numbers, the map gives 5')
    await expect(run(new MemoryTarget(TO), weights, new MemorySource(2))).rejects.toThrow(
      'items.old has vectors of 2 numbers, the map takes 3',
    )
  })

  test.each([NaN, Infinity])('a vector with %d: the row is named, and those before it are there', async (x) => {
    const from = source(10)
    from.rows.set(idOf(7), Float32Array.of(0, x, 0))
    const target = new MemoryTarget(TO)
    await expect(migrateStore({ map: weights, source: from, target }, { page: 5 })).rejects.toThrow(
      `items.old: the vector of the row with id row 0007 has ${x} at 1`,
    )
    expect(target.disk.rows?.size).toBe(5)
    from.rows.set(idOf(7), oldVector(7))
    await migrateStore({ map: weights, source: from, target })
    expectWhole(target.disk, 10)
  })

  test('a second run at the same time: one of the two stops, and all is there', async () => {
    const disk = emptyDisk()
    const slow: VectorMap = {
      ...weights,
      async map(x, options) {
        await new Promise((resolve) => setTimeout(resolve, Math.random()))
        return weights.map(x, options)
      },
    }
    await migrateStore({ map: weights, source: source(0), target: new MemoryTarget(TO, disk) })
    const runs = [1, 2].map(() => migrateStore({ map: slow, source: source(60), target: new MemoryTarget(TO, disk) }, { page: 5 })) // prettier-ignore
    const ends = await Promise.allSettled(runs)
    const failed = ends.filter((end) => end.status === 'rejected')
    expect(failed.length).toBeGreaterThan(0)
    for (const { reason } of failed)
      expect(String(reason)).toContain('another run of this migration writes to items.new')
    await migrateStore({ map: weights, source: source(60), target: new MemoryTarget(TO, disk) })
    expectWhole(disk, 60)
  })

  test('a target without a ledger', async () => {
    const target = Object.assign(new MemoryTarget(TO), { ledger: undefined })
    await expect(run(target as unknown as MemoryTarget)).rejects.toThrow('items.new keeps no ledger')
  })
})

describe('rollbackStore', () => {
  test('drops what the migration made', async () => {
    const target = new MemoryTarget(TO)
    await migrateStore({ map: weights, source: source(10), target })
    expect(await rollbackStore({ target })).toMatchObject({ rows: 10, created: true })
    expect(target.disk).toMatchObject({ rows: undefined, entry: undefined })
  })

  test('empties what was there before it', async () => {
    const target = new MemoryTarget(TO, { ...emptyDisk(), rows: new Map<string, Float32Array>() })
    await migrateStore({ map: weights, source: source(10), target })
    await rollbackStore({ target })
    expect(target.disk.rows?.size).toBe(0)
    expect(target.disk.entry).toBeUndefined()
  })

  test('touches nothing where there was no migration', async () => {
    const rows = new Map([['row 0000', new Float32Array(TO)]])
    const target = new MemoryTarget(TO, { ...emptyDisk(), rows })
    expect(await rollbackStore({ target })).toBeUndefined()
    expect(target.disk.rows).toBe(rows)
  })

  test('after a crash in it, it is done by the next call', async () => {
    for (let at = 0; at < 2; at++) {
      const disk = emptyDisk()
      await migrateStore({ map: weights, source: source(10), target: new MemoryTarget(TO, disk) })
      const target = new MemoryTarget(TO, disk, { crash: new Crash(at) })
      await expect(rollbackStore({ target })).rejects.toThrow('crash')
      await rollbackStore({ target: new MemoryTarget(TO, disk) })
      expect(disk).toMatchObject({ rows: undefined, entry: undefined })
    }
  })
})

test('a page has 8 MiB of vectors, within limits', () => {
  expect(pageRows({ from: 768, to: 1536 })).toBe(910)
  expect(pageRows({ from: 1, to: 1 })).toBe(8192)
  expect(pageRows({ from: 100_000, to: 100_000 })).toBe(32)
})
