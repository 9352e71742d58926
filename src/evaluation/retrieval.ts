import type { RankedRows } from '../align/model/scores.js'
import type { Matrix } from '../matrix.js'
import { classRanks } from '../metrics/class-retrieval.js'
import { cslsScores } from '../metrics/csls.js'
import { scoresBy, type RankingOptions } from '../metrics/retrieval-input.js'
import { reportedAs } from '../progress.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { mutualRanks, scoredRanks, type Ranked } from '../search/mutual-ranks.js'
import { cosineProducts } from '../search/score-products.js'
import type { ClassRetrieval, EvaluationData, PartnerRetrieval } from './evaluation-data.js'

/** How retrieval is measured. */
export interface RetrievalPlan {
  readonly ranking: Required<RankingOptions>
  /** What latents are ranked by, unless it is themselves. */
  readonly rows: RankedRows | undefined
  readonly ks: readonly number[]
  /** The class of each row, if there are labels. */
  readonly classes: Int32Array | undefined
}

/** Passes over the scores of two modalities, some of which are for some options. */
const PASSES = 5

/** Retrieval between all ordered pairs of modalities: row i of one belongs with row i of any other. */
export function* retrievalSteps(
  engine: Engine,
  latents: readonly Matrix[],
  { ranking, rows, ks, classes }: RetrievalPlan,
): Steps<EvaluationData['retrieval']> {
  const { metric, neighbours } = ranking
  const pairs = latents.flatMap((_, a) => latents.slice(a + 1).map((_, b): [number, number] => [a, a + 1 + b]))
  const retrieval: EvaluationData['retrieval'][number][] = []
  const partners = (ranked: Ranked): PartnerRetrieval => {
    const { recallAtK, meanReciprocalRank } = ranked(ks)
    return { recallAt: byCutoff(ks, recallAtK), meanReciprocalRank }
  }
  for (const [index, [a, b]] of pairs.entries()) {
    const pass = <T>(number: number, steps: Steps<T>) =>
      reportedAs(({ done, total }) => {
        return { phase: 'retrieval', done: PASSES * index + number + done / total, total: PASSES * pairs.length }
      }, steps)
    const [A, B] = [latents[a], latents[b]]
    const both = [rows?.(A, B, a, b) ?? [A, B], rows?.(B, A, b, a) ?? [B, A]] as const
    const found = yield* pass(0, mutualRanks(engine, A, B, neighbours))
    const csls = yield* pass(1, found.csls())
    const own =
      metric === 'cosine' ? found.cosine : metric === 'csls' ? csls : yield* pass(2, scoredRanks(ranking, both))
    for (const side of [0, 1]) {
      const classSteps =
        classes && classRetrievalSteps(engine, ...both[side], ranking, found.means[1 - side], classes, ks)
      retrieval.push({
        from: side === 0 ? a : b,
        to: side === 0 ? b : a,
        ...partners(own[side]),
        csls: partners(csls[side]),
        ...(classSteps && { classes: yield* pass(3 + side, classSteps) }),
      })
    }
  }
  return retrieval.sort((x, y) => x.from - y.from || x.to - y.to)
}

/** How rows of the class of each are ranked; `means` are what the gallery's rows are corrected by for 'csls'. */
function* classRetrievalSteps(
  engine: Engine,
  Q: Matrix,
  G: Matrix,
  ranking: RetrievalPlan['ranking'],
  means: Float64Array,
  classes: Int32Array,
  ks: readonly number[],
): Steps<ClassRetrieval> {
  const { metric, neighbours } = ranking
  const isDirection = metric === 'cosine' || metric === 'csls'
  let scores = isDirection ? cosineProducts(engine, Q, G) : scoresBy(ranking, Q, G)
  if (metric === 'csls') scores = cslsScores(scores, means, Math.min(neighbours, Q.rows))
  const ranks = classRanks(scores, classes, classes, ks)
  for (const tile of scores.tiles()) {
    ranks.add(tile)
    yield { phase: 'retrieval', done: tile.first + tile.count, total: Q.rows }
  }
  const { precisionAtK, meanAveragePrecision } = ranks.result()
  return { precisionAt: byCutoff(ks, precisionAtK), meanAveragePrecision: meanAveragePrecision() }
}

/** One value for each k. */
export function byCutoff(ks: readonly number[], values: readonly number[]): Record<number, number> {
  return Object.fromEntries(ks.map((k, i) => [k, values[i]]))
}
