import type { Matrix } from '../matrix.js'
import { isSafeSquare, largestMagnitude, norm } from '../dense/norms.js'
import { inPieces, type Steps } from '../steps.js'
import { allFinite, finiteMatrix } from '../validation.js'
import type { Operand } from './row-products.js'

/** By which rows are multiplied whose length is beyond the largest double. */
const SCALE_DOWN = 2 ** -600

/** Of normal numbers of float32. */
const LEAST_EXPONENT = -126

/** Rows scaled to length 1; a zero row stays zero. `tell` is given their lengths, to float64's last digits, times `scale`, a power of two. */
export function unitOperand(matrix: Matrix, scale = 1, tell?: (row: number, length: number) => void): Operand {
  const { cols, data } = matrix
  return {
    matrix,
    prepare({ kernels, precision }, pointer, row) {
      // The length of the data is wanted, which in float64 is what the kernel sums, and sooner.
      let length = scale === 1 && precision === 'f64' ? kernels.xnrm2(cols, pointer) : 0
      if (!isSafeSquare(length * length)) length = scale === 1 ? norm(data, row * cols, cols) : Infinity
      if (length === Infinity) {
        kernels.xscal(cols, scale === 1 ? SCALE_DOWN : scale, pointer)
        length = kernels.xnrm2(cols, pointer)
      }
      tell?.(row, length)
      if (length === 0) return
      // The inverse may be outside the range of the numbers: by a power of two first, which rounds nothing.
      const exponent = Math.floor(Math.log2(length))
      const power = Math.abs(exponent) < 100 ? 1 : 2 ** -Math.max(LEAST_EXPONENT, exponent)
      if (power !== 1) kernels.xscal(cols, power, pointer)
      kernels.xscal(cols, 1 / (length * power), pointer)
    },
  }
}

/** Rows times a power of two. */
export function scaledOperand(matrix: Matrix, scale: number): Operand {
  const { cols } = matrix
  return {
    matrix,
    prepare({ kernels }, pointer) {
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
