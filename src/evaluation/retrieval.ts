import type { RankedRows } from '../align/model/scores.js'
import type { Matrix } from '../matrix.js'
import { classRanks, type ClassRanks } from '../metrics/class-retrieval.js'
import { cslsScores, neighbourhoods } from '../metrics/csls.js'
import { partnerRanks, type PartnerRanks } from '../metrics/retrieval.js'
import { scoresBy, type RankingOptions } from '../metrics/retrieval-input.js'
import type { Scores, ScoreTile } from '../metrics/scores.js'
import type { Engine } from '../runtime/engine.js'
import type { Progress, Steps } from '../steps.js'
import { cosineProducts } from '../search/score-products.js'
import type { ClassRetrieval, DirectionEvaluation, EvaluationData, PartnerRetrieval } from './evaluation-data.js'

/** How retrieval is measured. */
export interface RetrievalPlan {
  readonly ranking: Required<RankingOptions>
  /** What latents are ranked by, unless it is themselves. */
  readonly rows: RankedRows | undefined
  readonly ks: readonly number[]
  /** The class of each row, if there are labels. */
  readonly classes: Int32Array | undefined
}

/** Retrieval between all ordered pairs of modalities: row i of one belongs with row i of any other. */
export function* retrievalSteps(
  engine: Engine,
  latents: readonly Matrix[],
  plan: RetrievalPlan,
): Steps<EvaluationData['retrieval']> {
  const directions = latents.flatMap((_, from) =>
    latents.flatMap((_, to): [number, number][] => (to === from ? [] : [[from, to]])),
  )
  const retrieval: EvaluationData['retrieval'][number][] = []
  for (const [done, [from, to]] of directions.entries()) {
    const progress = { phase: 'retrieval', done, total: directions.length }
    retrieval.push({ from, to, ...(yield* directionSteps(engine, latents, [from, to], plan, progress)) })
  }
  return retrieval
}

function* directionSteps(
  engine: Engine,
  latents: readonly Matrix[],
  [from, to]: readonly [number, number],
  { ranking, rows: rankedRows, ks, classes }: RetrievalPlan,
  progress: Progress,
): Steps<DirectionEvaluation> {
  const { metric, neighbours } = ranking
  const [Q, G] = [latents[from], latents[to]]
  const rows = Int32Array.from({ length: Q.rows }, (_, i) => i)
  const cosines = cosineProducts(engine, Q, G)
  const near = neighbourhoods(G.rows, Q.rows, neighbours)
  // 'csls' takes two passes over the cosines, and the first may serve the metric as well.
  const scores =
    metric === 'cosine' || metric === 'csls' ? cosines : scoresBy(ranking, ...(rankedRows?.(Q, G, from, to) ?? [Q, G]))
  const ranks = partnerRanks(scores, rows)
  const classed = classes && classRanks(scores, classes, classes, ks)
  const own = classed === undefined ? [ranks] : [ranks, classed]
  yield* readSteps(cosines, metric === 'cosine' ? [near, ...own] : [near], Q.rows, progress, 0)
  const csls = cslsScores(cosines, near.means(), near.size)
  const cslsRanks = partnerRanks(csls, rows)
  if (metric === 'csls') {
    const cslsClassed = classes && classRanks(csls, classes, classes, ks)
    yield* readSteps(csls, cslsClassed === undefined ? [cslsRanks] : [cslsRanks, cslsClassed], Q.rows, progress, 1)
    return measured(cslsRanks, cslsRanks, cslsClassed, ks)
  }
  yield* readSteps(csls, [cslsRanks], Q.rows, progress, 1)
  if (metric !== 'cosine') yield* readSteps(scores, own, Q.rows, progress, 2)
  return measured(ranks, cslsRanks, classed, ks)
}

/** Shows every tile to all readers. Of three passes at most this is number `pass`. */
function* readSteps(
  scores: Scores,
  readers: readonly { readonly add: (tile: ScoreTile) => void }[],
  queries: number,
  progress: Progress,
  pass: number,
): Steps<void> {
  for (const tile of scores.tiles()) {
    for (const reader of readers) reader.add(tile)
    yield { ...progress, done: progress.done + (pass + (tile.first + tile.count) / queries) / 3 }
  }
}

function measured(
  ranks: PartnerRanks,
  csls: PartnerRanks,
  classed: ClassRanks | undefined,
  ks: readonly number[],
): DirectionEvaluation {
  const partners = (found: PartnerRanks): PartnerRetrieval => {
    const { recallAtK, meanReciprocalRank } = found.result(ks)
    return { recallAt: byCutoff(ks, recallAtK), meanReciprocalRank }
  }
  const measures = { ...partners(ranks), csls: partners(csls) }
  return classed === undefined ? measures : { ...measures, classes: classMeasures(classed, ks) }
}

function classMeasures(classed: ClassRanks, ks: readonly number[]): ClassRetrieval {
  const { precisionAtK, meanAveragePrecision } = classed.result()
  return { precisionAt: byCutoff(ks, precisionAtK), meanAveragePrecision: meanAveragePrecision() }
}

/** One value for each k. */
export function byCutoff(ks: readonly number[], values: readonly number[]): Record<number, number> {
  return Object.fromEntries(ks.map((k, i) => [k, values[i]]))
}
