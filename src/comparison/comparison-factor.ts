import { largestMagnitude } from '../dense/norms.js'
import { centeredFactorSteps, type DataFactor } from '../align/factor/data-factor.js'
import { JointFactor } from '../align/factor/joint-factor.js'
import { scaledToOne } from '../dense/powers-of-two.js'
import { Matrix } from '../matrix.js'
import { isFloat32 } from '../typed-arrays.js'
import { latents } from '../metrics/latent-input.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'

/** Two sets of vectors of the same samples. */
export type Pair = readonly [X: Matrix, Y: Matrix]

/**
 * Reads two sets of vectors of the same samples.
 *
 * @throws TypeError if either is no matrix
 * @throws RangeError if they differ in rows, either is empty, or an entry is not finite
 */
export function pairOf(X: unknown, Y: unknown): Pair {
  const [A, B] = [latents(X, 'X'), latents(Y, 'Y')]
  if (A.rows !== B.rows) {
    throw new RangeError(`X has ${A.rows} rows and Y has ${B.rows}: row i of both must be the same sample`)
  }
  return [A, B]
}

/**
 * The centred factor of some sets of vectors of the same samples, each in a scale of its own, a power of two near its largest entry: what
 * is computed from it here does not depend on scale, and cannot over- or underflow.
 */
export function* comparisonFactorSteps(engine: Engine, sets: readonly Matrix[]): Steps<DataFactor> {
  const joint = new JointFactor(sets.map(({ cols }) => cols))
  yield* joint.appendSteps(engine, sets.map(nearOne))
  return yield* centeredFactorSteps(joint)
}

/** A measure of how two sets of a centred factor compare. */
export type Measure = (engine: Engine, data: DataFactor, a: number, b: number) => Steps<number>

/** What it says of the two sets of a pair. */
export function* pairSteps(engine: Engine, pair: Pair, measure: Measure): Steps<number> {
  return yield* measure(engine, yield* comparisonFactorSteps(engine, pair), 0, 1)
}

// Within these no square that matters leaves the range of a double, and nothing need be copied.
const SMALL = 2 ** -300
const LARGE = 2 ** 300

function nearOne(X: Matrix): Matrix {
  const largest = largestMagnitude(X.data)
  if (largest === 0 || (largest > SMALL && largest < LARGE)) return X
  return scaledToOne(X, isFloat32(X.data) ? 'f32' : 'f64').matrix
}
