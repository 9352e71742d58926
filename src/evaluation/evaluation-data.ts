import type { RhoMetric } from '../align/model/scores.js'
import type { SimilarityMetric } from '../metrics/retrieval-input.js'

/** What near means in retrieval: how latents compare, or what the model knows of them besides. */
export type RetrievalMetric = SimilarityMetric | RhoMetric

/** How well queries find their partners. */
export interface PartnerRetrieval {
  /** Share of queries whose partner is among the k nearest, by k. */
  readonly recallAt: Readonly<Record<number, number>>
  readonly meanReciprocalRank: number
}

/** How well queries find rows of their class. */
export interface ClassRetrieval {
  /** Of the k nearest, the share of the query's class, by k. */
  readonly precisionAt: Readonly<Record<number, number>>
  readonly meanAveragePrecision: number
}

/** Two modalities' latents beside each other. */
export interface PairEvaluation {
  readonly cmae: number
  readonly ncmae: number
  readonly alignmentLoss: number
  readonly modalityGap: number
  readonly meanCanonicalCorrelation: number
  readonly svcca: number
  readonly linearCka: number
  readonly procrustesDisparity: number
}

/** One modality's latents by themselves. */
export interface ModalityEvaluation {
  /** Mean squared length of the latents. */
  readonly energy: number
  readonly effectiveRank: number
  readonly uniformityLoss: number
  /** Share of the samples' variance that a linear map has back from the latents. */
  readonly collapseRatio: number
}

/** Retrieval of one modality's latents by another's. */
export interface DirectionEvaluation extends PartnerRetrieval {
  /** Partners by 'csls', beside the metric that was asked for. */
  readonly csls: PartnerRetrieval
  /** Only with labels. */
  readonly classes?: ClassRetrieval
}

/** All that {@link Evaluation} holds, in plain objects, arrays and numbers. */
export interface EvaluationData {
  /** Samples evaluated, n. */
  readonly rows: number
  /** Dimensions of the latents, k. */
  readonly components: number
  /** What near means in `retrieval`. */
  readonly metric: RetrievalMetric
  /** One for every two modalities. */
  readonly pairs: readonly (PairEvaluation & {
    readonly modalities: readonly [number, number]
    /** Descending, k of them. */
    readonly canonicalCorrelations: readonly number[]
  })[]
  /** One for every modality. */
  readonly modalities: readonly (ModalityEvaluation & {
    /** What each component contributes to the energy. */
    readonly componentEnergies: readonly number[]
  })[]
  /** One for every ordered pair: queries of modality `from`, a gallery of modality `to`. */
  readonly retrieval: readonly (DirectionEvaluation & { readonly from: number; readonly to: number })[]
  /** Means over the pairs, the modalities, and the ordered pairs. */
  readonly means: PairEvaluation & ModalityEvaluation & DirectionEvaluation
  /** What guessing at random reaches. */
  readonly chance: PartnerRetrieval & { readonly classes?: ClassRetrieval }
}
