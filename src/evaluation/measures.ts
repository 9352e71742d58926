import type { DataFactor } from '../align/factor/data-factor.js'
import type { Principal } from '../align/factor/principal.js'
import { meanCorrelation, svccaSteps } from '../comparison/canonical-correlations.js'
import { collapseRatioSteps } from '../comparison/collapse-ratio.js'
import { linearCkaSteps } from '../comparison/linear-cka.js'
import { procrustesDisparitySteps } from '../comparison/procrustes-disparity.js'
import { svdSteps } from '../linalg/svd.js'
import type { Matrix } from '../matrix.js'
import { cmae, ncmae } from '../metrics/alignment.js'
import { alignmentLoss, pairPotential } from '../metrics/hypersphere.js'
import { effectiveRankOfSpectrum } from '../metrics/latent.js'
import { modalityGap } from '../metrics/modality-gap.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import { unitOperand } from '../search/operands.js'
import { productBlocks } from '../search/row-products.js'
import { share, significant } from '../text-table.js'
import type { ModalityEvaluation, PairEvaluation } from './evaluation-data.js'

/** What is known of two modalities' latents when they are measured beside each other. */
export interface Pair {
  readonly engine: Engine
  readonly latents: readonly [Matrix, Matrix]
  readonly modalities: readonly [number, number]
  /** The factor of all modalities' latents, and the principal components of each. */
  readonly data: DataFactor
  readonly principals: readonly Principal[]
  readonly canonicalCorrelations: Float64Array
}

/** What is known of one modality when its latents are measured by themselves. */
export interface Modality {
  readonly engine: Engine
  readonly samples: Matrix
  readonly latents: Matrix
  readonly componentEnergies: readonly number[]
}

/** How a figure heads its column of a table, how it is written there, and what it is. */
export interface Measure<Subject> {
  readonly heading: string
  readonly format: (value: number) => string
  readonly measure: (subject: Subject) => number | Steps<number>
}

/** The figures of two modalities, in the order of the table. */
export const PAIR_MEASURES: Readonly<Record<keyof PairEvaluation, Measure<Pair>>> = {
  cmae: { heading: 'CMAE', format: significant, measure: ({ latents }) => cmae(...latents) },
  ncmae: { heading: 'NCMAE', format: significant, measure: ({ latents }) => ncmae(...latents) },
  alignmentLoss: { heading: 'alignment', format: significant, measure: ({ latents }) => alignmentLoss(...latents) },
  modalityGap: { heading: 'gap', format: significant, measure: ({ latents }) => modalityGap(...latents) },
  meanCanonicalCorrelation: {
    heading: 'CCA',
    format: share,
    measure: ({ canonicalCorrelations }) => meanCorrelation(canonicalCorrelations),
  },
  svcca: {
    heading: 'SVCCA',
    format: share,
    measure: ({ engine, principals, modalities: [a, b] }) => svccaSteps(engine, principals[a], principals[b]),
  },
  linearCka: {
    heading: 'CKA',
    format: share,
    measure: ({ engine, data, modalities: [a, b] }) => linearCkaSteps(engine, data, a, b),
  },
  procrustesDisparity: {
    heading: 'Procrustes',
    format: significant,
    measure: ({ engine, data, modalities: [a, b] }) => procrustesDisparitySteps(engine, data, a, b),
  },
}

/** The figures of one modality, in the order of the table. */
export const MODALITY_MEASURES: Readonly<Record<keyof ModalityEvaluation, Measure<Modality>>> = {
  energy: {
    heading: 'energy',
    format: significant,
    measure: ({ componentEnergies }) => componentEnergies.reduce((sum, energy) => sum + energy, 0),
  },
  effectiveRank: {
    heading: 'effective rank',
    format: (rank) => rank.toFixed(1),
    *measure({ engine, latents }) {
      return effectiveRankOfSpectrum((yield* svdSteps(engine, latents, { U: 'none', V: 'none' })).S)
    },
  },
  uniformityLoss: { heading: 'uniformity', format: significant, measure: uniformitySteps },
  collapseRatio: {
    heading: 'kept',
    format: share,
    measure: ({ engine, samples, latents }) => collapseRatioSteps(engine, [samples, latents]),
  },
}

/** As the default of uniformityLoss. */
const UNIFORMITY_T = 2

function* uniformitySteps({ engine, latents }: Modality): Steps<number> {
  const potential = pairPotential(latents.rows, UNIFORMITY_T)
  const rows = unitOperand(latents)
  for (const { firstQuery, queries, firstRow, rows: count, products, stride } of productBlocks(
    engine,
    rows,
    rows,
    'half',
  )) {
    for (let q = 0; q < queries; q++) {
      potential.add(firstQuery + q, firstRow, products.subarray(q * stride, q * stride + count))
    }
    yield
  }
  return potential.logMean()
}

/** Every figure of the table, of one subject. */
export function* measureSteps<Key extends string, Subject>(
  measures: Readonly<Record<Key, Measure<Subject>>>,
  subject: Subject,
): Steps<Record<Key, number>> {
  const figures = {} as Record<Key, number>
  for (const key of keysOf(measures)) {
    const figure = measures[key].measure(subject)
    figures[key] = typeof figure === 'number' ? figure : yield* figure
  }
  return figures
}

/** The names of a table's figures. */
export function keysOf<Key extends string>(measures: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(measures) as Key[]
}
