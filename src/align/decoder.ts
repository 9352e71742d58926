import { multiplySteps } from '../linalg/matmul.js'
import { svdSteps } from '../linalg/svd.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { blockOffsets, columnNormsSteps, columnRange, frobeniusSteps, scaleRows, submatrixSteps } from './blocks.js'
import { modalityBlockSteps, modalityThreshold, type DataFactor } from './data-factor.js'

/**
 * Least-squares decoders from the latent of one modality to every modality: D_l minimises ||Z D_l - X_l||_F over the rows seen,
 * Z = X_m A_m^T, all centred. From the factor alone, with R in place of X; the solution of least norm where latents depend
 * on each other, and zero for latents that are zero but for rounding.
 *
 * @param A - map of modality m, k x d_m
 * @returns one decoder per modality, k x d_l
 */
export function* decoderSteps(engine: Engine, centered: DataFactor, A: Matrix, m: number): Steps<Matrix[]> {
  const block = yield* modalityBlockSteps(centered, m)
  // Rows of unit length give all latents the same rounding error, against which their rank is then judged.
  const lengths = yield* columnNormsSteps(A.transpose())
  const inverseLengths = lengths.map((length) => (Number.isFinite(1 / length) ? 1 / length : 0))
  const Z = yield* multiplySteps(engine, block, scaleRows(A, inverseLengths), { transposeB: true })
  const { U, S, V } = yield* svdSteps(engine, Z, { U: 'thin', V: 'thin' })
  if (U === undefined || V === undefined) throw new Error('the vectors that were asked for are missing')
  const threshold = modalityThreshold(centered, m, yield* frobeniusSteps(block))
  const targets = yield* submatrixSteps(centered.R, 0, block.rows, 0, centered.R.cols)
  const projected = yield* multiplySteps(engine, U, targets, { transposeA: true })
  projected.data.forEach((x, at) => {
    const sigma = S[Math.floor(at / projected.cols)]
    projected.data[at] = sigma > threshold ? x / sigma : 0
  })
  const decoders = scaleRows(yield* multiplySteps(engine, V, projected), inverseLengths)
  const offsets = blockOffsets(centered.widths)
  return centered.widths.map((_, l) => columnRange(decoders, offsets[l], offsets[l + 1]))
}

/** The decoders of a whole model, `[from][to]`; none from a modality to itself. */
export function* allDecoderSteps(
  engine: Engine,
  centered: DataFactor,
  maps: readonly Matrix[],
): Steps<(Matrix | undefined)[][]> {
  const decoders: (Matrix | undefined)[][] = []
  for (const [m, map] of maps.entries()) {
    const all = yield* decoderSteps(engine, centered, map, m)
    decoders.push(all.map((decoder, l) => (l === m ? undefined : decoder)))
  }
  return decoders
}
