import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { PANEL, STEP_FLOPS } from '../support/constants.js'
import { expectSame } from '../support/expectations.js'
import { identity, positiveDefinite } from '../support/factors.js'
import {
  finish, geqp3, geqrf, gejsv, getrf, ormqr, potrf, steqr, syev, sytrd, tpqrt, type Job,
} from '../support/jobs.js' // prettier-ignore
import { drive, KernelMemory } from '../support/kernel-memory.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { symmetric } from '../support/symmetric-types.js'

/** A resumable kernel at a size: how to start it, all numbers that come out, and about how many operations it takes. */
interface Resumable {
  readonly start: (memory: KernelMemory, n: number, seed: number) => Job<ArrayLike<number>>
  readonly flops: (n: number) => number
  /** An order at which it takes several steps. Default 288. */
  readonly large?: number
}

function mapped<T, R>(job: Job<T>, f: (result: T) => R): Job<R> {
  return { ...job, result: () => f(job.result()) }
}

function concat(...parts: ArrayLike<number>[]): number[] {
  return parts.flatMap((part) => Array.from(part))
}

/** Reflectors to apply, of a size that does not matter here. */
function reflectors(n: number, seed: number) {
  const memory = new KernelMemory()
  return finish(memory, geqrf(memory, gaussian(n, n, seed)))
}

function symmetricGaussian(n: number, seed: number): Matrix {
  const G = gaussian(n, n, seed)
  return symmetric(n, (i, j) => G.get(i, j))
}

const RESUMABLE: Record<string, Resumable> = {
  dgeqrf: {
    start: (memory, n, seed) =>
      mapped(geqrf(memory, gaussian(n, n, seed)), ({ factored, tau }) => concat(factored.data, tau)),
    flops: (n) => (4 / 3) * n ** 3,
  },
  dormqr: {
    start: (memory, n, seed) => mapped(ormqr(memory, reflectors(n, seed), identity(n, n)), (Q) => Q.data),
    flops: (n) => 2 * n ** 3,
  },
  dgeqp3: {
    start: (memory, n, seed) =>
      mapped(geqp3(memory, gaussian(n, n, seed)), ({ factored, tau, pivots }) => concat(factored.data, tau, pivots)),
    flops: (n) => (4 / 3) * n ** 3,
  },
  dtpqrt: {
    start: (memory, n, seed) =>
      mapped(
        tpqrt(memory, oracle.triangle(gaussian(n, n, seed), true), gaussian(n, n, seed + 1)),
        (R) => oracle.triangle(R, true).data,
      ),
    flops: (n) => 2 * n ** 3,
  },
  dgetrf: {
    start: (memory, n, seed) =>
      mapped(getrf(memory, gaussian(n, n, seed)), ({ factored, exchanges }) => concat(factored.data, exchanges)),
    flops: (n) => (2 / 3) * n ** 3,
    large: 416,
  },
  dpotrf: {
    start: (memory, n, seed) =>
      mapped(
        potrf(memory, positiveDefinite(gaussian(n, n, seed))),
        ({ factored }) => oracle.triangle(factored, false).data,
      ),
    flops: (n) => (1 / 3) * n ** 3,
    large: 480,
  },
  dgejsv: {
    start: (memory, n, seed) =>
      mapped(gejsv(memory, gaussian(n, n, seed), n, true), ({ sigma, U, V }) => concat(sigma, U.data, V.data)),
    // Two factorisations, the eigenvectors (one QL sweep of half the length for each, 6 operations), the solve and Q.
    flops: (n) => 12 * n ** 3,
  },
  dsytrd: {
    start: (memory, n, seed) =>
      mapped(sytrd(memory, symmetricGaussian(n, seed)), ({ factored, tau, d, e }) =>
        concat(oracle.triangle(factored, false).data, tau, d, e),
      ),
    flops: (n) => (4 / 3) * n ** 3,
  },
  dsteqr: {
    start: (memory, n, seed) =>
      mapped(
        steqr(memory, { d: gaussian(n, 1, seed).data, e: gaussian(n, 1, seed + 1).data }, identity(n, n)),
        (eigen) => concat(eigen.values, eigen.Z.data),
      ),
    // One sweep of half the length for each eigenvalue at least, 6 operations a rotation and row.
    flops: (n) => 3 * n ** 3,
  },
  dsyev: {
    start: (memory, n, seed) =>
      mapped(syev(memory, symmetricGaussian(n, seed), true), ({ values, Z }) => concat(values, Z.data)),
    flops: (n) => (4 / 3 + 2 + 3) * n ** 3,
  },
}

onEveryBinary(() => {
  describe.each(Object.entries(RESUMABLE))('%s', (_name, { start, flops, large = 288 }) => {
    function stepsOf(n: number): number {
      return drive(start(new KernelMemory(), n, 1).step)
    }

    test('comes back after a bounded piece of work', () => {
      expect(flops(large) / STEP_FLOPS, 'the size is large enough to tell').toBeGreaterThan(0.9)
      const [small, steps] = [stepsOf(PANEL), stepsOf(large)]
      expect(small).toBeLessThan(30)
      expect(steps).toBeGreaterThan(small)
      expect(flops(large) / steps, 'operations a step').toBeLessThan(2 * STEP_FLOPS)
    })

    test('two at a time in one memory give what they give one after the other', () => {
      const sizes: [number, number] = [3 * PANEL + 1, 2 * PANEL + 3]
      const alone = sizes.map((n) => {
        const memory = new KernelMemory()
        return finish(memory, start(memory, n, n))
      })
      const memory = new KernelMemory()
      const jobs = sizes.map((n) => start(memory, n, n))
      let left = jobs
      while (left.length > 0) left = left.filter((job) => memory.run(job.outputs, job.step) !== 0)
      jobs.forEach((job, i) => {
        expectSame(job.result(), alone[i], `size ${sizes[i]}`)
      })
    })
  })

  test('different kernels take turns', () => {
    const memory = new KernelMemory()
    const starts = Object.values(RESUMABLE).map(({ start }) => start)
    const alone = starts.map((start) => {
      const own = new KernelMemory()
      return finish(own, start(own, PANEL + 5, 2))
    })
    const jobs = starts.map((start) => start(memory, PANEL + 5, 2))
    let left = jobs
    while (left.length > 0) left = left.filter((job) => job.step() !== 0)
    jobs.forEach((job, i) => {
      expectSame(job.result(), alone[i], Object.keys(RESUMABLE)[i])
    })
  })

  test('an empty matrix takes one step, which says that nothing is left', () => {
    const empty = new Matrix(0, 0)
    for (const make of [geqrf, geqp3, getrf, potrf]) expect(drive(make(new KernelMemory(), empty).step)).toBe(1)
    expect(drive(tpqrt(new KernelMemory(), empty, empty).step)).toBe(1)
    for (const make of [sytrd, (memory: KernelMemory, A: Matrix) => syev(memory, A, true)]) {
      expect(drive(make(new KernelMemory(), empty).step)).toBe(1)
    }
    expect(drive(steqr(new KernelMemory(), { d: [], e: [] }, empty).step)).toBe(1)
    expect(drive(ormqr(new KernelMemory(), { factored: empty, tau: new Float64Array(0) }, empty).step)).toBe(1)
  })
})
