import { expectedPrecisions } from '../metrics/tied-precision.js'
import { expectedReciprocalRank } from '../metrics/tied-rank.js'
import type { ClassRetrieval, EvaluationData } from './evaluation-data.js'
import { byCutoff } from './retrieval.js'

/** What a ranking in random order of n rows is worth: that of rows which all tie. */
export function chanceLevels(
  n: number,
  ks: readonly number[],
  classes: Int32Array | undefined,
): EvaluationData['chance'] {
  const partners = {
    recallAt: byCutoff(ks, ks.map((k) => k / n)), // prettier-ignore
    meanReciprocalRank: expectedReciprocalRank(0, n - 1),
  }
  return classes === undefined ? partners : { ...partners, classes: classChance(n, ks, classes) }
}

function classChance(n: number, ks: readonly number[], classes: Int32Array): ClassRetrieval {
  const counts = new Map<number, number>()
  for (const c of classes) counts.set(c, (counts.get(c) ?? 0) + 1)
  const precisions = ks.map(() => 0)
  let meanAveragePrecision = 0
  for (const relevant of counts.values()) {
    const { average, atKs } = expectedPrecisions({ count: 1, sizes: [n], relevant: [relevant] }, relevant, ks)
    atKs.forEach((precision, i) => (precisions[i] += (relevant / n) * precision))
    meanAveragePrecision += (relevant / n) * average
  }
  return { precisionAt: byCutoff(ks, precisions), meanAveragePrecision }
}
