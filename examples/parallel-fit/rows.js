// Rows to fit, made where they are needed: each part has a seed of its own.
import alea from 'seedrandom/lib/alea.js'

const NOISE = 0.5

/**
 * A part of two modalities that share some latents: column j of each is latent j mod `shared` plus noise.
 *
 * @param {{ rows: number, columns: number[], shared: number, seed: string }} part
 * @returns {{ rows: number, cols: number, data: Float64Array }[]} one matrix per modality, row i of each the same sample
 */
export function generate({ rows, columns, shared, seed }) {
  const random = alea(seed)
  const latents = new Float64Array(shared)
  const modalities = columns.map((cols) => ({ rows, cols, data: new Float64Array(rows * cols) }))
  for (let i = 0; i < rows; i++) {
    for (let l = 0; l < shared; l++) latents[l] = random()
    for (const { cols, data } of modalities) {
      for (let j = 0, at = i * cols; j < cols; j++, at++) data[at] = latents[j % shared] + NOISE * random()
    }
  }
  return modalities
}
