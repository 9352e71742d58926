import { permutation, uniformStream } from './random.js'
import { apply, denseLayer, product, tf, toMatrix } from './tensor-flow.js'

const [FIRST, SECOND] = [32, 64]
const DROPOUT = 0.3
const TEMPERATURE = 0.1
const BATCH = 112
const RATE = 1e-3

/**
 * A convolutional encoder: two convolutions, over time or over space and time, and two dense layers. A convolution whose step
 * is its length is a product, and so is any other once its windows are cut out: TensorFlow.js trains products in WebAssembly,
 * convolutions it does not.
 *
 * @param {import('./recordings.js').Windows} windows what it will see
 * @param {number} latentWidth
 * @param {string} seed
 * @param {number} hidden width of the dense layer before the last
 */
export function convolutionalEncoder({ data, rows, blocks, perBlock, width }, latentWidth, seed, hidden = latentWidth) {
  const input = tf.tensor2d(data, [rows, blocks * perBlock * width])
  const layers = [
    denseLayer(width, FIRST, `${seed} 1`),
    denseLayer(perBlock * FIRST, SECOND, `${seed} 2`),
    denseLayer(blocks * SECOND, hidden, `${seed} 3`),
    denseLayer(hidden, latentWidth, `${seed} 4`),
  ]
  const forward = (x, mask) => {
    const n = x.shape[0]
    const first = tf.relu(apply(tf.reshape(x, [n * blocks * perBlock, width]), layers[0]))
    const second = tf.relu(apply(tf.reshape(first, [n * blocks, perBlock * FIRST]), layers[1]))
    const features = tf.reshape(second, [n, blocks * SECOND])
    const kept = mask === undefined ? features : tf.mul(features, mask(features.shape))
    return apply(tf.relu(apply(kept, layers[2])), layers[3])
  }
  const rowsOf = (indices) => tf.gather(input, tf.tensor1d(indices, 'int32'))
  return {
    forward: (indices, mask) => forward(rowsOf(indices), mask),
    /** Latents of the given recordings. @returns {Matrix} n x latentWidth */
    encode: (indices) => toMatrix(tf.tidy(() => forward(rowsOf(indices)))),
    dispose() {
      input.dispose()
      for (const { weights, bias } of layers) tf.dispose([weights, bias])
    },
  }
}

/**
 * Trains two encoders contrastively on pairs: symmetric InfoNCE on the cosine similarity (Oord et al. 2018; Radford et al. 2021).
 *
 * @param {ReturnType<typeof convolutionalEncoder>[]} encoders two
 * @param {number[]} pairs recordings
 * @param {{ epochs: number, seed: string, afterEpoch?: (epoch: number, loss: number) => void }} options
 */
export function trainContrastively([first, second], pairs, { epochs, seed, afterEpoch = () => {} }) {
  const optimizer = tf.train.adam(RATE)
  const mask = dropoutMask(`${seed} dropout`)
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = permutation(pairs.length, `${seed} ${epoch}`)
    const losses = []
    for (let start = 0; start + BATCH <= order.length; start += BATCH) {
      const batch = order.slice(start, start + BATCH).map((i) => pairs[i])
      const loss = optimizer.minimize(
        () => contrastiveLoss(first.forward(batch, mask), second.forward(batch, mask)),
        true,
      )
      losses.push(loss.dataSync()[0])
      loss.dispose()
    }
    afterEpoch(epoch, losses.reduce((sum, v) => sum + v, 0) / losses.length)
  }
  optimizer.dispose()
}

const unit = (z) => tf.div(z, tf.sqrt(tf.add(tf.sum(tf.square(z), 1, true), 1e-12)))

function contrastiveLoss(z1, z2) {
  const similarity = tf.div(product(unit(z1), tf.transpose(unit(z2))), TEMPERATURE)
  const ofPairs = tf.sum(tf.mul(similarity, tf.eye(similarity.shape[0])), 1)
  const ofAll = tf.add(tf.logSumExp(similarity, 0), tf.logSumExp(similarity, 1))
  return tf.mean(tf.sub(tf.mul(0.5, ofAll), ofPairs))
}

/** Zeros and scaled ones that belong to the seed. */
function dropoutMask(seed) {
  const uniform = uniformStream(seed)
  return ([rows, cols]) =>
    tf.tensor2d(
      Float32Array.from({ length: rows * cols }, () => (uniform() < DROPOUT ? 0 : 1 / (1 - DROPOUT))),
      [rows, cols],
    )
}
