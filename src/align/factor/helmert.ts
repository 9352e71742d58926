import { Matrix } from '../../matrix.js'
import { inPieces, type Steps } from '../../steps.js'
import { blockOffsets } from '../../dense/slices.js'
import type { DataFactor } from './data-factor.js'

/**
 * The misalignment of all modalities as one linear map: for latents z_m = X_m a_m and a = [a_1; ...; a_M],
 *
 *     sum over the blocks of ||block a||^2 = sum over pairs m < l of ||z_m - z_l||^2.
 *
 * The pairs need M (M - 1) / 2 blocks of rows; the Helmert contrasts, which compare each modality with the mean of those
 * before it, are orthogonal and need M - 1: sqrt(M / (l (l + 1))) [R_1, ..., R_l, -l R_(l+1)], l = 1 .. M - 1. For two
 * modalities that is [R_1, -R_2]. Each block ends where its last modality's rows do.
 * A pass over d x d numbers for each: they are not kept, but made where they are needed.
 *
 * @param units - what every column is multiplied by; default 1
 */
export function* helmertSteps({ R, widths }: DataFactor, units?: ArrayLike<number>): Steps<readonly Matrix[]> {
  const M = widths.length
  const offsets = blockOffsets(widths)
  const top = R.rows - R.cols
  const blocks: Matrix[] = []
  for (let l = 1; l < M; l++) {
    const scale = Math.sqrt(M / (l * (l + 1)))
    const rows = top + offsets[l + 1]
    const out = new Float64Array(rows * R.cols)
    const scales = Float64Array.from({ length: offsets[l + 1] }, (_, j) => (j < offsets[l] ? scale : -l * scale) * (units?.[j] ?? 1)) // prettier-ignore
    yield* inPieces(rows, R.cols, (from, to) => {
      for (let i = from; i < to; i++)
        for (let j = 0, at = i * R.cols; j < scales.length; j++, at++) out[at] = scales[j] * R.data[at]
    })
    blocks.push(new Matrix(rows, R.cols, out))
  }
  return blocks
}
