import { listOf } from '../matrix-input.js'
import { type Matrix } from '../matrix.js'
import { integerIn, knownOptions, oneOf } from '../validation.js'
import { cslsScores, neighbourhoods } from './csls.js'
import { latents } from './latent-input.js'
import type { Scores } from './scores.js'
import { cosineScores, distanceScores, dotScores } from './similarity.js'

/**
 * How alike two vectors are: the cosine of their angle, minus their Euclidean distance, their inner product, or the cosine
 * corrected for hubs (CSLS, Conneau et al. 2018): 2 cos(x, y) - r(x) - r(y), each r the mean cosine of a vector with its
 * closest neighbours on the other side. All but the distance treat a zero vector as orthogonal to everything.
 */
export type SimilarityMetric = (typeof SIMILARITY_METRICS)[number]

export const SIMILARITY_METRICS = ['cosine', 'euclidean', 'dot', 'csls'] as const

/** Options of every metric that ranks a gallery. */
export interface RankingOptions {
  /** How similarity is measured; default 'cosine'. */
  readonly metric?: SimilarityMetric
  /** Size of the neighbourhoods of 'csls'; default 10, as in its source, and never more than there are rows. */
  readonly neighbours?: number
}

const DEFAULT_NEIGHBOURS = 10

/** Reads queries and a gallery: latents with the same components. */
export function queriesAndGallery(queries: unknown, gallery: unknown): { Q: Matrix; G: Matrix } {
  const Q = latents(queries, 'queries')
  const G = latents(gallery, 'gallery')
  if (Q.cols !== G.cols) {
    throw new RangeError(
      `queries is ${Q.rows} x ${Q.cols} but gallery is ${G.rows} x ${G.cols}: both must have the same components`,
    )
  }
  return { Q, G }
}

/** Checks how the gallery is ranked, and fills in what was left out; `others` are the options that the caller has beside these. */
export function rankingOptions(options: RankingOptions, others: readonly string[] = []): Required<RankingOptions> {
  const known = knownOptions(options, [...others, 'metric', 'neighbours'])
  const { metric = 'cosine', neighbours = DEFAULT_NEIGHBOURS } = known
  return {
    metric: oneOf(metric, SIMILARITY_METRICS, 'metric'),
    neighbours: integerIn(neighbours, 1, Number.MAX_SAFE_INTEGER, 'neighbours'),
  }
}

/** The scores of a metric, in plain JavaScript. */
export function scoresBy({ metric, neighbours }: Required<RankingOptions>, Q: Matrix, G: Matrix): Scores {
  if (metric === 'euclidean') return distanceScores(Q, G)
  if (metric === 'dot') return dotScores(Q, G)
  const cosines = cosineScores(Q, G)
  if (metric === 'cosine') return cosines
  const near = neighbourhoods(G.rows, Q.rows, neighbours)
  for (const tile of cosines.tiles()) near.add(tile)
  return cslsScores(cosines, near.means(), near.size)
}

/** Which gallery row belongs with each query. */
export function partnerRows(partners: unknown, Q: Matrix, G: Matrix): Int32Array {
  const n = Q.rows
  if (partners === undefined) {
    if (G.rows === n) return Int32Array.from({ length: n }, (_, i) => i)
    throw new RangeError(
      `queries is ${n} x ${Q.cols} but gallery is ${G.rows} x ${G.cols}: row i of both must belong together, or pass \`partners\``,
    )
  }
  const list = listOf(partners, 'partners', 'an array of gallery row indices', 'queries', n)
  return Int32Array.from(list, (row, i) => integerIn(row, 0, G.rows - 1, `partners[${i}]`))
}
