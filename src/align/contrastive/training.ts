import { multiplySteps } from '../../linalg/matmul.js'
import { Matrix } from '../../matrix.js'
import { randomStream, type RandomStream } from '../../random/random-stream.js'
import type { Seed } from '../../random/seed.js'
import { shuffledIndices } from '../../random/shuffle.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { infoNceSteps, type InfoNceLoss } from './infonce.js'
import { atStage } from '../../progress.js'

/** How InfoNCE is trained. */
export interface TrainingOptions extends InfoNceLoss {
  /** rho >= 0 of the penalty rho / (2 tau) ||A1^T A2||_F^2. */
  readonly regularization: number
  /** Passes over the samples. */
  readonly epochs: number
  /** Most rows that are compared with each other at a time. */
  readonly batchSize: number
  /** The largest change of an entry in a step, for the size of an entry at the start. */
  readonly learningRate: number
  /** Of the start and of the batches. */
  readonly seed: Seed
}

/** Samples of one modality, and how they are prepared: x - mean, times the scale of its column. */
export interface PreparedSamples {
  readonly samples: Matrix
  readonly mean: Float64Array
  readonly scales: Float64Array
}

/** What training came to. */
export interface Trained {
  /** k x d_m, of the prepared samples. */
  readonly maps: [Matrix, Matrix]
  /** Mean loss of every epoch, penalty included. */
  readonly lossHistory: Float64Array
}

// Decay of the averages, and what keeps their quotient finite, as Kingma and Ba have them.
const [BETA_1, BETA_2, TINY] = [0.9, 0.999, 1e-8]

/**
 * Two linear encoders trained on InfoNCE: gradient descent with Adam (Kingma and Ba 2015) on batches that are drawn anew in every
 * epoch, steps that decrease to zero as half a cosine (Loshchilov and Hutter 2017). All is drawn from the seed. Steps are bounded
 * whatever the gradient, so that a loss that grows (the learning rate is too high) stays a number.
 */
export function* trainSteps(
  engine: Engine,
  modalities: readonly [PreparedSamples, PreparedSamples],
  k: number,
  options: TrainingOptions,
): Steps<Trained> {
  const n = modalities[0].samples.rows
  const { normal } = randomStream(options.seed, 'start')
  const encoders = modalities.map(({ samples }) => new Encoder(k, samples.cols, normal)) as [Encoder, Encoder]
  const order = randomStream(options.seed, 'batches')
  const batches = Math.ceil(n / options.batchSize)
  const total = options.epochs * batches
  const lossHistory = new Float64Array(options.epochs)
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    for (const [b, rows] of divided(n, batches, order).entries()) {
      const done = epoch * batches + b
      const stage = { phase: 'infonce', done, total }
      const { loss, gradients } = yield* atStage(stage, objectiveSteps(engine, modalities, encoders, rows, options))
      lossHistory[epoch] += loss * (rows.length / n)
      const length = (options.learningRate * (1 + Math.cos((Math.PI * done) / total))) / 2
      encoders.forEach((encoder, m) => {
        encoder.descend(gradients[m], length)
      })
    }
  }
  return { maps: [encoders[0].A, encoders[1].A], lossHistory }
}

/** The loss of some rows, and its gradient by both maps. */
function* objectiveSteps(
  engine: Engine,
  modalities: readonly [PreparedSamples, PreparedSamples],
  [{ A: A1 }, { A: A2 }]: readonly [Encoder, Encoder],
  rows: Uint32Array,
  options: TrainingOptions,
): Steps<{ loss: number; gradients: [Matrix, Matrix] }> {
  const [X1, X2] = modalities.map((modality) => preparedRows(modality, rows))
  const Z1 = yield* multiplySteps(engine, X1, A1, { transposeB: true })
  const Z2 = yield* multiplySteps(engine, X2, A2, { transposeB: true })
  const batch = yield* infoNceSteps(engine, [Z1, Z2], options)
  const D1 = yield* multiplySteps(engine, batch.gradients[0], X1, { transposeA: true })
  const D2 = yield* multiplySteps(engine, batch.gradients[1], X2, { transposeA: true })
  const weight = options.regularization / options.temperature
  if (weight === 0) return { loss: batch.loss, gradients: [D1, D2] }
  const [K1, K2] = [
    yield* multiplySteps(engine, A1, A1, { transposeB: true }),
    yield* multiplySteps(engine, A2, A2, { transposeB: true }),
  ]
  addTo(D1, yield* multiplySteps(engine, K2, A1), weight)
  addTo(D2, yield* multiplySteps(engine, K1, A2), weight)
  // ||A1^T A2||_F^2 = trace(A1 A1^T A2 A2^T)
  const product = Array.from(K1.data).reduce((sum, x, i) => sum + x * K2.data[i], 0)
  return { loss: batch.loss + (weight * product) / 2, gradients: [D1, D2] }
}

/** One linear map, with the averages of its gradients. */
class Encoder {
  /** k x d. */
  readonly A: Matrix
  readonly #mean: Float64Array
  readonly #square: Float64Array
  readonly #size: number
  #steps = 0

  /** Entries of variance 1 / d: latents have the variance of the samples. */
  constructor(k: number, d: number, normal: () => number) {
    this.#size = 1 / Math.sqrt(d)
    this.A = new Matrix(
      k,
      d,
      Float64Array.from({ length: k * d }, () => normal() * this.#size),
    )
    this.#mean = new Float64Array(k * d)
    this.#square = new Float64Array(k * d)
  }

  /** A step of Adam, of at most about `length` times the size of an entry at the start. */
  descend({ data: gradient }: Matrix, length: number): void {
    const step = ++this.#steps
    const [correction1, correction2] = [1 - BETA_1 ** step, 1 - BETA_2 ** step]
    for (let i = 0; i < gradient.length; i++) {
      this.#mean[i] += (1 - BETA_1) * (gradient[i] - this.#mean[i])
      this.#square[i] += (1 - BETA_2) * (gradient[i] ** 2 - this.#square[i])
      const deviation = Math.sqrt(this.#square[i] / correction2)
      this.A.data[i] -= (length * this.#size * this.#mean[i]) / correction1 / (deviation + TINY)
    }
  }
}

/** 0 .. n - 1 in random order, in so many parts of the same size but for one. */
function divided(n: number, parts: number, order: RandomStream): Uint32Array[] {
  const shuffled = shuffledIndices(n, order)
  const start = (part: number) => Math.round((part * n) / parts)
  return Array.from({ length: parts }, (_, part) => shuffled.subarray(start(part), start(part + 1)))
}

function preparedRows({ samples, mean, scales }: PreparedSamples, rows: Uint32Array): Matrix {
  const { cols, data } = samples
  const out = new Float64Array(rows.length * cols)
  for (let i = 0, at = 0; i < rows.length; i++) {
    const start = rows[i] * cols
    for (let j = 0; j < cols; j++, at++) out[at] = (data[start + j] - mean[j]) * scales[j]
  }
  return new Matrix(rows.length, cols, out)
}

function addTo(X: Matrix, Y: Matrix, factor: number): void {
  for (let i = 0; i < X.data.length; i++) X.data[i] += factor * Y.data[i]
}
