import { multiplySteps } from '../../linalg/matmul.js'
import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import { partsOf } from '../../progress.js'
import type { Steps } from '../../steps.js'
import { scaleColumnsSteps } from '../../dense/arithmetic.js'
import { transposedSteps } from '../../dense/slices.js'
import { centeredFactorSteps } from '../factor/data-factor.js'
import type { JointFactor } from '../factor/joint-factor.js'
import { leadingTripletSteps } from '../../linalg/leading-triplets.js'
import type { LinearModel } from '../model/linear-model.js'
import { paddedBlockSteps } from '../factor/principal.js'
import { withSignsSteps } from '../model/signs.js'

/** A linear model and the singular values of A1^T A2. */
export interface ContrastiveModel extends LinearModel {
  readonly singularValues: Float64Array
  /** Of InfoNCE; no numbers for the closed form. */
  readonly lossHistory: Float64Array
}

/** A1^T A2 the best approximation of rank k of the cross-covariance, from its SVD. */
export function* closedFormSteps(engine: Engine, joint: JointFactor, k: number): Steps<ContrastiveModel> {
  const data = yield* centeredFactorSteps(joint)
  const units = new Float64Array(data.R.cols).fill(1 / Math.sqrt(data.freeRows))
  const [R1, R2] = [
    yield* scaleColumnsSteps(yield* paddedBlockSteps(data, 0), units),
    yield* scaleColumnsSteps(yield* paddedBlockSteps(data, 1), units),
  ]
  const part = partsOf(1, 4)
  const product = yield* part(multiplySteps(engine, R1, R2, { transposeA: true }))
  const { U, S, V } = yield* part(leadingTripletSteps(engine, product, k, { left: true }))
  const singularValues = S.slice(0, k)
  const roots = singularValues.map(Math.sqrt)
  const maps: Matrix[] = []
  for (const X of [U as Matrix, V]) maps.push(yield* transposedSteps(yield* scaleColumnsSteps(X, roots)))
  return {
    maps: yield* withSignsSteps(maps),
    means: joint.means(),
    centered: true,
    singularValues,
    lossHistory: new Float64Array(0),
  }
}
