import type { Matrix } from './matrix.js'

/**
 * What a fit says of its latents as a Gaussian: how much each component of them varies, and how much of that two modalities share. Components are
 * taken for independent of each other; those of rho = 0 say nothing of a pair.
 */
export interface LatentCorrelations {
  /** One row a pair of modalities, see {@link pairOf}: rho of each component, from 0 to below 1. */
  readonly rho: Matrix
  /** One row a modality: the standard deviation of each component, shrinkage included; 0 for one that is nothing. */
  readonly deviations: Matrix
}

/** Where the pair of modalities is among those of M: (0, 1), (0, 2), (1, 2), (0, 3), ... */
export function pairOf(m: number, l: number): number {
  const [first, second] = [Math.min(m, l), Math.max(m, l)]
  return (second * (second - 1)) / 2 + first
}

/** What is known of one pair; k numbers each. */
export interface PairCorrelations {
  readonly rho: Float64Array
  /** Of the latents of either modality. */
  readonly deviations: readonly [Float64Array, Float64Array]
}

/** Views of what is known of all. */
export function pairCorrelations({ rho, deviations }: LatentCorrelations, from: number, to: number): PairCorrelations {
  const row = (of: Matrix, i: number) => of.row(i) as Float64Array
  return { rho: row(rho, pairOf(from, to)), deviations: [row(deviations, from), row(deviations, to)] }
}

/** A latent for its deviation; 0 for a component that says nothing. */
export function inUnits(z: number, { rho, deviations }: PairCorrelations, side: 0 | 1, j: number): number {
  return rho[j] > 0 && deviations[side][j] > 0 ? z / deviations[side][j] : 0
}
