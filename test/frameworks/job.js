// What every app computes: a fit, its maps, a decomposition and a search, at once and asynchronously, as one number.
import { PerfectAlignment, recallAtK, svd, svdAsync } from 'collimate'
import { referenceExperiment } from 'collimate/synthetic'

export async function job() {
  const { modalities } = referenceExperiment({ seed: 1, n: 200, dims: [8, 6], noise: 0.1 })
  const model = PerfectAlignment.fromBytes(new PerfectAlignment({ nComponents: 2 }).fit(modalities).toBytes())
  const [Z1, Z2] = modalities.map((X, m) => model.transform(X, m))
  const recall = recallAtK(Z1, Z2, 10, { metric: 'euclidean' })
  const sigma = svd(modalities[0]).S[1] + (await svdAsync(modalities[1])).S[1]
  return `collimate ${(recall + sigma).toFixed(6)}`
}
