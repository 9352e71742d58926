import { describe, Matrix } from '../matrix.js'
import { finiteNumber, interval, positiveCount } from './arguments.js'
import type { LabelledLatents } from './labelled-latents.js'
import { randomStream } from '../random/random-stream.js'
import type { Seed } from '../random/seed.js'
import { givenObject } from '../validation.js'

/** Options of {@link linearBoundaryClasses}. */
export interface LinearBoundaryOptions {
  /** Number of samples, at least 1; default 2000. */
  readonly n?: number
  /** Slope of the boundary; default 1. */
  readonly slope?: number
  /** Where the boundary meets the y axis; default -10. */
  readonly intercept?: number
  /** Largest vertical distance from the boundary, above 0; default 10. */
  readonly margin?: number
  /** The interval x is drawn from; default [0, 10]. */
  readonly xRange?: readonly [number, number]
  readonly seed: Seed
}

/**
 * Two classes in the plane that a line separates, uniform on the strips above and below it: x uniform on `xRange`, y at a
 * vertical distance uniform on (0, margin) from slope x + intercept. Rows alternate, below (label 0) and above (label 1),
 * so every even n has n / 2 on either side.
 *
 * The paper gives 2000 points, 1000 on either side of y = x - 10, by at most 10, but neither the range of x nor whether
 * the distance is vertical. With [0, 10] and vertical distances its MLRE of 15.6 lies between the quartiles over seeds
 * (13.2, median 19.3, 24.7; wider ranges move further away).
 *
 * The same seed gives the same samples: x from the stream 'positions', distances from 'offsets', row by row, so a larger n
 * only appends.
 *
 * @returns `Z`, n x 2, and `labels`, 0 below and 1 above. O(n)
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if n < 1, margin <= 0, xRange is no interval, or a value is not finite
 * @see Kamboj and Do (2025), Appendix 6.5
 */
export function linearBoundaryClasses(options: LinearBoundaryOptions): LabelledLatents {
  const { n = 2000, slope = 1, intercept = -10, margin = 10, xRange = [0, 10], seed } = givenObject(options)
  positiveCount(n, 'n')
  finiteNumber(slope, 'slope')
  finiteNumber(intercept, 'intercept')
  if (finiteNumber(margin, 'margin') <= 0) throw new RangeError(`margin must be above 0, got ${margin}`)
  const [low, high] = range(xRange)
  const positions = randomStream(seed, 'positions')
  const offsets = randomStream(seed, 'offsets')
  const Z = new Matrix(n, 2)
  const labels = new Int32Array(n)
  for (let i = 0; i < n; i++) {
    labels[i] = i % 2
    const side = labels[i] === 1 ? 1 : -1
    const z = Z.row(i)
    z[0] = low + (high - low) * positions.uniform()
    z[1] = slope * z[0] + intercept + side * margin * offsets.uniform()
  }
  return { Z, labels }
}

function range(xRange: unknown): readonly [number, number] {
  if (!Array.isArray(xRange)) throw new TypeError(`xRange must be [low, high], got ${describe(xRange)}`)
  if (xRange.length !== 2) throw new RangeError(`xRange must be [low, high], got ${describe(xRange)}`)
  return interval(xRange[0], xRange[1], ['xRange[0]', 'xRange[1]'])
}
