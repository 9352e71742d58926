import { expect, test } from 'vitest'
import { Matrix, type Precision } from '../../src/matrix.js'
import { epsilon, onEveryBinary, onEveryBuild } from '../support/binaries.js'
import { kahan } from '../support/constructed.js'
import { around, MAX_SWEEPS, MC, PANEL } from '../support/constants.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { AWKWARD, finish, gejsv, type Decomposition } from '../support/jobs.js'
import { KernelMemory } from '../support/kernel-memory.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import { gaussian } from '../support/random.js'
import { factorisationRatio, orthogonalityRatio } from '../support/ratios.js'

const BOUND = 10
const EPS = Number.EPSILON

/** Every combination of vectors that the kernel offers: columns of U (0, n, m) with and without V. */
function check(A: Matrix, what: string, layout = AWKWARD, precision: Precision = 'f64'): Decomposition {
  const { rows: m, cols: n } = A
  const eps = epsilon(precision)
  const run = (columnsU: number, wantV: boolean) => {
    const memory = new KernelMemory(precision)
    return finish(memory, gejsv(memory, A, columnsU, wantV, layout))
  }
  const thin = run(n, true)
  expect(thin.sigma.every((s, i) => s >= 0 && (i === 0 || s <= thin.sigma[i - 1]))).toBe(true)
  expect(factorisationRatio(A, thin.U, thin.sigma, thin.V, eps), `residual, ${what}`).toBeLessThanOrEqual(BOUND)
  for (const columnsU of new Set([0, n, m])) {
    for (const wantV of [false, true]) {
      const { sigma, U, V } = columnsU === n && wantV ? thin : run(columnsU, wantV)
      const which = `${columnsU} columns of U, ${wantV ? 'V' : 'no V'}, ${what}`
      const bound = sigma.map(() => BOUND * m * eps * (thin.sigma.length === 0 ? 0 : thin.sigma[0]))
      expectWithin(sigma, thin.sigma, bound, which)
      expect(orthogonalityRatio(U, eps), `U, ${which}`).toBeLessThanOrEqual(BOUND)
      expect(orthogonalityRatio(V, eps), `V, ${which}`).toBeLessThanOrEqual(BOUND)
      if (columnsU > 0 && wantV) {
        expect(factorisationRatio(A, U, sigma, V, eps), `residual, ${which}`).toBeLessThanOrEqual(BOUND)
      }
    }
  }
  return thin
}

onEveryBinary(() => {
  test('shapes from one entry to around a panel', () => {
    for (const n of [1, 2, 3, 4, 5, 8]) for (const m of [n, n + 1, 3 * n]) check(gaussian(m, n, m + n), `${m} x ${n}`)
    for (const n of around(PANEL)) check(gaussian(n + 2, n, n), `${n + 2} x ${n}`)
    check(gaussian(MC + 1, 5, 1), 'tall')
    check(gaussian(2 * PANEL + 1, 2 * PANEL + 1, 1), 'square', { gap: 0, offset: 0 })
  })

  test('nothing at all', () => {
    for (const m of [0, 1, 5]) {
      for (const columnsU of [0, m]) {
        const memory = new KernelMemory()
        const { U } = finish(memory, gejsv(memory, new Matrix(m, 0), columnsU, true))
        expect(orthogonalityRatio(U)).toBe(0)
      }
    }
  })

  test('says how it converged: one sweep after the eigenvectors, several where there are none or graded ones', () => {
    const how = (A: Matrix) => {
      const memory = new KernelMemory()
      const { sweeps, rotations, cosineLeft } = finish(memory, gejsv(memory, A, A.cols, true))
      const pairs = (A.cols * (A.cols - 1)) / 2
      expect(sweeps).toBeLessThan(MAX_SWEEPS)
      expect(rotations).toBeLessThanOrEqual(sweeps * pairs)
      // The stopping rule.
      expect(cosineLeft).toBeLessThanOrEqual(Math.sqrt(A.cols) * EPS)
      return { sweeps, rotations: rotations / pairs }
    }
    const random = how(gaussian(60, 50, 1))
    expect(random.sweeps).toBe(1)
    expect(random.rotations).toBeLessThan(0.5)
    const few = how(gaussian(12, 12, 1))
    expect(few.sweeps).toBeGreaterThan(2)
    expect(few.rotations).toBeGreaterThan(1)
    const graded = gaussian(60, 50, 1)
    for (let i = 0; i < 60; i++) for (let j = 0; j < 50; j++) graded.set(i, j, graded.get(i, j) * 2 ** -j)
    expect(how(graded).sweeps).toBeGreaterThan(1)
  })

  test('Jacobi alone, with its rotations accumulated, over several tiles: a column of zeros', () => {
    const A = gaussian(200, 190, 1)
    for (let i = 0; i < 200; i++) A.set(i, 70, 0)
    check(A, 'a column of zeros')
  })

  test('a range whose squares leave float64, with columns enough for eigenvectors', () => {
    // Beyond 1e120 between the largest and the smallest entry the matrix is scaled to the top of the range.
    for (const tiny of [1e-119, 1e-121, 1e-200, 1e-300]) {
      const A = gaussian(44, 40, 5)
      A.set(3, 5, tiny)
      check(A, `one entry of ${tiny}`)
      const halves = gaussian(60, 50, 6)
      for (let i = 0; i < 60; i++) for (let j = 25; j < 50; j++) halves.set(i, j, halves.get(i, j) * tiny)
      check(halves, `half of the columns times ${tiny}`)
    }
  })

  test('groups of columns around the least size, and apart by more than their range', () => {
    for (const sizes of [[15], [16], [17, 1], [16, 15], [20, 40, 16]]) {
      const n = sizes.reduce((a, b) => a + b)
      const A = gaussian(n, n, n)
      let from = 0
      sizes.forEach((size, group) => {
        for (let j = from; j < from + size; j++)
          for (let i = 0; i < n; i++) A.set(i, j, A.get(i, j) * 2 ** (-30 * group))
        from += size
      })
      check(A, `groups ${sizes.join()}`)
    }
  })

  // The phases of assembly/factor/gejsv.ts.
  const [SECOND_QR, CORRECT_V] = [2, 5]

  /** The phases that a full decomposition goes through, each time it enters one. */
  function phases(A: Matrix): number[] {
    const memory = new KernelMemory()
    const job = gejsv(memory, A, A.cols, true)
    const entered: number[] = []
    memory.run(job.outputs, () => {
      for (let phase = job.step(); phase !== 0; phase = job.step()) if (entered.at(-1) !== phase) entered.push(phase)
    })
    const { U, sigma, V } = job.result()
    expect(orthogonalityRatio(V)).toBeLessThanOrEqual(BOUND)
    expect(orthogonalityRatio(U)).toBeLessThanOrEqual(BOUND)
    expect(factorisationRatio(A, U, sigma, V)).toBeLessThanOrEqual(BOUND)
    return entered
  }

  test('right vectors: solved for, corrected where that loses digits, accumulated where it loses all', () => {
    const again = (entered: number[]) => entered.filter((phase) => phase === SECOND_QR).length > 1
    const plain = phases(gaussian(24, 24, 3))
    expect(plain).not.toContain(CORRECT_V)
    expect(again(plain)).toBe(false)
    // Pivoting leaves Kahan's triangle as it is: the one kind of R1 that stays ill conditioned whatever its rows are scaled by.
    const corrected = phases(kahan(16, 0.5))
    expect(corrected).toContain(CORRECT_V)
    expect(again(corrected)).toBe(false)
    expect(again(phases(kahan(100, 0.3)))).toBe(true)
  })

  test('a limit of sweeps: says at the end that it was reached, and leaves the factors as they are by then', () => {
    const A = gaussian(14, 12, 1)
    const decompose = (maxSweeps: number) => {
      const memory = new KernelMemory()
      const job = gejsv(memory, A, 12, true, AWKWARD, maxSweeps)
      let phase = 1
      memory.run(job.outputs, () => {
        while (phase > 0) phase = job.step()
      })
      return { phase, ...job.result() }
    }
    const { sweeps } = decompose(MAX_SWEEPS)
    expect(sweeps).toBeGreaterThan(2)
    const limited = decompose(2)
    expect(limited.phase).toBe(-1)
    expect(limited.sweeps).toBe(2)
    expect(factorisationRatio(A, limited.U, limited.sigma, limited.V)).toBeLessThanOrEqual(BOUND)
    expect(decompose(sweeps).phase).toBe(0)
  })

  test('orthogonal columns need no rotation', () => {
    const A = new Matrix(40, 12)
    for (let j = 0; j < 12; j++) A.set(3 * j, j, j + 1)
    const memory = new KernelMemory()
    const { sigma, rotations, sweeps } = finish(memory, gejsv(memory, A, 12, true))
    expectSame(sigma, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 'singular values')
    expect(rotations).toBe(0)
    expect(sweeps).toBe(1)
  })

  test('ends in as many steps as ever on what the boundary never lets through, and leaves nothing behind', () => {
    const finite = gaussian(20, 10, 1)
    const memory = new KernelMemory()
    const decompose = (A: Matrix) => {
      const job = gejsv(memory, A, 10, true)
      const phases: number[] = []
      memory.run(job.outputs, () => {
        do phases.push(job.step())
        while (phases[phases.length - 1] > 0 && phases.length < 1000)
      })
      return { steps: phases.length, ...job.result() }
    }
    const expected = decompose(finite)
    expect(expected.steps).toBeLessThan(100)
    for (const bad of [NaN, Infinity, -Infinity]) {
      const A = gaussian(20, 10, 1)
      A.set(7, 3, bad)
      expect(decompose(A).steps, String(bad)).toBeLessThanOrEqual(2 * expected.steps)
      const { sigma, steps } = decompose(finite)
      expectSame(sigma, expected.sigma, `after ${bad}`)
      expect(steps).toBe(expected.steps)
    }
  })
})

onEveryBuild((precision) => {
  test.each(MATRIX_TYPES)('%s', (type) => {
    for (const [m, n] of [
      [PANEL + 9, PANEL + 2],
      [PANEL + 1, PANEL + 1],
      [11, 7],
    ]) {
      check(matrixOfType(type, m, n, m * n, precision), `${m} x ${n}`, AWKWARD, precision)
    }
  })
})
