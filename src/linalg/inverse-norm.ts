import type { Engine } from '../runtime/engine.js'
import type { Columns } from '../runtime/marshal.js'
import type { Steps } from '../steps.js'

/** dlacn2's ITMAX. */
const MOST_ASCENTS = 5
const SOLVED = { phase: 'condition', done: 0, total: 1 }

function sumOfMagnitudes(x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i])
  return sum
}

function rowOfLargest(x: Float64Array): number {
  let row = 0
  for (let i = 1; i < x.length; i++) if (Math.abs(x[i]) > Math.abs(x[row])) row = i
  return row
}

/** x = sign(x); whether any sign differs from the last ones. */
function takeSigns(x: Float64Array, last: Float64Array): boolean {
  let changed = false
  for (let i = 0; i < x.length; i++) {
    x[i] = x[i] < 0 ? -1 : 1
    if (x[i] !== last[i]) changed = true
  }
  last.set(x)
  return changed
}

/**
 * An estimate of norm(A^-1) in the 1-norm from the factors of A (LAPACK dgecon and dlacn2; Hager 1984, Higham 1988): a lower bound, rarely
 * below a third of the norm. It maximises norm(A^-1 x) over norm(x) = 1 by at most five ascents along subgradients, and tries a vector of
 * alternating signs against the matrices that deceive them. A piece is one solve with a vector. Overflow makes the estimate infinite or NaN,
 * which the caller takes for singular.
 *
 * @param vector - where n doubles are free
 */
export function* inverseNormSteps(engine: Engine, factors: Columns, vector: number): Steps<number> {
  const { rows: n, pointer, stride } = factors
  const x = engine.doubles(vector, n)
  const signs = new Float64Array(n)
  const solve = (transposed: 0 | 1) => {
    engine.kernels.dgetrs(transposed, n, pointer, stride, vector)
  }
  // The average of all columns.
  x.fill(1 / n)
  solve(0)
  yield SOLVED
  let estimate = sumOfMagnitudes(x)
  if (n <= 1) return estimate
  takeSigns(x, signs)
  for (let ascent = 1, column = -1; ; ascent++) {
    solve(1)
    yield SOLVED
    // Where the norm grows fastest is the next column, unless it is the last one again.
    const row = rowOfLargest(x)
    const again = column >= 0 && Math.abs(x[column]) === Math.abs(x[row])
    if (again || ascent === MOST_ASCENTS) break
    column = row
    x.fill(0)
    x[column] = 1
    solve(0)
    yield SOLVED
    const norm = sumOfMagnitudes(x)
    const grows = norm > estimate
    // Negated, so that NaN stays.
    if (!(norm <= estimate)) estimate = norm
    if (!takeSigns(x, signs) || !grows) break
  }
  for (let i = 0; i < n; i++) x[i] = (i % 2 === 0 ? 1 : -1) * (1 + i / (n - 1))
  solve(0)
  yield SOLVED
  const other = (2 * sumOfMagnitudes(x)) / (3 * n)
  return other <= estimate ? estimate : other
}
