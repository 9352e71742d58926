import { describe, Matrix, type MatrixLike } from '../matrix.js'
import { finiteMatrix, givenObject } from '../validation.js'
import { finiteNumber, positiveCount } from './arguments.js'
import type { LabelledLatents } from './labelled-latents.js'
import { randomStream } from '../random/random-stream.js'
import type { Seed } from '../random/seed.js'

/** Options of {@link gaussianMixture}. */
export interface GaussianMixtureOptions {
  /** Number of samples, at least 1. */
  readonly n: number
  /** c x k, one mean a row. */
  readonly means: MatrixLike
  /** c numbers >= 0, in proportion to the probabilities of the components; default: all the same. */
  readonly weights?: ArrayLike<number>
  readonly seed: Seed
}

/**
 * Samples of a mixture of Gaussians with unit covariance: component c with probability w_c / sum w, then N(mu_c, I). The
 * number of samples per component is itself random.
 *
 * The same seed gives the same samples: component choices from the stream 'labels', deviations from 'deviations', row by
 * row, so a larger n only appends, and other means or weights keep the deviations. Another JavaScript engine may differ in
 * the last bit, where its `Math.log` does.
 *
 * @returns `Z`, n x k, and `labels`, the component of each row. O(n k)
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError if n < 1, there are no means, a value is not finite, or the weights are negative, all zero or not c
 * @see Kamboj and Do (2025), Eq. 10
 */
export function gaussianMixture(options: GaussianMixtureOptions): LabelledLatents {
  const { n, means, weights, seed } = givenObject(options)
  positiveCount(n, 'n')
  const mu = finiteMatrix(means, 'means')
  if (mu.rows === 0 || mu.cols === 0) {
    throw new RangeError(`means must hold at least one mean of at least one component, got ${mu.rows} x ${mu.cols}`)
  }
  const choose = componentChooser(weights ?? new Float64Array(mu.rows).fill(1), mu.rows)
  const labelStream = randomStream(seed, 'labels')
  const deviations = randomStream(seed, 'deviations')
  const Z = new Matrix(n, mu.cols)
  const labels = new Int32Array(n)
  for (let i = 0; i < n; i++) {
    labels[i] = choose(labelStream.uniform())
    const mean = mu.row(labels[i])
    const z = Z.row(i)
    for (let j = 0; j < z.length; j++) z[j] = mean[j] + deviations.normal()
  }
  return { Z, labels }
}

/** Inverse of the cumulative distribution: the first component at which the running weight exceeds u. */
function componentChooser(weights: unknown, count: number): (u: number) => number {
  const list = weights as ArrayLike<unknown> | null
  if (typeof list !== 'object' || typeof list?.length !== 'number') {
    throw new TypeError(`weights must be an array of numbers, got ${describe(weights)}`)
  }
  if (list.length !== count) throw new RangeError(`means has ${count} rows but weights has ${list.length} entries`)
  const cumulative = new Float64Array(count)
  let total = 0
  for (let c = 0; c < count; c++) {
    total += finiteNumber(list[c], `weights[${c}]`, 0)
    cumulative[c] = total
  }
  if (!(total > 0 && total < Infinity)) {
    throw new RangeError(`weights must have a positive, finite sum, got ${total}`)
  }
  // u * total may round up to total: then the last component of positive weight.
  const last = cumulative.indexOf(total)
  return (u) => {
    let c = 0
    while (c < last && u * total >= cumulative[c]) c++
    return c
  }
}
