import type { ClassRetrieval, EvaluationData, PartnerRetrieval } from './evaluation-data.js'
import { keysOf, MODALITY_MEASURES, PAIR_MEASURES } from './measures.js'

/** Means over the pairs, the modalities and the ordered pairs. */
export function meansOf({
  pairs,
  modalities,
  retrieval,
}: Pick<EvaluationData, 'pairs' | 'modalities' | 'retrieval'>): EvaluationData['means'] {
  const classes = retrieval.flatMap((direction) => direction.classes ?? [])
  return {
    ...figureMeans(PAIR_MEASURES, pairs),
    ...figureMeans(MODALITY_MEASURES, modalities),
    ...partnerMeans(retrieval),
    csls: partnerMeans(retrieval.map(({ csls }) => csls)),
    ...(classes.length === 0 ? {} : { classes: classMeans(classes) }),
  }
}

function figureMeans<Key extends string>(
  measures: Readonly<Record<Key, unknown>>,
  rows: readonly Readonly<Record<Key, number>>[],
): Record<Key, number> {
  const means = keysOf(measures).map((key) => [key, over(rows, (row) => row[key])])
  return Object.fromEntries(means) as Record<Key, number>
}

/** Terms are divided first: the sum of what is finite could overflow. */
function over<Row>(rows: readonly Row[], value: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + value(row) / rows.length, 0)
}

function partnerMeans(rows: readonly PartnerRetrieval[]): PartnerRetrieval {
  return {
    recallAt: cutoffMeans(rows.map(({ recallAt }) => recallAt)),
    meanReciprocalRank: over(rows, ({ meanReciprocalRank }) => meanReciprocalRank),
  }
}

function classMeans(rows: readonly ClassRetrieval[]): ClassRetrieval {
  return {
    precisionAt: cutoffMeans(rows.map(({ precisionAt }) => precisionAt)),
    meanAveragePrecision: over(rows, ({ meanAveragePrecision }) => meanAveragePrecision),
  }
}

function cutoffMeans(rows: readonly Readonly<Record<number, number>>[]): Record<number, number> {
  return Object.fromEntries(Object.keys(rows[0]).map((k) => [k, over(rows, (row) => row[Number(k)])]))
}
