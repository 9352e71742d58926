import { ridgeSteps } from '../align/least-squares/ridge.js'
import { centeredFactorSteps, modalityBlockSteps, type DataFactor } from '../align/factor/data-factor.js'
import type { JointFactor } from '../align/factor/joint-factor.js'
import { paddedBlockSteps } from '../align/factor/principal.js'
import { PerfectAlignment } from '../align/perfect/perfect-alignment.js'
import { multiple } from '../dense/arithmetic.js'
import { norm } from '../dense/norms.js'
import { columnRange, leadingRows, stackRows } from '../dense/slices.js'
import { leadingTripletSteps } from '../linalg/leading-triplets.js'
import { multiplySteps } from '../linalg/matmul.js'
import { svdSteps } from '../linalg/svd.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { significant } from '../text-table.js'
import type { AffineMap } from './affine-map.js'
import type { MigrationMethod, MigrationWay } from './options.js'

/** The numbers of the modalities. */
export const [OLD, NEW] = [0, 1]

/** What a candidate is, without its numbers. */
export interface CandidateName {
  readonly way: MigrationWay
  readonly method: MigrationMethod
  /** Directions that are kept, where the method leaves some out. */
  readonly rank?: number
  /** Whether it is of rows of length 1. */
  readonly isUnit: boolean
}

/** Maps that old and new vectors may be brought together by. */
export interface Candidate extends CandidateName {
  /** Of what is stored; undefined: it stays as it is. */
  readonly stored: AffineMap | undefined
  /** Of queries, likewise. */
  readonly queries: AffineMap | undefined
  /** What the data chose, in words. */
  readonly setting: string
}

/** Whether rows of the old and of the new model have length 1. */
export type UnitLengths = readonly [isOldUnit: boolean, isNewUnit: boolean]

/** What a candidate is made of: the factor of the pairs, and what is known of their lengths. */
interface Source {
  readonly joint: JointFactor
  readonly factor: DataFactor
  readonly isUnit: boolean
  /** Whether a target has rows of length 1, by its number. */
  readonly lengths: UnitLengths
}

/** The ranks to try: what the narrower model has, and halves of it. */
const SHARES = [1, 2, 4]

const ranksOf = (most: number, from = 0): number[] =>
  [...new Set(SHARES.slice(from).map((share) => Math.max(1, Math.floor(most / share))))].filter(
    (rank) => from === 0 || rank < most,
  )

/**
 * All maps that are wanted, one after the other, from a joint factor of pairs: no row is read again.
 *
 * - ridge regression of either model on the other, its penalty by generalised cross-validation (Golub, Heath and Wahba 1979);
 * - the same of reduced rank: only the leading directions of what it predicts (Mukherjee and Zhu 2011);
 * - the rotation and scale that fit best (Schoenemann 1966); between different widths the narrower is filled up with zeros;
 * - 'balanced' alignment, which maps both.
 *
 * @param source.isUnit - whether the rows of the factor were brought to length 1
 * @param wanted.wants - whether a way and method are asked for
 * @param wanted.rank - the only one to try; default several
 * @param take - what is done with each; none is kept
 */
export function* candidateSteps(
  engine: Engine,
  { joint, isUnit, lengths }: Pick<Source, 'joint' | 'isUnit' | 'lengths'>,
  { wants, rank }: { readonly wants: Wants; readonly rank?: number | undefined },
  take: (candidate: Candidate) => Steps<void>,
): Steps<void> {
  const source: Source = { joint, factor: yield* centeredFactorSteps(joint), isUnit, lengths }
  const takeAll = function* (candidates: readonly Candidate[]): Steps<void> {
    for (const candidate of candidates) if (wants(candidate.way, candidate.method)) yield* take(candidate)
  }
  for (const [way, from] of [
    ['queries', NEW],
    ['stored', OLD],
  ] as const) {
    const reduces = wants(way, 'reduced-rank')
    if (reduces || wants(way, 'ridge')) yield* takeAll(yield* regressionSteps(engine, source, way, from, reduces, rank))
  }
  if (wants('queries', 'procrustes') || wants('stored', 'procrustes')) yield* takeAll(yield* rotationSteps(engine, source)) // prettier-ignore
  if (wants('both', 'perfect-alignment')) yield* takeAll(yield* alignmentSteps(engine, source, rank))
}

/** Whether a way and method are asked for. */
export type Wants = (way: MigrationWay, method: MigrationMethod) => boolean

/** A map of the vectors of one model to those of the other, of centred rows. */
function directed(
  { joint, isUnit, lengths }: Source,
  way: 'queries' | 'stored',
  A: Matrix,
): Pick<Candidate, 'way' | 'isUnit' | 'stored' | 'queries'> {
  const [from, to] = way === 'queries' ? [NEW, OLD] : [OLD, NEW]
  const means = joint.means()
  const map = { A, mean: means[from], offset: means[to], takesUnit: isUnit, givesUnit: isUnit || lengths[to] }
  return { way, isUnit, stored: way === 'stored' ? map : undefined, queries: way === 'queries' ? map : undefined }
}

function* regressionSteps(
  engine: Engine,
  source: Source,
  way: 'queries' | 'stored',
  from: number,
  reduces: boolean,
  rank?: number,
): Steps<Candidate[]> {
  const { factor } = source
  const { B, alpha } = yield* ridgeSteps(engine, factor, from, 'gcv')
  const ridge = `ridge ${significant(alpha)}`
  const found: Candidate[] = [{ ...directed(source, way, B.transpose()), method: 'ridge', setting: ridge }]
  const ranks = rank === undefined ? ranksOf(Math.min(...factor.widths), 1) : [rank]
  if (!reduces || ranks.length === 0) return found
  // Of the predictions, with the rows that stand for the penalty: X B, and sqrt(alpha) B below.
  const predicted = yield* multiplySteps(engine, yield* modalityBlockSteps(factor, from), B)
  const stacked = stackRows([predicted, multiple(B, Math.sqrt(alpha))])
  const most = Math.min(ranks[0], stacked.rows, stacked.cols)
  const { V } = yield* leadingTripletSteps(engine, stacked, most)
  for (const wanted of ranks) {
    const kept = columnRange(V, 0, Math.min(wanted, most))
    const inside = yield* multiplySteps(engine, kept, B, { transposeA: true, transposeB: true })
    const A = yield* multiplySteps(engine, kept, inside)
    found.push({ ...directed(source, way, A), method: 'reduced-rank', rank: wanted, setting: `rank ${wanted}, ${ridge}` }) // prettier-ignore
  }
  return found
}

/** Q = U V^T with X_old^T X_new = U S V^T, of orthonormal rows or columns, both ways; each with the scale that fits best. */
function* rotationSteps(engine: Engine, source: Source): Steps<Candidate[]> {
  const { factor } = source
  const blocks = [yield* paddedBlockSteps(factor, OLD), yield* paddedBlockSteps(factor, NEW)]
  const products = yield* multiplySteps(engine, blocks[OLD], blocks[NEW], { transposeA: true })
  const { U, S, V } = yield* svdSteps(engine, products, { U: 'thin', V: 'thin' })
  const Q = yield* multiplySteps(engine, U, V, { transposeB: true })
  const shared = S.reduce((sum, sigma) => sum + sigma, 0)
  const found: Candidate[] = []
  for (const way of ['queries', 'stored'] as const) {
    const moved = yield* multiplySteps(engine, blocks[way === 'queries' ? NEW : OLD], Q, { transposeB: way === 'queries' }) // prettier-ignore
    const size = norm(moved.data)
    const scale = size > 0 ? shared / size / size : 1
    const A = multiple(way === 'queries' ? Q : Q.transpose(), scale)
    found.push({ ...directed(source, way, A), method: 'procrustes', setting: `scale ${significant(scale)}` })
  }
  return found
}

function* alignmentSteps(engine: Engine, source: Source, rank?: number): Steps<Candidate[]> {
  const { joint, isUnit } = source
  const model = new PerfectAlignment({ nComponents: 'all', selection: 'balanced' })
  yield* model.fitSteps(engine, joint)
  const { maps, means } = model
  const ranks = rank === undefined ? ranksOf(maps[0].rows) : [Math.min(rank, maps[0].rows)]
  return ranks.map((k) => {
    const map = (m: number): AffineMap => ({
      A: leadingRows(maps[m], k),
      mean: means[m],
      offset: undefined,
      takesUnit: isUnit,
      // A shared space is compared by cosine, whatever came in.
      givesUnit: true,
    })
    return { way: 'both', method: 'perfect-alignment', rank: k, isUnit, stored: map(OLD), queries: map(NEW), setting: `k ${k}` } // prettier-ignore
  })
}
