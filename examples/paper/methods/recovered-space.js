import { PerfectAlignment } from 'collimate'

/**
 * The space that Equation 7 recovers from two modalities of some latents, one matrix a modality, beside what it came from.
 *
 * @param {{ Z: import('collimate').Matrix, labels?: ArrayLike<number>, modalities: import('collimate').Matrix[] }} data
 */
export function withRecovered({ Z, labels, modalities }) {
  const model = new PerfectAlignment({ nComponents: Z.cols, selection: 'last' }).fit(modalities)
  return { Z, labels, modalities, recovered: modalities.map((x, m) => model.transform(x, m)) }
}
