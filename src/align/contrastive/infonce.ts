import { multiplySteps } from '../../linalg/matmul.js'
import { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import { inPieces, type Steps } from '../../steps.js'
import { multiple } from '../../dense/arithmetic.js'
import { norm, unitRows } from '../../dense/norms.js'

/** What the loss of a batch is. */
export interface InfoNceLoss {
  /** tau > 0: similarities are divided by it. */
  readonly temperature: number
  /** Whether latents are scaled to unit length first, so that their inner products are cosines. */
  readonly normalize: boolean
}

/** A loss and its gradient. */
export interface BatchLoss {
  readonly loss: number
  /** By the latents of each modality, n x k. */
  readonly gradients: readonly [Matrix, Matrix]
}

/**
 * The symmetric InfoNCE loss of n pairs of latents, and its gradient. With similarities s_ij = z1_i . z2_j / tau,
 *
 *     - 1 / (2 n) sum over i of log(exp s_ii / sum over j of exp s_ij) + log(exp s_ii / sum over j of exp s_ji):
 *
 * the cross-entropy of finding the partner among the batch, from either side; log n where nothing is known. By the s_ij it has
 * the gradient (P + Q - 2 I) / (2 n), P and Q the softmax of rows and of columns. Latents of length zero have no direction:
 * their cosines are 0, and so is their gradient. O(n^2 k).
 *
 * Source: van den Oord, Li and Vinyals 2018; symmetric as in Radford et al. 2021 (CLIP).
 *
 * @param latents - n x k each, row i of both the same sample
 */
export function* infoNceSteps(
  engine: Engine,
  latents: readonly [Matrix, Matrix],
  { temperature, normalize }: InfoNceLoss,
): Steps<BatchLoss> {
  const [U1, U2] = normalize ? latents.map((Z) => new Matrix(Z.rows, Z.cols, unitRows(Z))) : latents
  const S = yield* multiplySteps(engine, multiple(U1, 1 / temperature), U2, { transposeB: true })
  const loss = yield* crossEntropySteps(S)
  const scale = 1 / (2 * S.rows * temperature)
  const G1 = yield* multiplySteps(engine, S, multiple(U2, scale))
  const G2 = yield* multiplySteps(engine, S, multiple(U1, scale), { transposeA: true })
  if (!normalize) return { loss, gradients: [G1, G2] }
  return { loss, gradients: [throughLength(latents[0], U1, G1), throughLength(latents[1], U2, G2)] }
}

// exp(-600) is far from underflow, and so is a sum of such numbers.
const ONE_SHIFT_RANGE = 600

/** The loss of the n x n similarities S, which P + Q - 2 I takes the place of. */
function* crossEntropySteps(S: Matrix): Steps<number> {
  const { rows: n, data } = S
  const diagonal = Float64Array.from({ length: n }, (_, i) => data[i * (n + 1)])
  const largest = yield* largestSteps(S)
  const [rowLogs, columnLogs] =
    largest.range <= ONE_SHIFT_RANGE
      ? yield* softmaxSteps(S, largest.ofAll)
      : yield* shiftedSoftmaxSteps(S, largest.ofRows, largest.ofColumns)
  let sum = 0
  for (let i = 0; i < n; i++) {
    sum += rowLogs[i] + columnLogs[i] - 2 * diagonal[i]
    data[i * (n + 1)] -= 2
  }
  return sum / (2 * n)
}

/** log sum exp of every row and of every column of S, which the sum of both softmaxes takes the place of. */
type Logs = [rows: Float64Array, columns: Float64Array]

/** One exponential an entry: for entries that one shift keeps in range, such as cosines divided by 1 / 300 or more. */
function* softmaxSteps({ rows, cols, data }: Matrix, shift: number): Steps<Logs> {
  const rowSums = new Float64Array(rows)
  const columnSums = new Float64Array(cols)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) {
        const exponential = Math.exp(data[at] - shift)
        data[at] = exponential
        rowSums[i] += exponential
        columnSums[j] += exponential
      }
    }
  })
  const [byRow, byColumn] = [rowSums.map((sum) => 1 / sum), columnSums.map((sum) => 1 / sum)]
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) data[at] *= byRow[i] + byColumn[j]
    }
  })
  const logs = (sums: Float64Array) => sums.map((sum) => shift + Math.log(sum))
  return [logs(rowSums), logs(columnSums)]
}

/** The same for entries of any size: every row and every column is shifted by its largest. */
function* shiftedSoftmaxSteps(
  { rows, cols, data }: Matrix,
  ofRows: Float64Array,
  ofColumns: Float64Array,
): Steps<Logs> {
  const rowSums = new Float64Array(rows)
  const columnSums = new Float64Array(cols)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) {
        rowSums[i] += Math.exp(data[at] - ofRows[i])
        columnSums[j] += Math.exp(data[at] - ofColumns[j])
      }
    }
  })
  const rowLogs = rowSums.map((sum, i) => ofRows[i] + Math.log(sum))
  const columnLogs = columnSums.map((sum, j) => ofColumns[j] + Math.log(sum))
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++)
        data[at] = Math.exp(data[at] - rowLogs[i]) + Math.exp(data[at] - columnLogs[j])
    }
  })
  return [rowLogs, columnLogs]
}

interface Largest {
  readonly ofRows: Float64Array
  readonly ofColumns: Float64Array
  readonly ofAll: number
  /** The largest entry less the smallest. */
  readonly range: number
}

function* largestSteps({ rows, cols, data }: Matrix): Steps<Largest> {
  const ofRows = new Float64Array(rows).fill(-Infinity)
  const ofColumns = new Float64Array(cols).fill(-Infinity)
  let smallest = Infinity
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from, at = from * cols; i < to; i++) {
      for (let j = 0; j < cols; j++, at++) {
        const entry = data[at]
        if (entry > ofRows[i]) ofRows[i] = entry
        if (entry > ofColumns[j]) ofColumns[j] = entry
        if (entry < smallest) smallest = entry
      }
    }
  })
  const ofAll = ofRows.reduce((most, x) => Math.max(most, x), -Infinity)
  return { ofRows, ofColumns, ofAll, range: ofAll - smallest }
}

function rowLengths(Z: Matrix): Float64Array {
  return Float64Array.from({ length: Z.rows }, (_, i) => norm(Z.row(i)))
}

/** From the gradient by u = z / |z| to that by z: (g - u (u . g)) / |z|. */
function throughLength(Z: Matrix, U: Matrix, G: Matrix): Matrix {
  const { rows, cols } = Z
  const lengths = rowLengths(Z)
  const out = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    if (lengths[i] === 0) continue
    let along = 0
    for (let at = i * cols; at < (i + 1) * cols; at++) along += U.data[at] * G.data[at]
    for (let at = i * cols; at < (i + 1) * cols; at++) out[at] = (G.data[at] - U.data[at] * along) / lengths[i]
  }
  return new Matrix(rows, cols, out)
}
