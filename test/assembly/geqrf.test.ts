import { expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, KC, MC, NC, PANEL } from '../support/constants.js'
import { expectWithin } from '../support/expectations.js'
import { identity, upperTrapezoid } from '../support/factors.js'
import { AWKWARD, finish, geqrf, ormqr, type Reflectors } from '../support/jobs.js'
import { KernelMemory } from '../support/kernel-memory.js'
import { MATRIX_TYPES, matrixOfType } from '../support/matrix-types.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'
import { orthogonalityRatio, productRatio } from '../support/ratios.js'

const BOUND = 10

/** A = Q R with Q formed by the oracle from the reflectors, one at a time. */
function checkFactors(A: Matrix, { factored, tau }: Reflectors, what: string): void {
  const k = Math.min(A.rows, A.cols)
  const Q = oracle.applyReflectors(factored, tau, identity(A.rows, k))
  expect(orthogonalityRatio(Q), `orthogonality, ${what}`).toBeLessThanOrEqual(BOUND)
  expect(productRatio(A, Q, upperTrapezoid(factored, k)), `residual, ${what}`).toBeLessThanOrEqual(BOUND)
}

function checkShape(m: number, n: number, layout = AWKWARD): void {
  const A = gaussian(m, n, m + n)
  const memory = new KernelMemory()
  checkFactors(A, finish(memory, geqrf(memory, A, layout)), `${m} x ${n}`)
}

onEveryBinary(() => {
  test('dgeqrf: shapes around its panel', () => {
    const sizes = [0, 1, 2, ...around(PANEL), 2 * PANEL + 3]
    for (const m of sizes) for (const n of sizes) checkShape(m, n)
    for (const m of around(2 * PANEL)) checkShape(m, m, { gap: 0, offset: 0 })
  })

  test('dgeqrf: tall and wide beyond the blocks of the matrix product', () => {
    for (const m of around(KC, MC)) checkShape(m, PANEL + 1)
    for (const n of around(NC)) checkShape(PANEL + 1, n + PANEL)
    checkShape(3, NC + 2 * PANEL)
    checkShape(2 * KC + 1, 3)
  })

  test.each(MATRIX_TYPES)('dgeqrf: %s', (type) => {
    for (const [m, n] of [
      [PANEL + 9, PANEL + 2],
      [7, 11],
      [2 * PANEL, 3],
    ]) {
      const A = matrixOfType(type, m, n, m * n)
      const memory = new KernelMemory()
      checkFactors(A, finish(memory, geqrf(memory, A)), `${m} x ${n}`)
    }
  })

  test('workspaces grow with the matrix up to the limit of memory, and do not wrap around', () => {
    const { kernels } = new KernelMemory()
    const workspaces: Record<string, (m: number, n: number) => number> = {
      dgemm: (m, n) => kernels.xgemmWorkspace(m, n, n),
      dtrsm: (_, n) => kernels.xtrsmWorkspace(n, n),
      dgeqrf: (m, n) => kernels.xgeqrfWorkspace(m, n),
      dormqr: (m, n) => kernels.xormqrWorkspace(m, n, n),
      dgeqp3: (m, n) => kernels.xgeqp3Workspace(m, n),
      dtpqrt: (m, n) => kernels.xtpqrtWorkspace(m, n),
      dgejsv: (m, n) => kernels.xgejsvWorkspace(m, n, n),
      dsytrd: (m) => kernels.xsytrdWorkspace(m),
      dsteqr: (m, n) => kernels.xsteqrWorkspace(m, n),
      dsyev: (m) => kernels.dsyevWorkspace(m, 1),
      dgetrf: (m, n) => kernels.dgetrfWorkspace(m, n),
      dpotrf: (m) => kernels.dpotrfWorkspace(m),
    }
    for (const [name, workspace] of Object.entries(workspaces)) {
      for (const n of [1, PANEL, 1000]) {
        let before = 0
        // The matrix alone stays below 4 GiB.
        for (let m = n; m * n < 2 ** 29; m *= 2) {
          const bytes = workspace(m, n) >>> 0
          expect(bytes, `${name}, ${m} x ${n}`).toBeGreaterThanOrEqual(before)
          before = bytes
        }
      }
    }
  })

  test('dormqr: Q C as reflector after reflector gives it', () => {
    for (const m of [1, 5, ...around(PANEL), 2 * PANEL + 1, KC + 1]) {
      for (const k of new Set([0, 1, Math.min(m, PANEL - 1), Math.min(m, PANEL + 1), Math.min(m, 2 * PANEL)])) {
        checkApplied(m, k, [0, 1, 3, PANEL - 1, PANEL, PANEL + 1])
      }
    }
    checkApplied(PANEL + 7, PANEL + 1, [NC + 1])
  })

  function checkApplied(m: number, k: number, widths: number[]): void {
    const memory = new KernelMemory()
    const factors = finish(memory, geqrf(memory, gaussian(m, k, 5)))
    for (const n of widths) {
      const C = gaussian(m, n, 6)
      const fresh = new KernelMemory()
      const result = finish(fresh, ormqr(fresh, factors, C))
      // Columns keep their norms, about sqrt(m): the error of either form is a multiple of eps times that.
      const bound = C.data.map(() => 10 * Math.sqrt(m) * (m + k) * Number.EPSILON)
      expectWithin(result.data, oracle.applyReflectors(factors.factored, factors.tau, C).data, bound, `${m} ${k} ${n}`)
    }
  }
})
