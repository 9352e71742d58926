import { scaleColumnsSteps } from '../dense/arithmetic.js'
import { columnNormsSteps, norm } from '../dense/norms.js'
import { blockOffsets, columnRange, leadingRows, perColumn } from '../dense/slices.js'
import { factoringRoundoff, type DataFactor } from '../align/factor/data-factor.js'
import { multiplySteps } from '../linalg/matmul.js'
import { qrSteps } from '../linalg/qr.js'
import { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { orthogonalDirection } from '../dense/gram-schmidt.js'

/**
 * The share of every modality's variance that a linear map has back from the first k latents, k = 1 .. K: as `collapseRatio` has it,
 * of the samples that were fitted.
 *
 * @param factors - T_m of every modality, r_m x d_m
 * @param A - K x d, one stacked direction a row
 * @param balanced - whether A was computed with the modalities of one size, or in the units of the data: it has rounding errors of as much
 * @returns one array of K numbers per modality
 */
export function* energyKeptSteps(
  engine: Engine,
  data: DataFactor,
  factors: readonly Matrix[],
  A: Matrix,
  balanced: boolean,
): Steps<Float64Array[]> {
  const offsets = blockOffsets(data.widths)
  const sizes = factors.map((T) => norm(T.data))
  const units = balanced ? yield* scaleColumnsSteps(A, perColumn(data.widths, sizes)) : A
  const lengths = yield* columnNormsSteps(units.transpose())
  const kept: Float64Array[] = []
  for (const [m, T] of factors.entries()) {
    const map = columnRange(A, offsets[m], offsets[m + 1])
    const energy = sizes[m]
    const noise = data.noise.subarray(offsets[m], offsets[m + 1])
    // What rounding alone may make up: of the direction, as long as it is, and of every column by itself.
    const zero = lengths.map((length, i) =>
      Math.max(factoringRoundoff(data) * (balanced ? length : length * energy), absoluteDot(map.row(i), noise)),
    )
    const latents = yield* multiplySteps(engine, map, T, { transposeB: true })
    const basis = yield* orthonormalRowsSteps(engine, latents, zero)
    const parts = yield* columnNormsSteps((yield* multiplySteps(engine, basis, T)).transpose())
    let sum = 0
    kept.push(
      lengths.map((_, k) => (sum = Math.min(1, sum + (energy > 0 && k < parts.length ? (parts[k] / energy) ** 2 : 0)))),
    )
  }
  return kept
}

/**
 * Orthonormal rows, of which the first k span what the first k rows of Z do. A row of zeros where a row of Z adds no more than
 * `zero` to those before it: any direction there would be noise, and would be missing for the rows that follow.
 */
function* orthonormalRowsSteps(engine: Engine, Z: Matrix, zero: Float64Array): Steps<Matrix> {
  const first = Math.min(Z.rows, Z.cols)
  const leading = leadingRows(Z, first)
  const { Q, R } = yield* qrSteps(engine, leading.transpose(), { mode: 'thin', pivoting: false })
  const independent = zero.subarray(0, first).every((least, k) => Math.abs(R.get(k, k)) > least)
  return independent ? Q.transpose() : yield* independentRowsSteps(Z, zero)
}

/** {@link orthonormalRowsSteps} one by one (Gram and Schmidt), for rows that depend on each other. */
function* independentRowsSteps({ rows, cols, data }: Matrix, zero: Float64Array): Steps<Matrix> {
  const Q = new Matrix(rows, cols)
  const found: Float64Array[] = []
  for (let k = 0; k < rows && found.length < cols; k++) {
    const z = data.subarray(k * cols, (k + 1) * cols)
    const length = norm(z)
    const direction = length > zero[k] ? orthogonalDirection(z, found, zero[k] / length) : undefined
    if (direction === undefined) continue
    Q.row(k).set(direction)
    found.push(direction)
    yield
  }
  return Q
}

/** The sum of abs(x_j) y_j. */
function absoluteDot(x: ArrayLike<number>, y: Float64Array): number {
  return y.reduce((sum, yj, j) => sum + Math.abs(x[j]) * yj, 0)
}
