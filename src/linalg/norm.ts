import type { Matrix } from '../matrix.js'
import { finiteMatrix, oneOf } from '../validation.js'
import { columnOf, type RightHandSide } from './right-hand-side.js'
import { svdvals } from './svd.js'

/**
 * 'fro': root of the sum of squares; 1: largest column sum; 'inf': largest row sum; 2: largest singular value; 'nuc' (nuclear): sum of
 * the singular values.
 */
export type NormKind = 'fro' | 1 | 2 | 'inf' | 'nuc'

/** Without over- or underflow: the sum of squares of the entries over the largest one. */
function frobenius({ data }: Matrix): number {
  let largest = 0
  for (const x of data) largest = Math.max(largest, Math.abs(x))
  if (largest === 0) return 0
  let sum = 0
  for (const x of data) sum += (x / largest) ** 2
  return largest * Math.sqrt(sum)
}

function largestColumnSum({ rows, cols, data }: Matrix): number {
  const sums = new Float64Array(cols)
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) sums[j] += Math.abs(data[i * cols + j])
  return sums.reduce((a, b) => Math.max(a, b), 0)
}

function largestRowSum({ rows, cols, data }: Matrix): number {
  let largest = 0
  for (let i = 0; i < rows; i++) {
    let sum = 0
    for (let j = 0; j < cols; j++) sum += Math.abs(data[i * cols + j])
    largest = Math.max(largest, sum)
  }
  return largest
}

/**
 * A norm of a matrix, or of a vector as a matrix of one column: 'fro' and 2 are its length, 1 sums the magnitudes, 'inf' is the largest. 0 if
 * it is empty.
 *
 * @param kind - 'fro' (default), 1, 2, 'inf' or 'nuc'; 2 and 'nuc' cost as much time and memory as {@link svdvals}, the others no
 *   WebAssembly memory
 * @throws TypeError if A is neither matrix nor vector, RangeError if an entry is not finite or `kind` is unknown
 */
export function norm(A: RightHandSide, kind: NormKind = 'fro'): number {
  const matrix = finiteMatrix(columnOf(A), 'A')
  switch (oneOf(typeof kind === 'number' ? String(kind) : kind, ['fro', '1', '2', 'inf', 'nuc'], 'kind')) {
    case 'fro':
      return frobenius(matrix)
    case '1':
      return largestColumnSum(matrix)
    case 'inf':
      return largestRowSum(matrix)
    case '2':
      return matrix.data.length === 0 ? 0 : svdvals(matrix)[0]
    case 'nuc':
      return svdvals(matrix).reduce((sum, sigma) => sum + sigma, 0)
  }
}
