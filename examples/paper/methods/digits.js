import { readFileSync } from 'node:fs'
import { npyToMatrix, readNpy } from 'collimate/io'

const load = (name) => readNpy(new Uint8Array(readFileSync(new URL(`../../mfeat/data/${name}.npy`, import.meta.url))))

/**
 * The digits of the repository's example in two views: 2000 rows sorted by digit, 200 of each.
 *
 * @returns {{ pixels: Matrix, profiles: Matrix, labels: ArrayLike<number> }} 2000 x 240, 2000 x 216
 */
export const digits = () => ({
  pixels: npyToMatrix(load('pix')),
  profiles: npyToMatrix(load('fac')),
  labels: load('labels').data,
})
