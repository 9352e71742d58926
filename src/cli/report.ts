import type { LinearAlignment } from '../align/linear-alignment.js'
import { svdvals } from '../linalg/svd.js'
import { Matrix } from '../matrix.js'
import { cmae, ncmae } from '../metrics/alignment.js'
import { effectiveRankOfSpectrum, latentEnergy } from '../metrics/latent.js'
import { evaluateRetrieval } from '../metrics/retrieval.js'
import type { Progress, Steps } from '../runtime/steps.js'

/** How closeness of two latents is judged in retrieval. */
export type RetrievalMetric = 'cosine' | 'euclidean'

/** How well one modality's latents find their partners in another's. */
export interface Retrieval {
  /** Share of queries whose partner is among the K nearest, by K. */
  readonly recallAt: Readonly<Record<number, number>>
  readonly meanReciprocalRank: number
}

/** What `collimate evaluate` measures. Modalities are numbered as in the fit. */
export interface Report {
  readonly rows: number
  readonly components: number
  readonly metric: RetrievalMetric
  readonly pairs: readonly {
    readonly modalities: readonly [number, number]
    readonly cmae: number
    readonly ncmae: number
  }[]
  readonly modalities: readonly {
    /** Mean squared length of the latents. */
    readonly energy: number
    /** What each component contributes to it. */
    readonly componentEnergies: readonly number[]
    readonly effectiveRank: number
  }[]
  readonly retrieval: readonly (Retrieval & { readonly from: number; readonly to: number })[]
  /** What guessing at random would reach. */
  readonly chance: Retrieval
}

const RECALL_KS = [1, 5, 10]

/** Measures a model on paired rows that its fit has not seen; in steps, as it takes time. */
export function* evaluation(
  model: LinearAlignment,
  samples: readonly Matrix[],
  metric: RetrievalMetric,
): Steps<Report> {
  const { rows } = samples[0]
  const ks = RECALL_KS.filter((k) => k <= rows)
  const directions = orderedPairs(samples.length)
  const latents: Matrix[] = []
  for (const [modality, x] of samples.entries()) {
    latents.push(model.transform(x, modality))
    yield { phase: 'transform', done: latents.length, total: samples.length }
  }
  const retrieval: Report['retrieval'][number][] = []
  for (const [done, [from, to]] of directions.entries()) {
    const phase = { phase: 'retrieval', done, total: directions.length }
    retrieval.push({ from, to, ...(yield* retrievalSteps(latents[from], latents[to], { ks, metric }, phase)) })
  }
  return {
    rows,
    components: latents[0].cols,
    metric,
    pairs: directions.filter(([from, to]) => from < to).map((pair) => misalignment(latents, pair)),
    modalities: latents.map((z) => description(z)),
    retrieval,
    chance: chance(rows, ks),
  }
}

function orderedPairs(count: number): [number, number][] {
  const all = Array.from({ length: count }, (_, m) => m)
  return all.flatMap((from) => all.filter((to) => to !== from).map((to): [number, number] => [from, to]))
}

function misalignment(latents: readonly Matrix[], pair: readonly [number, number]): Report['pairs'][number] {
  const [a, b] = [latents[pair[0]], latents[pair[1]]]
  return { modalities: pair, cmae: cmae(a, b), ncmae: ncmae(a, b) }
}

function description(z: Matrix): Report['modalities'][number] {
  const componentEnergies = [...latentEnergy(z)]
  const energy = componentEnergies.reduce((sum, e) => sum + e, 0)
  return { energy, componentEnergies, effectiveRank: effectiveRankOfSpectrum(svdvals(z)) }
}

// Multiply-adds in one piece of retrieval: some tenths of a second, after which Ctrl-C gets its turn.
const PIECE_WORK = 2 ** 27
// Preparing the gallery costs every piece about as much as comparing a few of its queries.
const MIN_PIECE_ROWS = 64

/** Retrieval of row i by row i, some queries at a time: means over the queries add up from means over pieces. */
function* retrievalSteps(
  queries: Matrix,
  gallery: Matrix,
  options: { readonly ks: readonly number[]; readonly metric: RetrievalMetric },
  progress: Progress,
): Steps<Retrieval> {
  const { rows, cols } = queries
  const pieceRows = Math.max(MIN_PIECE_ROWS, Math.floor(PIECE_WORK / (rows * cols)))
  const recalls = options.ks.map(() => 0)
  let meanReciprocalRank = 0
  for (let start = 0; start < rows; start += pieceRows) {
    const partners = Array.from({ length: Math.min(pieceRows, rows - start) }, (_, i) => start + i)
    const weight = partners.length / rows
    const piece = new Matrix(
      partners.length,
      cols,
      queries.data.subarray(start * cols, (start + partners.length) * cols),
    )
    const scores = evaluateRetrieval(piece, gallery, { ...options, partners })
    scores.recallAtK.forEach((recall, i) => (recalls[i] += weight * recall))
    meanReciprocalRank += weight * scores.meanReciprocalRank
    yield { ...progress, done: progress.done + (start + partners.length) / rows }
  }
  return { recallAt: Object.fromEntries(options.ks.map((k, i) => [k, recalls[i]])), meanReciprocalRank }
}

/** Under a random order the partner's rank is uniform on 1 .. n, so its reciprocal has the mean H_n / n. */
function chance(n: number, ks: readonly number[]): Retrieval {
  let harmonic = 0
  for (let rank = n; rank >= 1; rank--) harmonic += 1 / rank
  return { recallAt: Object.fromEntries(ks.map((k) => [k, k / n])), meanReciprocalRank: harmonic / n }
}
