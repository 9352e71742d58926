import type { ClassRetrieval, EvaluationData, PartnerRetrieval } from './evaluation-data.js'

/** Means over the pairs, the modalities and the ordered pairs. */
export function meansOf({
  pairs,
  modalities,
  retrieval,
}: Pick<EvaluationData, 'pairs' | 'modalities' | 'retrieval'>): EvaluationData['means'] {
  const classes = retrieval.flatMap((direction) => direction.classes ?? [])
  return {
    cmae: over(pairs, ({ cmae }) => cmae),
    ncmae: over(pairs, ({ ncmae }) => ncmae),
    alignmentLoss: over(pairs, ({ alignmentLoss }) => alignmentLoss),
    modalityGap: over(pairs, ({ modalityGap }) => modalityGap),
    meanCanonicalCorrelation: over(pairs, ({ meanCanonicalCorrelation }) => meanCanonicalCorrelation),
    svcca: over(pairs, ({ svcca }) => svcca),
    linearCka: over(pairs, ({ linearCka }) => linearCka),
    procrustesDisparity: over(pairs, ({ procrustesDisparity }) => procrustesDisparity),
    energy: over(modalities, ({ energy }) => energy),
    effectiveRank: over(modalities, ({ effectiveRank }) => effectiveRank),
    uniformityLoss: over(modalities, ({ uniformityLoss }) => uniformityLoss),
    collapseRatio: over(modalities, ({ collapseRatio }) => collapseRatio),
    ...partnerMeans(retrieval),
    csls: partnerMeans(retrieval.map(({ csls }) => csls)),
    ...(classes.length === 0 ? {} : { classes: classMeans(classes) }),
  }
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
