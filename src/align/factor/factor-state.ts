import { Matrix } from '../../matrix.js'
import { isFloat32 } from '../../typed-arrays.js'
import { BLOCK_ROWS, qrUpdateSteps, type RowBlock } from '../../linalg/qr-update.js'
import { qrSteps } from '../../linalg/qr.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { inverse, scaleColumnsSteps } from '../../dense/arithmetic.js'
import { columnNormsSteps, largestMagnitude } from '../../dense/norms.js'
import { stackRows, submatrix } from '../../dense/slices.js'
import { isFiniteSteps } from '../../validation.js'
import { jointRowsSteps } from './paired.js'
import { inPhase } from '../../progress.js'
import { foldTriangleSteps } from '../../linalg/stacked-triangles.js'

/** What a joint factor knows of the rows it has seen. Never changed, only replaced. */
export interface FactorState {
  /** (1 + d) x (1 + d) upper triangular, zero below its first n rows. */
  readonly R: Matrix
  readonly rows: number
  /** Which modalities have held float32 data, and are therefore known to 24 bits only. */
  readonly float32: readonly boolean[]
  /** Columns of more than so many times the median deviation are brought to it where shrinkage is estimated; undefined: none. */
  readonly shrinkageLimit?: number
}

/** The factor of no rows. @throws OutOfMemoryError if there is no room for (1 + d)^2 numbers */
export function emptyFactor(widths: readonly number[]): FactorState {
  const size = widths.reduce((sum, width) => sum + width, 1)
  return { R: new Matrix(size, size), rows: 0, float32: widths.map(() => false) }
}

/** The joint rows, laid out a block at a time: all the memory that the number of samples ever costs. */
function* jointBlocks(modalities: readonly Matrix[]): Generator<RowBlock> {
  const total = modalities[0].rows
  for (let start = 0; start < total; start += BLOCK_ROWS) {
    yield { rows: jointRowsSteps(modalities, start, Math.min(start + BLOCK_ROWS, total)) }
  }
}

/** Joint rows that wait for others. */
export interface WaitingRows extends Pick<FactorState, 'float32'> {
  readonly rows: Matrix
}

/** Rows that wait at most: of a triangle that holds nothing yet all that fit it, which are factored at once, else a block. */
export function mostWaiting({ R, rows }: FactorState): number {
  return rows === 0 ? Math.max(BLOCK_ROWS, R.rows) : BLOCK_ROWS
}

// Far from where rows could bring a factor out of range, which is told when they come.
const LARGEST_WAITING = 2 ** 500

/**
 * The joint rows, if they may wait: fewer than a block, and of no extreme size.
 *
 * @throws RangeError if an entry is not finite
 */
export function* waitingRowsSteps(modalities: readonly Matrix[]): Steps<WaitingRows | undefined> {
  const total = modalities[0].rows
  if (total >= BLOCK_ROWS) return undefined
  const rows = yield* jointRowsSteps(modalities, 0, total)
  yield { phase: 'factor', done: total, total }
  return largestMagnitude(rows.data) > LARGEST_WAITING ? undefined : { rows, float32: haveFloat32(modalities) }
}

const haveFloat32 = (modalities: readonly Matrix[]) => modalities.map(({ rows, data }) => rows > 0 && isFloat32(data))

/** The factor with more rows taken in. @throws RangeError if an entry is not finite, or the factor would not be */
export function* appendSteps(engine: Engine, before: FactorState, modalities: readonly Matrix[]): Steps<FactorState> {
  const blocks = jointBlocks(modalities)
  return yield* takenSteps(engine, before, blocks, modalities[0].rows, [haveFloat32(modalities)])
}

/** {@link appendSteps} of rows that waited. */
export function* appendWaitingSteps(
  engine: Engine,
  before: FactorState,
  waiting: readonly WaitingRows[],
): Steps<FactorState> {
  const total = waiting.reduce((sum, { rows }) => sum + rows.rows, 0)
  const gathered = before.rows === 0 && total <= before.R.rows
  const blocks = gathered ? waiting : [{ rows: stackRows(waiting.map(({ rows }) => rows)) }]
  return yield* takenSteps(engine, before, blocks, total, waiting.map(({ float32 }) => float32)) // prettier-ignore
}

function* takenSteps(
  engine: Engine,
  before: FactorState,
  blocks: Iterable<RowBlock>,
  total: number,
  float32: readonly (readonly boolean[])[],
): Steps<FactorState> {
  const factor = yield* inPhase('factor', qrUpdateSteps(engine, before.R, blocks, total, before.rows === 0))
  return {
    ...(yield* soundSteps(engine, factor, before.rows + total)),
    float32: before.float32.map((flag, m) => flag || float32.some((flags) => flags[m])),
  }
}

/**
 * A factor of n rows, zero below its first n. So an update leaves it, to rounding, where the first n columns are independent. A
 * column that depends on those before it takes none of the rank, or rounding decides how much, and rows further down have the rest:
 * then it is made compact.
 *
 * @throws RangeError if an entry is not finite
 */
function* soundSteps(engine: Engine, R: Matrix, n: number): Steps<Pick<FactorState, 'R' | 'rows'>> {
  if (!(yield* isFiniteSteps(R))) {
    throw new RangeError('the factor of these samples is beyond the largest float64: scale them down first')
  }
  if (n >= R.rows) return { R, rows: n }
  const lengths = yield* columnNormsSteps(R)
  const below = yield* columnNormsSteps(submatrix(R, n, R.rows, 0, R.cols))
  const noise = R.rows * Number.EPSILON
  if (below.some((length, j) => length > noise * lengths[j]))
    return { R: yield* compactSteps(engine, R, n, lengths), rows: n }
  R.data.fill(0, n * R.cols)
  return { R, rows: n }
}

/**
 * The triangle with only n rows that is as good as an R of rank n: pivoting gathers the rank in the first n rows, with every column
 * in units of its own length, and a second factorisation brings the columns back in order.
 */
function* compactSteps(engine: Engine, R: Matrix, n: number, lengths: Float64Array): Steps<Matrix> {
  const inverses = lengths.map(inverse)
  const unit = yield* scaleColumnsSteps(R, inverses)
  const { R: gathered, pivots } = yield* qrSteps(engine, unit, { mode: 'r', pivoting: true })
  const rows = new Matrix(n, R.cols)
  pivots.forEach((column, j) => {
    for (let i = 0; i < n; i++) rows.set(i, column, gathered.get(i, j) * lengths[column])
  })
  const { R: trapezoid } = yield* qrSteps(engine, rows, { mode: 'r' })
  const compact = new Matrix(R.rows, R.cols)
  compact.data.set(trapezoid.data)
  return compact
}

/** The factor of the rows of both. @throws RangeError if it would not be finite */
export function* mergedSteps(engine: Engine, a: FactorState, b: FactorState): Steps<FactorState> {
  if (a.rows === 0) return b
  if (b.rows === 0) return a
  const [most, fewest] = a.rows >= b.rows ? [a, b] : [b, a]
  const { R } = fewest
  const folded = submatrix(R, 0, Math.min(fewest.rows, R.rows), 0, R.cols)
  return {
    ...(yield* soundSteps(engine, yield* foldTriangleSteps(engine, most.R, folded), a.rows + b.rows)),
    float32: a.float32.map((flag, m) => flag || b.float32[m]),
  }
}
