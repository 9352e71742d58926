import { multiplySteps } from '../../linalg/matmul.js'
import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { inverse, scaleColumnsSteps, scaleRows } from '../../dense/arithmetic.js'
import { columnNormsSteps, frobeniusSteps } from '../../dense/norms.js'
import { blockOffsets, submatrixSteps } from '../../dense/slices.js'
import { modalityBlockSteps, modalityThreshold, type DataFactor } from '../factor/data-factor.js'
import { minimumNormSteps } from '../../linalg/minimum-norm.js'
import { evenFactorSteps } from '../factor/even-factor.js'

/**
 * Least-squares decoders from the latent of one modality to the others: D_l minimises ||Z D_l - X_l||_F over the rows seen,
 * Z = X_m A_m^T, all centred. From the factor alone, with R in place of X; the solution of least norm where latents depend
 * on each other, and zero for latents that are zero but for rounding.
 *
 * @param A - map of modality m, k x d_m
 * @returns one decoder per modality, k x d_l; none for m itself
 */
export function* decoderSteps(
  engine: Engine,
  centered: DataFactor,
  A: Matrix,
  m: number,
): Steps<(Matrix | undefined)[]> {
  const even = yield* evenFactorSteps(centered)
  const block = yield* modalityBlockSteps(even, m)
  const offsets = blockOffsets(centered.widths)
  const scales = even.scales.subarray(offsets[m], offsets[m + 1])
  const ofEven = yield* scaleColumnsSteps(A, scales.map((x) => 1 / x)) // prettier-ignore
  // Rows of unit length give all latents the same rounding error, against which their rank is then judged.
  const lengths = yield* columnNormsSteps(ofEven.transpose())
  const inverseLengths = lengths.map(inverse)
  const Z = yield* multiplySteps(engine, block, scaleRows(ofEven, inverseLengths), { transposeB: true })
  const threshold = modalityThreshold(even, m, yield* frobeniusSteps(block))
  const solve = yield* minimumNormSteps(engine, Z, () => threshold)
  const decoders: (Matrix | undefined)[] = []
  for (let l = 0; l < centered.widths.length; l++) {
    if (l === m) decoders.push(undefined)
    else {
      const target = yield* submatrixSteps(centered.R, 0, block.rows, offsets[l], offsets[l + 1])
      decoders.push(scaleRows(yield* solve(target), inverseLengths))
    }
  }
  return decoders
}
