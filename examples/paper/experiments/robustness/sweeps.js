import { cmae, lstsq, matmul, mlre } from 'collimate'
import { gaussianMixture, pairedModalities } from 'collimate/synthetic'
import { meanRowLength } from '../../methods/matrices.js'
import { withRecovered } from '../../methods/recovered-space.js'
import { spreads } from '../../methods/statistics.js'

// The paper names none of its sizes; these put every transition it speaks of inside the panels.
export const SWEEPS = {
  n: {
    values: [2, 4, 6, 8, 9, 10, 11, 12, 15, 20, 30, 50, 100, 300, 1000, 2000],
    setting: (n) => ({ n, dims: [10, 10], k: 10 }),
  },
  d: {
    values: [10, 12, 14, 16, 18, 20, 22, 26, 32, 40, 60, 80, 100],
    setting: (d) => ({ n: 2000, dims: [d / 2, d / 2], k: 10 }),
  },
  k: {
    values: [1, 2, 4, 8, 12, 16, 18, 20, 21, 22, 24, 28, 32, 36, 40],
    setting: (k) => ({ n: 2000, dims: [20, 20], k }),
  },
  // Not in the paper: fewer exact relations than latents.
  crowded: { values: [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 50, 300, 2000], setting: (n) => ({ n, dims: [10, 10], k: 15 }) },
  roomy: { values: [2, 5, 10, 12, 14, 15, 16, 17, 20, 30, 100, 2000], setting: (n) => ({ n, dims: [10, 10], k: 5 }) },
}
export const NOISES = { clean: 0, noisy: 1 }

function latents(n, k, seed) {
  const pattern = (values) => Array.from({ length: k }, (_, j) => values[j % 2])
  return gaussianMixture({ n, means: [pattern([0, 1]), pattern([4, 5])], seed }).Z
}

/** The errors of one setting over the seeds; `afterBestMap` is the MLRE that is left after the best linear map of the latents. */
export function measure({ n, dims, k, noise, seeds }) {
  const runs = Array.from({ length: seeds }, (_, i) => {
    const Z = latents(n, k, i + 1)
    const { recovered } = withRecovered({ Z, ...pairedModalities({ Z, dims, noise, seed: i + 1 }) })
    const afterBestMap = mlre(Z, [matmul(recovered[0], lstsq(recovered[0], Z).X)])
    return { cmae: cmae(...recovered), mlre: mlre(Z, recovered), size: meanRowLength(Z), afterBestMap }
  })
  return spreads(runs)
}
