import { largestMagnitude } from '../../dense/norms.js'
import { Matrix } from '../../matrix.js'
import { inPieces, type Steps } from '../../steps.js'
import { blockOffsets, columnBlocksSteps } from '../../dense/slices.js'

// Entries this close to the largest count as equal to it: the plain largest entry changes with rounding where two are of the
// same size (77 of 200 tries; none with this, measured).
const LEADING_ENTRY = 1 - 1e-8

/** Makes the first entry of about the largest magnitude positive, in every row: over all modalities, or they would part. */
export function* fixSignsSteps(A: Matrix): Steps<Matrix> {
  const { rows, cols } = A
  const out = new Float64Array(A.data)
  yield* inPieces(rows, cols, (from, to) => {
    for (let i = from; i < to; i++) {
      const row = out.subarray(i * cols, (i + 1) * cols)
      const largest = largestMagnitude(row)
      const leading = row.find((x) => Math.abs(x) >= LEADING_ENTRY * largest)
      // 0 - x and not -x: no negative zeros.
      if (leading !== undefined && leading < 0) for (let j = 0; j < cols; j++) row[j] = 0 - row[j]
    }
  })
  return new Matrix(rows, cols, out)
}

/** The same of maps, one a modality, on their rows beside each other. */
export function* withSignsSteps(blocks: readonly Matrix[]): Steps<Matrix[]> {
  const offsets = blockOffsets(blocks.map(({ cols }) => cols))
  const k = blocks[0].rows
  const stacked = new Matrix(k, offsets[blocks.length])
  blocks.forEach((block, m) => {
    for (let i = 0; i < k; i++) stacked.data.set(block.row(i), i * stacked.cols + offsets[m])
  })
  yield
  return yield* columnBlocksSteps(yield* fixSignsSteps(stacked), offsets)
}
