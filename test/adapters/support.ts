import { PerfectAlignment } from '../../src/align/index.js'
import { vectorMap, type VectorMapOptions } from '../../src/adapters/index.js'
import { loadAlignment } from '../../src/serve/index.js'
import { gaussian } from '../support/random.js'

export const [OLD, NEW] = ['someone/old-model', 'new-model']
export const [OLD_WIDTH, NEW_WIDTH, SHARED] = [4, 6, 3]

/** A model of two embedding models, old and new, as it is served. */
export const served = (options = {}) =>
  loadAlignment(
    new PerfectAlignment({ nComponents: SHARED, selection: 'balanced' })
      .fit([gaussian(40, OLD_WIDTH, 1), gaussian(40, NEW_WIDTH, 2)])
      .toBytes(options),
  )

/** From the new model into the space of the old, unless told otherwise. */
export const newToOld = (options: Partial<VectorMapOptions> = {}) =>
  vectorMap(served(), { from: 1, to: 0, models: [OLD, NEW], ...options })

export const vectors = (count: number, seed = 5) => gaussian(count, NEW_WIDTH, seed).toArray()

export const length = (row: ArrayLike<number>) => Math.hypot(...Array.from(row))
