import { multiplySteps } from '../../linalg/matmul.js'
import { qrSteps } from '../../linalg/qr.js'
import { countAbove } from '../../linalg/svd.js'
import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { blockOffsets, columnRange, stackRows, submatrixSteps } from '../../dense/slices.js'
import { modalityBlockSteps, type DataFactor } from '../factor/data-factor.js'
import { helmertSteps } from '../factor/helmert.js'
import type { EvenFactor } from '../factor/even-factor.js'
import type { NullSpace } from './null-space.js'
import { singularValueSteps } from '../../linalg/singular-vectors.js'

// A relation is real if its latents stand out from what counts as zero by 60 dB. Below, spectra that merely fade into the
// rounding pass for relations: 31 of them in float32 data of 300 + 300 columns with 10 % noise, none above 9 times the
// threshold; data of condition 1e8 with exact relations has 10^4 (measured).
const RELATION_SIGNAL = 1000

/**
 * How many independent relations between all modalities are a property of the data: those that carry signal, less those
 * that having few rows forces ({@link forcedSteps}). With few rows it is a lower bound.
 */
export function* countRelationsSteps(
  engine: Engine,
  factor: EvenFactor,
  { N, largest, threshold }: NullSpace,
): Steps<number> {
  if (N.cols === 0) return 0
  const summedLatents = yield* singularValueSteps(engine, yield* multiplySteps(engine, factor.R, N))
  // Where zero is not that small, as with a tolerance of the caller's, half way to the largest in orders of magnitude.
  const signal = Math.min(RELATION_SIGNAL * threshold, Math.sqrt(threshold * largest))
  const shared = countAbove(summedLatents, signal * factor.widths.length)
  return shared === 0 ? 0 : Math.max(0, shared - (yield* forcedSteps(engine, factor, threshold)))
}

/**
 * The dimension of what all modalities share for no other reason than that there are few rows.
 *
 * The latents that a modality can have are a subspace of the p free rows, of its rank; a relation is a latent that all have.
 * Two unrelated subspaces of dimensions a and b have max(0, a + b - p) dimensions in common. So do the latents s(G) that a
 * group of modalities shares and those of the other modalities if nothing relates the one group to the other, however
 * closely the modalities of a group are related: the most that any division into two groups forces counts. Were no two
 * modalities related, it would be sum of ranks - (M - 1) p, which is less as soon as two of them are.
 */
function* forcedSteps(engine: Engine, factor: DataFactor, threshold: number): Steps<number> {
  const ranks: number[] = []
  for (let m = 0; m < factor.widths.length; m++) {
    ranks.push(countAbove(yield* singularValueSteps(engine, yield* modalityBlockSteps(factor, m)), threshold))
  }
  const known = new Map<string, number>()
  const sharedSteps = function* (group: readonly number[]): Steps<number> {
    const key = group.join()
    const before = known.get(key)
    if (before !== undefined) return before
    const sum = group.reduce((total, m) => total + ranks[m], 0)
    const shared = group.length === 1 ? sum : sum - (yield* contrastRankSteps(engine, factor, group, threshold))
    known.set(key, shared)
    return shared
  }
  // A group shares at most what its smallest modality has, which saves the ranks of most groups.
  const smallest = (group: readonly number[]) => Math.min(...group.map((m) => ranks[m]))
  let forced = 0
  for (const [one, other] of divisions(ranks.length)) {
    if (smallest(one) + smallest(other) - factor.freeRows <= forced) continue
    const overlap = (yield* sharedSteps(one)) + (yield* sharedSteps(other)) - factor.freeRows
    forced = Math.max(forced, overlap)
  }
  return forced
}

/** All ways to divide 0 .. M - 1 into two groups, neither of them empty: 2^(M - 1) - 1. */
function* divisions(modalities: number): Generator<[number[], number[]]> {
  const all = Array.from({ length: modalities }, (_, m) => m)
  // The last modality is always in the second group, or every division would come twice.
  for (let code = 1; code < 2 ** (modalities - 1); code++) {
    const inFirst = (m: number) => Math.floor(code / 2 ** m) % 2 === 1
    yield [all.filter(inFirst), all.filter((m) => !inFirst(m))]
  }
}

/** The rank of the contrasts of some of the modalities: their ranks together, less what they share. */
function* contrastRankSteps(
  engine: Engine,
  factor: DataFactor,
  group: readonly number[],
  threshold: number,
): Steps<number> {
  const offsets = blockOffsets(factor.widths)
  const parts: Matrix[] = []
  for (const m of group) {
    parts.push(columnRange(factor.R, offsets[m], offsets[m + 1]).transpose())
    yield
  }
  const { R } = yield* qrSteps(engine, stackRows(parts).transpose(), { mode: 'r', pivoting: false })
  const widths = group.map((m) => factor.widths[m])
  const square = yield* submatrixSteps(R, 0, R.cols, 0, R.cols)
  const contrasts = stackRows(yield* helmertSteps({ ...factor, R: square, widths }))
  return countAbove(yield* singularValueSteps(engine, contrasts), threshold)
}
