import type { SimilarityMetric } from '../../src/metrics/index.js'

function dot(x: number[], y: number[]): number {
  let sum = 0
  for (let l = 0; l < x.length; l++) sum += x[l] * y[l]
  return sum
}

function distance(x: number[], y: number[]): number {
  let [sum, largest] = [0, 0]
  for (let l = 0; l < x.length; l++) largest = Math.max(largest, Math.abs(x[l] - y[l]))
  if (largest === 0) return 0
  for (let l = 0; l < x.length; l++) sum += ((x[l] - y[l]) / largest) ** 2
  return largest * Math.sqrt(sum)
}

const average = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length
const cosine = (x: number[], y: number[]) => {
  const lengths = Math.sqrt(dot(x, x)) * Math.sqrt(dot(y, y))
  return lengths === 0 ? 0 : dot(x, y) / lengths
}

/** Similarities by their definitions, minus the distance by 'euclidean'. */
export function naiveScores(
  queries: number[][],
  gallery: number[][],
  metric: SimilarityMetric,
  neighbours = 10,
): number[][] {
  const closest = (x: number[], others: number[][]) =>
    average(others.map((y) => cosine(x, y)).sort((a, b) => b - a).slice(0, neighbours)) // prettier-ignore
  const ofQueries = metric === 'csls' ? queries.map((x) => closest(x, gallery)) : []
  const ofGallery = metric === 'csls' ? gallery.map((y) => closest(y, queries)) : []
  return queries.map((x, i) =>
    gallery.map((y, j) => {
      if (metric === 'euclidean') return -distance(x, y)
      if (metric === 'dot') return dot(x, y)
      return metric === 'cosine' ? cosine(x, y) : 2 * cosine(x, y) - ofQueries[i] - ofGallery[j]
    }),
  )
}

/** Gallery rows by descending score, of equals the lower first. */
export const byScore = (scores: number[]): number[] =>
  scores.map((_, j) => j).sort((a, b) => scores[b] - scores[a] || a - b)
