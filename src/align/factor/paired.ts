import { wrongKind } from '../../describe.js'
import { Matrix, toMatrix } from '../../matrix.js'
import { inPieces, type Steps } from '../../steps.js'

/**
 * Reads paired modalities: row i of each is the same sample.
 *
 * @throws TypeError if it is no array of matrices
 * @throws RangeError for fewer than `least` modalities, other widths than expected, or different numbers of rows
 */
export function pairedMatrices(modalities: unknown, least: number, widths?: readonly number[]): Matrix[] {
  if (!Array.isArray(modalities)) {
    throw wrongKind('modalities', 'an array of matrices, one per modality', modalities)
  }
  if (widths !== undefined && modalities.length !== widths.length) {
    throw new RangeError(`got ${modalities.length} modalities, expected ${widths.length} as before`)
  }
  if (modalities.length < least) throw new RangeError(`got ${modalities.length} modalities, expected at least ${least}`)
  const matrices = modalities.map((x: unknown, m) => toMatrix(x, `modality ${m}`))
  matrices.forEach(({ rows, cols }, m) => {
    checkWidth(cols, widths?.[m], m)
    if (rows !== matrices[0].rows) {
      throw new RangeError(
        `modality ${m} has ${rows} rows, modality 0 has ${matrices[0].rows}: row i of every modality must be the same sample`,
      )
    }
  })
  return matrices
}

/** @throws RangeError unless a modality has a column, and as many of them as expected */
export function checkWidth(cols: number, expected: number | undefined, modality: number): void {
  if (cols === 0) throw new RangeError(`modality ${modality} has no columns, expected at least 1`)
  if (expected !== undefined && cols !== expected) {
    throw new RangeError(`modality ${modality} has ${cols} columns, expected ${expected} as before`)
  }
}

/**
 * Rows [start, end) of the joint data [1, X1, ..., XM], one row a sample.
 *
 * @throws RangeError with the first offending index if an entry is NaN or infinite
 */
export function* jointRowsSteps(modalities: readonly Matrix[], start: number, end: number): Steps<Matrix> {
  const width = modalities.reduce((sum, { cols }) => sum + cols, 1)
  const out = new Float64Array((end - start) * width)
  yield* inPieces(end - start, width, (from, to) => {
    let column = 1
    for (let i = from; i < to; i++) out[i * width] = 1
    modalities.forEach((X, m) => {
      for (let i = from; i < to; i++) copyFiniteRow(X, start + i, `modality ${m}`, out, i * width + column)
      column += X.cols
    })
  })
  return new Matrix(end - start, width, out)
}

/**
 * Copies row i of X to `out`, from index `at` on.
 *
 * @throws RangeError if an entry is NaN or infinite
 */
export function copyFiniteRow({ cols, data }: Matrix, i: number, name: string, out: Float64Array, at: number): void {
  for (let j = 0; j < cols; j++) {
    const value = data[i * cols + j]
    // x - x is 0 for a finite number and NaN for all others: one comparison in the hot loop.
    if (value - value !== 0) {
      throw new RangeError(
        `${name}: entry (${i}, ${j}) is ${value}; every entry must be finite: drop or impute such rows first`,
      )
    }
    out[at + j] = value
  }
}
