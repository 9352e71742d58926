import { project, projectAsync, projectSteps, type Projection } from '../align/model/projection.js'
import { isSafeSquare, norm, unitRows } from '../dense/norms.js'
import { Matrix, type MatrixData, type Precision } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import { inPieces, run, type AsyncOptions, type Steps } from '../steps.js'
import { isFloat32 } from '../typed-arrays.js'
import { inPrecision } from '../validation.js'

/** x -> (x - mean) A^T + offset, between rows that are taken, and given, as they are or at length 1. */
export interface AffineMap {
  /** k x d. */
  readonly A: Matrix
  readonly mean: Float64Array
  /** Undefined: nothing is added, as in a shared space, which has its origin at the mean. */
  readonly offset: Float64Array | undefined
  /** Whether rows are brought to length 1 before they are mapped. */
  readonly takesUnit: boolean
  /** Whether what comes of them is brought to length 1. */
  readonly givesUnit: boolean
}

/** Rows further than this from length 1 are not of unit length: float16, or eight bits a number, move a row by less. */
const UNIT_LENGTH = 1e-2

/** Whether all rows are of length 1, as those of many models are. */
export function* areUnitRowsSteps({ rows, cols, data }: Matrix): Steps<boolean> {
  let are = rows > 0
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) are &&= Math.abs(norm(data, i * cols, cols) - 1) <= UNIT_LENGTH
  })
  return are
}

/** The rows at length 1; a zero row stays zero. */
export function unitMatrix(X: Matrix): Matrix {
  return new Matrix(X.rows, X.cols, unitRows(X))
}

/** The maps in float32, as far as they were asked for. */
const single = new WeakMap<Matrix, Matrix>()

function rounded(A: Matrix): Matrix {
  const known = single.get(A) ?? inPrecision(A, 'f32', 'the map')
  single.set(A, known)
  return known
}

/** Without what is added: an engine of float32 adds nothing, and it is done with the lengths. */
function projectionOf({ A, mean }: AffineMap, precision: Precision): Projection {
  return { phase: 'map', mean, A: precision === 'f32' ? rounded(A) : A, offset: undefined, width: A.rows, precision }
}

/** Adds the offset and brings rows to length 1, in place; a zero row stays zero. */
function* finishedSteps(Y: Matrix, { offset, givesUnit }: AffineMap): Steps<Matrix> {
  const { rows, cols, data } = Y
  // Of the type of the rows: a sum of two types is twice as slow.
  const added = offset && (isFloat32(data) ? Float32Array.from(offset) : offset)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) finish(data.subarray(i * cols, (i + 1) * cols), added, givesUnit)
  })
  return Y
}

function finish(row: MatrixData, offset: MatrixData | undefined, givesUnit: boolean): void {
  if (offset !== undefined) for (let j = 0; j < row.length; j++) row[j] += offset[j]
  if (!givesUnit) return
  let squares = 0
  for (let j = 0; j < row.length; j++) squares += row[j] * row[j]
  const length = isSafeSquare(squares) ? Math.sqrt(squares) : norm(row)
  const factor = 1 / length
  // The inverse of a length may be out of range.
  if (Number.isFinite(factor) && factor > 0) for (let j = 0; j < row.length; j++) row[j] *= factor
  else if (length > 0) for (let j = 0; j < row.length; j++) row[j] /= length
}

const taken = (X: Matrix, { takesUnit }: AffineMap): Matrix => (takesUnit ? unitMatrix(X) : X)

/** Maps rows. @throws RangeError with the first offending index if an entry is NaN or infinite, or beyond the precision */
export function mapRows(X: Matrix, map: AffineMap, precision: Precision): Matrix {
  return run(finishedSteps(project(taken(X, map), projectionOf(map, precision)), map))
}

/** {@link mapRows} with turns for the event loop, progress and cancellation, on an engine of its own. */
export async function mapRowsAsync(
  X: Matrix,
  map: AffineMap,
  precision: Precision,
  options: AsyncOptions,
): Promise<Matrix> {
  const mapped = await projectAsync(taken(X, map), projectionOf(map, precision), options)
  return run(finishedSteps(mapped, map))
}

/** {@link mapRows} as part of a longer operation, in float64. */
export function* mapRowsSteps(engine: Engine, X: Matrix, map: AffineMap): Steps<Matrix> {
  return yield* finishedSteps(yield* projectSteps(engine, taken(X, map), projectionOf(map, 'f64')), map)
}
