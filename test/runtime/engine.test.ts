import { describe, expect, test } from 'vitest'
import { svd, svdSteps } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { columnStride, Engine } from '../../src/runtime/engine.js'
import { binaryName } from '../../src/runtime/index.js'
import type { Steps } from '../../src/steps.js'
import { onEveryBinary } from '../support/binaries.js'
import { gaussian } from '../support/random.js'

/** Where the next allocation would begin. */
function mark(engine: Engine): number {
  return engine.scope(() => engine.allocate(1))
}

test('columns start on cache lines, an odd number of them apart', () => {
  for (let rows = 0; rows <= 300; rows++) {
    const stride = columnStride(rows)
    expect(stride).toBeGreaterThanOrEqual(rows)
    expect(stride).toBeLessThan(rows + 17)
    expect(stride % 16).toBe(8)
  }
})

onEveryBinary((binary) => {
  test('runs the build that was asked for, compiled once for all instances', () => {
    expect(binaryName()).toBe(binary)
    expect(Engine.create().binary).toBe(binary)
    expect(Engine.shared()).toBe(Engine.shared())
    expect(Engine.create()).not.toBe(Engine.shared())
    expect(Engine.create().memory).not.toBe(Engine.shared().memory)
  })

  describe('the arena', () => {
    test('gives aligned blocks that do not overlap', () => {
      const engine = Engine.create()
      let end = engine.kernels.heapBase()
      for (const bytes of [0, 1, 7, 8, 63, 64, 65, 1000, 200_000]) {
        const start = engine.allocate(bytes)
        expect(start % 64).toBe(0)
        expect(start).toBeGreaterThanOrEqual(end)
        end = start + bytes
        expect(engine.memoryBytes).toBeGreaterThanOrEqual(end)
      }
    })

    test('keeps what lies in memory when it grows', () => {
      const engine = Engine.create()
      const first = engine.allocateDoubles(3)
      engine.doubles(first, 3).set([1, 2, 3])
      const before = engine.memoryBytes
      const large = engine.allocate(before + 1)
      expect(engine.memoryBytes).toBeGreaterThan(before)
      expect(Array.from(engine.doubles(first, 3))).toEqual([1, 2, 3])
      expect(engine.integers(large, 1)).toHaveLength(1)
    })

    test('a scope gives back what was allocated in it, however it ends', () => {
      const engine = Engine.create()
      const start = mark(engine)
      expect(engine.scope(() => engine.scope(() => engine.allocate(1000) > 0))).toBe(true)
      expect(mark(engine)).toBe(start)
      const fail = () =>
        engine.scope(() => {
          engine.allocate(1000)
          throw new Error('inside')
        })
      expect(fail).toThrow('inside')
      expect(mark(engine)).toBe(start)
    })

    test('so does a scope in steps: at the end, on an error, and when it is abandoned', () => {
      const engine = Engine.create()
      const start = mark(engine)
      const work = (fails: boolean): Steps<number> =>
        engine.scopeSteps(function* () {
          engine.allocate(1000)
          yield { phase: 'first', done: 0, total: 1 }
          if (fails) throw new Error('inside')
          return 1
        })

      const whole = work(false)
      whole.next()
      expect(mark(engine)).toBeGreaterThan(start)
      expect(whole.next()).toEqual({ done: true, value: 1 })
      expect(mark(engine)).toBe(start)

      const failing = work(true)
      failing.next()
      expect(() => failing.next()).toThrow('inside')
      expect(mark(engine)).toBe(start)

      const abandoned = work(false)
      abandoned.next()
      abandoned.return(0)
      expect(mark(engine)).toBe(start)
    })

    test('the same work again and again needs no more memory', () => {
      const A = gaussian(120, 90, 1)
      for (let i = 0; i < 3; i++) svd(A, { vectors: 'full' })
      const held = Engine.shared().memoryBytes
      for (let i = 0; i < 30; i++) svd(A, { vectors: i % 2 === 0 ? 'full' : 'thin' })
      expect(Engine.shared().memoryBytes).toBe(held)
    })
  })

  test('work on instances of their own can be interleaved, with work on the shared one in between', () => {
    const matrices = [gaussian(90, 60, 1), gaussian(50, 80, 2), gaussian(70, 70, 3)]
    const expected = matrices.map((A) => svd(A))
    const running = matrices.map((A) => svdSteps(Engine.create(), A, { U: 'thin', V: 'thin' }))
    const results: unknown[] = []
    let left = running.map((steps, i) => ({ steps, i }))
    while (left.length > 0) {
      left = left.filter(({ steps, i }) => {
        const { done, value } = steps.next()
        if (done === true) results[i] = value
        return done !== true
      })
      expect(svd(matrices[2])).toEqual(expected[2])
    }
    expect(results).toEqual(expected)
  })

  test('progress is told in phases, forwards', () => {
    const steps = svdSteps(Engine.create(), gaussian(200, 200, 1), { U: 'thin', V: 'thin' })
    const seen = [...steps].filter((progress) => progress !== undefined)
    const phases = seen.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1])
    // Each phase comes once, in the order of the algorithm, and has a name.
    expect(new Set(phases).size).toBe(phases.length)
    expect(phases.slice(0, 4)).toEqual(['pivoted qr', 'qr', 'eigenvectors', 'jacobi'])
    expect(phases.slice(4)).toContain('v')
    expect(phases[phases.length - 1]).toBe('u')
    seen.forEach(({ phase, done, total }, i) => {
      expect(done).toBeGreaterThanOrEqual(0)
      expect(done).toBeLessThanOrEqual(total)
      if (i > 0 && seen[i - 1].phase === phase) expect(done).toBeGreaterThanOrEqual(seen[i - 1].done)
    })
  })

  test('a matrix without entries needs no special case', () => {
    for (const [m, n] of [
      [0, 0],
      [0, 5],
      [5, 0],
    ]) {
      // prettier-ignore
      expect(svd(new Matrix(m, n)).S).toHaveLength(0)
    }
  })
})
