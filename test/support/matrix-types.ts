import { Matrix, type Precision } from '../../src/matrix.js'
import { gaussian, uniform } from './random.js'

/** The kinds of matrix on which LAPACK tests its decompositions (ddrvbd, dchkqr), and some that are harder. */
export const MATRIX_TYPES = [
  'random',
  'zero',
  'identity',
  'graded columns',
  'graded rows',
  'graded shuffled',
  'clustered',
  'rank deficient',
  'repeated columns',
  'zero rows and columns',
  'near overflow',
  'near underflow',
  'upper triangular',
  'sparse',
  'integer',
  'equal entries',
] as const

export type MatrixType = (typeof MATRIX_TYPES)[number]

function map({ rows, cols, data }: Matrix, f: (x: number, i: number, j: number) => number): Matrix {
  return new Matrix(
    rows,
    cols,
    Float64Array.from(data, (x, at) => f(x, Math.floor(at / cols), at % cols)),
  )
}

function product(A: Matrix, B: Matrix): Matrix {
  const out = new Matrix(A.rows, B.cols)
  for (let i = 0; i < A.rows; i++) {
    for (let k = 0; k < A.cols; k++) {
      const a = A.data[i * A.cols + k]
      for (let j = 0; j < B.cols; j++) out.data[i * B.cols + j] += a * B.data[k * B.cols + j]
    }
  }
  return out
}

/** An m x n matrix of a type, from a seed; rounded to a precision, whose range it nears where the type says so. */
export function matrixOfType(
  type: MatrixType,
  m: number,
  n: number,
  seed: number,
  precision: Precision = 'f64',
): Matrix {
  const A = doubleOfType(type, m, n, seed)
  if (precision === 'f64') return A
  const scale = type === 'near overflow' ? 2 ** -880 : type === 'near underflow' ? 2 ** 900 : 1
  return new Matrix(
    m,
    n,
    Float32Array.from(A.data, (x) => x * scale),
  )
}

function doubleOfType(type: MatrixType, m: number, n: number, seed: number): Matrix {
  const A = gaussian(m, n, seed)
  const next = uniform(seed + 1)
  const shuffledScales = Array.from({ length: Math.max(m, n) }, () => 2 ** -Math.floor(60 * next()))
  switch (type) {
    case 'random':
      return A
    case 'zero':
      return new Matrix(m, n)
    case 'identity':
      return map(A, (_, i, j) => (i === j ? 1 : 0))
    case 'graded columns':
      return map(A, (x, _, j) => x * 2 ** (-40 * (j / Math.max(1, n - 1))))
    case 'graded rows':
      return map(A, (x, i) => x * 2 ** (-40 * (i / Math.max(1, m - 1))))
    case 'graded shuffled':
      return map(A, (x, i, j) => x * shuffledScales[i] * shuffledScales[(j * 7) % shuffledScales.length])
    case 'clustered':
      return map(A, (x, i, j) => (i === j ? (i % 2 === 0 ? 1 : 1e-6) : 0) + x * 1e-12)
    case 'rank deficient': {
      const r = Math.floor(Math.min(m, n) / 2)
      return product(gaussian(m, r, seed), gaussian(r, n, seed + 2))
    }
    case 'repeated columns':
      return map(A, (_, i, j) => A.get(i, j - (j % 3)))
    case 'zero rows and columns':
      return map(A, (x, i, j) => (i % 3 === 1 || j % 4 === 2 ? 0 : x))
    case 'near overflow':
      return map(A, (x) => x * 2 ** 1000)
    case 'near underflow':
      return map(A, (x) => x * 2 ** -1020)
    case 'upper triangular':
      return map(A, (x, i, j) => (i > j ? 0 : x))
    case 'sparse':
      return map(A, (x) => (next() < 0.8 ? 0 : x))
    case 'integer':
      return map(A, (x) => Math.round(2 * x))
    case 'equal entries':
      // Of rank 1, but for rounding that falls off by eps a column: in float32 soon below the smallest number.
      return map(A, () => 0.1)
  }
}
