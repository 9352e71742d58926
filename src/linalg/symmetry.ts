import { Matrix } from '../matrix.js'

/**
 * What may separate entries (i, j) and (j, i), as a part of the largest magnitude: 2^13 units of rounding, what a product
 * of tens of thousands of terms leaves in a matrix that is symmetric by construction.
 */
const ASYMMETRY = { float64: 2 ** -40, float32: 2 ** -11 }

/** Side of a tile: rows and columns of one stay in cache while their entries are compared. */
const TILE = 32

function largestMagnitude(data: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]))
  return largest
}

/** Calls `visit(i, j)` for every pair i > j, tile by tile. */
function forEachPair(n: number, visit: (i: number, j: number) => void): void {
  for (let i0 = 0; i0 < n; i0 += TILE) {
    for (let j0 = 0; j0 <= i0; j0 += TILE) {
      for (let i = i0; i < Math.min(i0 + TILE, n); i++) {
        for (let j = j0; j < Math.min(j0 + TILE, i); j++) visit(i, j)
      }
    }
  }
}

/** The largest difference between an entry and its mirror image, and where it is. */
function worstPair({ data, rows: n }: Matrix): { difference: number; i: number; j: number } {
  const worst = { difference: 0, i: 0, j: 0 }
  forEachPair(n, (i, j) => {
    const difference = Math.abs(data[i * n + j] - data[j * n + i])
    if (difference > worst.difference) Object.assign(worst, { difference, i, j })
  })
  return worst
}

/**
 * (A + A^T) / 2 of a finite matrix that is symmetric up to rounding; A itself where it is exactly symmetric.
 *
 * @throws RangeError if A is not square, or with the pair of entries that differ most if A is not symmetric
 */
export function symmetricPart(A: Matrix, name: string): Matrix {
  const { rows: n, cols, data } = A
  if (n !== cols) throw new RangeError(`${name} must be square and symmetric, got ${n} x ${cols}`)
  const { difference, i, j } = worstPair(A)
  if (difference === 0) return A
  const tolerance = data instanceof Float32Array ? ASYMMETRY.float32 : ASYMMETRY.float64
  if (difference > tolerance * largestMagnitude(data)) {
    throw new RangeError(
      `${name} must be symmetric, got ${data[i * n + j]} at (${i}, ${j}) but ${data[j * n + i]} at (${j}, ${i}): ` +
        `pass its symmetric part (${name} + ${name}^T) / 2 if that is what is meant`,
    )
  }
  const mean = Float64Array.from(data)
  forEachPair(n, (r, c) => {
    const [x, y] = [data[r * n + c], data[c * n + r]]
    // Of this form neither the sum nor the difference overflows, and equal entries stay as they are.
    mean[r * n + c] = mean[c * n + r] = x + (y - x) / 2
  })
  return new Matrix(n, n, mean)
}
