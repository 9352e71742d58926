import type { Matrix } from '../matrix.js'
import { largestMagnitude, norm } from '../dense/norms.js'
import { inPieces, type Steps } from '../steps.js'
import { allFinite, finiteMatrix } from '../validation.js'
import type { Operand } from './row-products.js'

// A row whose norm is outside has squares, or a reciprocal, near the ends of the range of a double.
const SAFE_NORM_MIN = 2 ** -400
const SAFE_NORM_MAX = 2 ** 500
const SCALE_DOWN = 2 ** -600
const SCALE_UP = 2 ** 600

/** Rows scaled to the length `length`; a zero row stays zero. */
export function unitOperand(matrix: Matrix, length = 1): Operand {
  const { cols } = matrix
  return {
    matrix,
    prepare(kernels, pointer) {
      let norm = kernels.xnrm2(cols, pointer)
      if (norm === 0) return
      if (norm < SAFE_NORM_MIN || norm > SAFE_NORM_MAX) {
        kernels.xscal(cols, norm > 1 ? SCALE_DOWN : SCALE_UP, pointer)
        norm = kernels.xnrm2(cols, pointer)
      }
      kernels.xscal(cols, length / norm, pointer)
    },
  }
}

/** Float32 rows in a float32 engine, scaled to length 1; a zero row stays zero. Each length is told, to float64's last digits. */
export function singleOperand(matrix: Matrix, tell: (row: number, length: number) => void): Operand {
  const { cols, data } = matrix
  return {
    matrix,
    prepare(kernels, pointer, row) {
      const length = norm(data, row * cols, cols)
      tell(row, length)
      if (length === 0) return
      // The inverse may be outside float32's range, its root never is.
      for (let times = 0; times < 2; times++) kernels.xscal(cols, 1 / Math.sqrt(length), pointer)
    },
  }
}

/** Rows times a power of two. */
export function scaledOperand(matrix: Matrix, scale: number): Operand {
  const { cols } = matrix
  return {
    matrix,
    prepare(kernels, pointer) {
      if (scale !== 1) kernels.xscal(cols, scale, pointer)
    },
  }
}

// Squares of what is inside are inside 2^-200 .. 2^960, and leave room for sums of 2^60 of them.
const COMMON_MIN = 2 ** -100
const COMMON_MAX = 2 ** 480

/**
 * A power of two by which the largest entry of all comes into a range where no inner product overflows; 1 where it is there already, as
 * it nearly always is. Products below 2^-800 of the largest may vanish.
 */
export function* commonScaleSteps(...matrices: Matrix[]): Steps<number> {
  let largest = 0
  for (const { rows, cols, data } of matrices) {
    yield* inPieces(rows, cols, (from, to) => {
      largest = Math.max(largest, largestMagnitude(data, from * cols, (to - from) * cols))
    })
  }
  if (largest === 0 || (largest >= COMMON_MIN && largest <= COMMON_MAX)) return 1
  // At most 2^1000, since 2^1074 is no double.
  return 2 ** -Math.max(-1000, Math.floor(Math.log2(largest)))
}

/** @throws RangeError with the first offending index if an entry is NaN or infinite */
export function* finiteSteps(matrix: Matrix, name: string): Steps<void> {
  const { rows, cols, data } = matrix
  yield* inPieces(rows, cols, (from, to) => {
    if (!allFinite(data.subarray(from * cols, to * cols))) finiteMatrix(matrix, name)
  })
}
