import { Matrix } from '../../src/matrix.js'
import { qr } from '../../src/linalg/qr.js'
import { centeredFactorSteps, type DataFactor } from '../../src/align/factor/data-factor.js'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { evenFactor } from '../../src/align/factor/even-factor.js'
import { nullSpaceSteps } from '../../src/align/perfect/null-space.js'
import { countRelationsSteps } from '../../src/align/perfect/relations.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { gaussian, normal } from '../support/random.js'

/** A B, with plain loops. */
export function times(A: Matrix, B: Matrix): Matrix {
  const out = new Matrix(A.rows, B.cols)
  for (let i = 0; i < A.rows; i++) {
    for (let k = 0; k < A.cols; k++) {
      const a = A.data[i * A.cols + k]
      for (let j = 0; j < B.cols; j++) out.data[i * B.cols + j] += a * B.data[k * B.cols + j]
    }
  }
  return out
}

export function minus(A: Matrix, B: Matrix): Matrix {
  return new Matrix(
    A.rows,
    A.cols,
    Float64Array.from(A.data, (x, i) => x - B.data[i]),
  )
}

export function scaledBy(A: Matrix, factor: number): Matrix {
  return new Matrix(
    A.rows,
    A.cols,
    Float64Array.from(A.data, (x) => factor * x),
  )
}

export function frobenius(A: Matrix): number {
  return Math.sqrt(Float64Array.from(A.data).reduce((sum, x) => sum + x * x, 0))
}

/** A next to B next to ... */
export function beside(...parts: Matrix[]): Matrix {
  const cols = parts.reduce((sum, part) => sum + part.cols, 0)
  const rows = Array.from({ length: parts[0].rows }, (_, i) => parts.flatMap((part) => Array.from(part.row(i))))
  return new Matrix(parts[0].rows, cols, Float64Array.from(rows.flat()))
}

/** Rows [start, end). */
export function rowRange(A: Matrix, start: number, end: number): Matrix {
  return new Matrix(end - start, A.cols, A.data.slice(start * A.cols, end * A.cols))
}

export function rowRanges(matrices: readonly Matrix[], start: number, end: number): Matrix[] {
  return matrices.map((A) => rowRange(A, start, end))
}

/** A less its column means. */
export function centred(A: Matrix): Matrix {
  const means = columnMeans(A)
  return new Matrix(
    A.rows,
    A.cols,
    Float64Array.from(A.data, (x, at) => x - means[at % A.cols]),
  )
}

export function columnMeans(A: Matrix): number[] {
  return Array.from({ length: A.cols }, (_, j) => {
    let sum = 0
    for (let i = 0; i < A.rows; i++) sum += A.get(i, j)
    return sum / A.rows
  })
}

export function toFloat32(A: Matrix): Matrix {
  return new Matrix(A.rows, A.cols, Float32Array.from(A.data))
}

/** n x d, n >= d, with orthonormal columns, uniformly distributed. */
export function orthonormal(n: number, d: number, seed: number): Matrix {
  const next = normal(seed)
  const { Q } = qr(
    new Matrix(
      n,
      d,
      Float64Array.from({ length: n * d }, () => next()),
    ),
  )
  return Q
}

/**
 * Sines of the principal angles between the row spaces of A and B, k x d each: the root of the sum of their squares, which
 * bounds the largest of them.
 */
export function subspaceDistance(A: Matrix, B: Matrix): number {
  const P = qr(A.transpose()).Q
  const Q = qr(B.transpose()).Q
  return frobenius(minus(P, times(Q, times(Q.transpose(), P))))
}

export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]))
  return largest
}

/** The joint factor's inner state for tests of what is computed from it. */
export function centeredOf(modalities: readonly Matrix[]): DataFactor {
  return run(centeredFactorSteps(new JointFactor(modalities.map(({ cols }) => cols)).update(modalities)))
}

/** What 'auto' counts. */
export function relations(modalities: readonly Matrix[]): number {
  const factor = evenFactor(centeredOf(modalities))
  const engine = Engine.shared()
  return run(countRelationsSteps(engine, factor, run(nullSpaceSteps(engine, factor))))
}

/** Latents that `shared` dimensions of all modalities have in common, each modality with noise of its own. */
export function sharedLatents(
  n: number,
  widths: readonly number[],
  shared: number,
  noise: number,
  seed: number,
): Matrix[] {
  const Z = gaussian(n, shared, seed)
  return widths.map((d, m) => {
    const X = times(Z, gaussian(shared, d, seed + 1 + m))
    const E = gaussian(n, d, seed + 101 + m)
    return new Matrix(
      n,
      d,
      Float64Array.from(X.data, (x, i) => x + noise * E.data[i]),
    )
  })
}
