import { CollimateError } from '../../errors.js'
import type { FeatureMap } from '../../features/feature-map.js'
import { FEW_ROWS, rowTimes, type Factor } from '../../linalg/few-rows.js'
import { Matrix, type MatrixData, type Precision } from '../../matrix.js'
import { Engine } from '../../runtime/engine.js'
import { allocateColumns, keptColumnsSteps, type Columns } from '../../runtime/marshal.js'
import { performAsync } from '../../runtime/work.js'
import { STEP_FLOPS, run, type AsyncOptions, type Steps } from '../../steps.js'
import { finiteMatrix, inPrecision } from '../../validation.js'
import { outputVector, readVector, refuseEntry } from '../../vector.js'

/** A linear map of rows, x -> (x - mean) A^T D + offset. */
export interface Projection {
  /** For progress. */
  readonly phase: string
  /** What rows are turned into first. */
  readonly features?: FeatureMap | undefined
  readonly mean: Float64Array | undefined
  readonly A: Matrix
  /** D; asked for an engine if it has to be computed first. */
  readonly decoder?: (engineOf: () => Engine) => Steps<Matrix>
  readonly offset: Float64Array | undefined
  /** Columns of the result. */
  readonly width: number
  /** Of A and the result; means are subtracted before rounding. */
  readonly precision: Precision
}

/** Entries of rows that are in WebAssembly memory at a time, and operations of one product: 2 to 4 ms each. */
const CHUNK_ENTRIES = 2 ** 17

/** The data of factors that rows came by; from the second time on they stay in WebAssembly memory. */
const used = new WeakSet<MatrixData>()
/** Whether there was no WebAssembly to be had, or no memory. */
let refused = false

/**
 * Maps the rows of X. Few of them ask for WebAssembly only when they come by factors that were used before.
 *
 * @throws RangeError with the first offending index if an entry is NaN or infinite, or beyond the precision
 */
export function project(X: Matrix, { features, ...projection }: Projection): Matrix {
  const { offset, precision } = projection
  if (features) return project(run(features.featureSteps(() => Engine.shared(precision), X, 'x')), projection)
  const factors = run(factorSteps(projection, () => Engine.shared()))
  let isKnown = !refused
  for (const { A } of factors) {
    isKnown &&= used.has(A.data)
    used.add(A.data)
  }
  if (X.rows > FEW_ROWS) return run(projectRowsSteps(Engine.keeper(precision), X, projection, factors))
  const centred = centredRows(X, projection)
  if (isKnown) {
    try {
      return run(projectRowsSteps(Engine.keeper('f64'), centred, { ...projection, mean: undefined }, factors))
    } catch (error) {
      if (!(error instanceof CollimateError)) throw error
      refused = true
    }
  }
  const out = result(X.rows, projection)
  for (let i = 0; i < X.rows; i++) {
    const y = factors.reduce<MatrixData>(rowTimes, centred.row(i))
    out.row(i).set(offset === undefined ? y : y.map((value, j) => value + offset[j]))
  }
  return out
}

/**
 * Maps the rows of X, chunk by chunk, on an engine; each factor is brought into its memory once.
 *
 * @throws RangeError with the first offending index if an entry is NaN or infinite, or beyond the precision
 */
function* projectRowsSteps(
  engine: Engine,
  X: Matrix,
  projection: Projection,
  factors: readonly Factor[],
): Steps<Matrix> {
  const staged: Columns[] = []
  for (const { A, isTransposed } of factors) staged.push(yield* keptColumnsSteps(engine, A, !isTransposed))
  return yield* engine.scopeSteps(() => chunkSteps(engine, X, projection, staged))
}

function* chunkSteps(engine: Engine, X: Matrix, projection: Projection, factors: readonly Columns[]): Steps<Matrix> {
  const { phase, mean, offset, width } = projection
  const { kernels } = engine
  const [total, columns] = [X.rows, projection.A.cols]
  const height = Math.min(total, Math.ceil(CHUNK_ENTRIES / Math.max(1, columns)))
  const input = engine.allocateDoubles(columns)
  const before = mean === undefined ? 0 : engine.allocateDoubles(columns)
  const after = engine.allocateDoubles(width)
  const x = allocateColumns(engine, columns, height)
  const products = factors.map(({ rows }) => allocateColumns(engine, rows, height))
  const work = engine.allocate(
    Math.max(...factors.map(({ rows, cols }) => kernels.xgemmWorkspace(rows, height, cols) >>> 0)),
  )
  if (mean !== undefined) engine.doubles(before, columns).set(mean)
  if (offset !== undefined) engine.doubles(after, width).set(offset.map((value) => -value))
  const row = engine.doubles(input, columns)
  const last = products[products.length - 1]
  const view = engine.elements(last.pointer, last.stride * height)
  const out = result(total, projection)
  const at = ({ pointer, stride }: Columns, i: number) => pointer + engine.elementBytes * stride * i
  for (let start = 0; start < total; start += height) {
    const count = Math.min(height, total - start)
    for (let i = 0; i < count; i++) {
      row.set(X.data.subarray((start + i) * columns, (start + i + 1) * columns))
      // What overflows is an error only where precision was given away.
      if (kernels.xshift(columns, input, before, at(x, i)) === 0) centredRows(X, projection)
    }
    for (const [l, factor] of factors.entries()) {
      yield* multiplySteps(engine, factor, count, l === 0 ? x : products[l - 1], products[l], work)
    }
    for (let i = 0; i < count; i++) {
      if (offset !== undefined) kernels.xshift(width, at(last, i), after, at(last, i))
      out.data.set(view.subarray(i * last.stride, i * last.stride + width), (start + i) * width)
    }
    yield { phase, done: start + count, total }
  }
  return out
}

/** y = A x for `count` columns. */
function* multiplySteps(engine: Engine, A: Columns, count: number, x: Columns, y: Columns, work: number): Steps<void> {
  const { kernels, elementBytes, precision } = engine
  if (count <= FEW_ROWS && precision === 'f64') {
    for (let i = 0; i < count; i++) {
      const to = y.pointer + 8 * i * y.stride
      engine.doubles(to, A.rows).fill(0)
      kernels.dgemv(A.rows, A.cols, A.pointer, A.stride, x.pointer + 8 * i * x.stride, to)
    }
    return
  }
  const side = Math.max(64, Math.floor(STEP_FLOPS / (2 * A.cols * count)))
  for (let i = 0; i < A.rows; i += side) {
    const [rows, offset] = [Math.min(side, A.rows - i), elementBytes * i]
    kernels.xgemm(
      rows, count, A.cols, 1, A.pointer + offset, 1, A.stride, x.pointer, 1, x.stride, 0, y.pointer + offset, y.stride, work,
    ) // prettier-ignore
    yield
  }
}

/** Room for so many rows of the result. */
function result(rows: number, { width, precision }: Projection): Matrix {
  return new Matrix(rows, width, precision === 'f64' ? undefined : new Float32Array(rows * width))
}

/**
 * The rows less their mean, rounded to the precision.
 *
 * @throws RangeError with the first offending index if an entry is NaN or infinite, or beyond the precision
 */
function centredRows(X: Matrix, { mean, precision }: Projection): Matrix {
  const { rows, cols, data } = finiteMatrix(X, 'x')
  const centred = new Float64Array(data)
  if (mean !== undefined) for (let at = 0; at < centred.length; at++) centred[at] -= mean[at % cols]
  return inPrecision(new Matrix(rows, cols, centred), precision, 'x')
}

/** {@link project} on an engine that keeps nothing of it. */
export function projectSteps(engine: Engine, X: Matrix, projection: Projection): Steps<Matrix> {
  return engine.scopeSteps(() => freshSteps(engine, X, projection))
}

function* freshSteps(engine: Engine, X: Matrix, { features, ...projection }: Projection): Steps<Matrix> {
  const rows = features === undefined ? X : yield* features.featureSteps(() => engine, X, 'x')
  return yield* projectRowsSteps(engine, rows, projection, yield* factorSteps(projection, () => engine))
}

/** {@link project} with turns for the event loop, progress and cancellation, on an engine of its own. */
export function projectAsync(X: Matrix, projection: Projection, options: AsyncOptions): Promise<Matrix> {
  const steps = (engine: Engine) => projectSteps(engine, X, projection)
  return performAsync(Object.assign(steps, { precision: projection.precision }), options)
}

/** What rows are multiplied by, one after the other. */
function* factorSteps({ A, decoder }: Projection, engineOf: () => Engine): Steps<readonly Factor[]> {
  const factors = [{ A, isTransposed: true }]
  if (decoder !== undefined) factors.push({ A: yield* decoder(engineOf), isTransposed: false })
  return factors
}

/** {@link project} of one vector. @param out - what the result is written to */
export function projectVector(x: unknown, projection: Projection, out: unknown): MatrixData {
  const { A, width, features } = projection
  const vector = readVector(x, 'x', features?.inputs ?? A.cols)
  const to = outputVector(out, width, false)
  refuseEntry(vector, 'x')
  to.set(project(new Matrix(1, vector.length, vector), projection).data)
  return to
}
