import { moments } from './matrices.js'
import { apply, denseLayer, tf, toMatrix } from './tensor-flow.js'

const HIDDEN = 128
const STEPS = 100
const RATE = 1e-3

/**
 * A classifier with one hidden layer, trained on all rows at once by Adam. Its input is shifted by the training rows' means and
 * scaled by one number, so that neither the place nor the units of a latent space matter.
 *
 * @param {import('collimate').Matrix} latents n x k
 * @param {number[]} labels n, from 0
 * @param {{ classes: number, seed: string }} options
 * @returns {(z: import('collimate').Matrix) => import('collimate').Matrix} scores, one column a class; `dispose` frees its weights
 */
export function trainDecoder(latents, labels, { classes, seed }) {
  const normalise = normaliser(latents)
  const [hidden, output] = [denseLayer(latents.cols, HIDDEN, `${seed} 1`), denseLayer(HIDDEN, classes, `${seed} 2`)]
  const forward = (x) => apply(tf.relu(apply(x, hidden)), output)
  const x = normalise(latents)
  const truth = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), classes))
  const optimizer = tf.train.adam(RATE)
  const crossEntropy = () => {
    const scores = forward(x)
    return tf.mean(tf.sub(tf.logSumExp(scores, 1), tf.sum(tf.mul(scores, truth), 1)))
  }
  for (let step = 0; step < STEPS; step++) optimizer.minimize(crossEntropy)
  optimizer.dispose()
  tf.dispose([x, truth])
  const decode = (z) => toMatrix(tf.tidy(() => forward(normalise(z))))
  decode.dispose = () => tf.dispose([hidden, output].flatMap(({ weights, bias }) => [weights, bias]))
  return decode
}

function normaliser(training) {
  const { means, deviations } = moments(training)
  const scale = Math.sqrt(deviations.reduce((sum, d) => sum + d * d, 0) / deviations.length)
  return (z) =>
    tf.tensor2d(
      Float32Array.from(z.data, (v, i) => (v - means[i % z.cols]) / scale),
      [z.rows, z.cols],
    )
}
