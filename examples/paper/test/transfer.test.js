import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { Matrix, matmul, recallAtK, topKAccuracy } from 'collimate'
import { gaussianMixture } from 'collimate/synthetic'
import { embedPairs } from '../experiments/transfer/embedding.js'
import { trainDecoder } from '../methods/decoder.js'
import { convolutionalEncoder, trainContrastively } from '../methods/encoders.js'
import { fourierFeatures, medianDistance } from '../methods/fourier-features.js'
import { normalStream } from '../methods/random.js'
import { split, standardisedWindows } from '../methods/recordings.js'
import { mean } from '../methods/statistics.js'
import { useWasm } from '../methods/tensor-flow.js'

const CLASSES = [[0, 0, 0], [6, 0, 0], [0, 6, 0], [0, 0, 6]] // prettier-ignore
const sample = (n, seed) => gaussianMixture({ n, means: CLASSES, seed })

before(useWasm)

describe('splits', () => {
  const actions = Array.from({ length: 96 }, (_, i) => i % 27)
  const subjects = Array.from({ length: 96 }, (_, i) => 1 + (i % 8))
  for (const kind of ['sequence', 'subject']) {
    it(`by ${kind} are disjoint, and belong to their seed`, () => {
      const { source, alignment, test } = split({ actions, subjects }, kind, 1)
      const all = [...source, ...alignment, ...test]
      assert.equal(new Set(all).size, all.length)
      assert.equal(all.length, 96)
      assert.deepEqual(split({ actions, subjects }, kind, 1).test, test)
      assert.notDeepEqual(split({ actions, subjects }, kind, 2).test, test)
    })
  }
  it('by subject keep people apart', () => {
    const { source, alignment, test } = split({ actions, subjects }, 'subject', 3)
    const people = [source, alignment, test].map((rows) => new Set(rows.map((row) => subjects[row])))
    assert.deepEqual(
      people.map(({ size }) => size),
      [3, 3, 2],
    )
    assert.equal(new Set(people.flatMap((set) => [...set])).size, 8)
  })
})

describe('windows', () => {
  it('are standardised by the training rows, channel by channel', () => {
    const windows = {
      data: Float32Array.from([1, 10, 3, 10, 5, 30, 7, 30]),
      rows: 4,
      blocks: 1,
      perBlock: 1,
      width: 2,
      channels: 2,
    }
    const { data } = standardisedWindows(windows, [0, 1])
    assert.deepEqual(Array.from(data), [-1, 0, 1, 0, 3, 20, 5, 20])
  })
})

describe('decoder', () => {
  it('learns separated classes, wherever the latents lie and however large they are', () => {
    const [train, test] = [sample(200, 1), sample(200, 2)]
    for (const [scale, shift] of [
      [1, 0],
      [1e-6, 3],
      [1e4, -5e4],
    ]) {
      // prettier-ignore
      const moved = ({ Z }) => new Matrix(Z.rows, Z.cols, Z.data.map((v) => scale * v + shift)) // prettier-ignore
      const decode = trainDecoder(moved(train), Array.from(train.labels), { classes: 4, seed: 'test' })
      const right = topKAccuracy(decode(moved(test)), Array.from(test.labels), 1)
      decode.dispose()
      assert.ok(right > 0.95, `${right} at scale ${scale}`)
    }
  })
})

describe('contrastive encoders', () => {
  it('find partners that were never paired in training', () => {
    const random = normalStream('contrast')
    const Z = new Matrix(
      336,
      8,
      Float64Array.from({ length: 336 * 8 }, () => random()),
    )
    const windowsOf = () => {
      const S = new Matrix(
        8,
        32,
        Float64Array.from({ length: 256 }, () => random()),
      )
      return { data: Float32Array.from(matmul(Z, S).data), rows: 336, blocks: 2, perBlock: 2, width: 8, channels: 1 }
    }
    const encoders = [0, 1].map((m) => convolutionalEncoder(windowsOf(), 32, `encoder ${m}`))
    const rows = Array.from({ length: 336 }, (_, i) => i)
    const [training, held] = [rows.slice(0, 224), rows.slice(224)]
    const recall = () => recallAtK(encoders[0].encode(held), encoders[1].encode(held), 1)
    const untrained = recall()
    const losses = []
    trainContrastively(encoders, training, { epochs: 30, seed: 'test', afterEpoch: (_, loss) => losses.push(loss) })
    assert.ok(losses.at(-1) < losses[0] / 2, `loss ${losses[0]} to ${losses.at(-1)}`)
    assert.ok(recall() > Math.max(0.2, 4 * untrained), `recall ${untrained} to ${recall()}`)
    for (const encoder of encoders) encoder.dispose()
  })
})

describe('random Fourier features', () => {
  it('have the Gaussian kernel as their inner products, to the error of that many samples', () => {
    const { Z } = sample(20, 4)
    const features = fourierFeatures(3, 4000, 5, 'kernel')(Z)
    const products = matmul(features, features, { transposeB: true })
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 20; j++) {
        const distance = Math.hypot(...Z.row(i).map((v, c) => v - Z.get(j, c)))
        assert.ok(Math.abs(products.get(i, j) - Math.exp(-(distance ** 2) / 50)) < 0.08)
      }
    }
  })
  it('get their width from the median distance', () => {
    assert.equal(medianDistance(Matrix.from([[0], [1], [10]])), 9)
  })
})

describe('t-SNE of pairs', () => {
  const { Z, labels } = sample(80, 5)
  const random = normalStream('noise')
  const other = new Matrix(Z.rows, Z.cols, Z.data.map(() => 6 * random())) // prettier-ignore
  const {
    before: apart,
    after: together,
    actions,
  } = embedPairs({ before: [Z, other], after: [Z, Z], labels: Array.from(labels) }, 1)

  it('puts equal latents nearly together and unrelated ones apart', () => {
    assert.equal(actions.length, 4)
    assert.ok(together.relative < 0.1, String(together.relative))
    assert.ok(apart.relative > 0.5, String(apart.relative))
  })
  it('keeps classes that are apart', () => {
    const near = together.points.filter(({ modality }) => modality === 0)
    const between = (same) => {
      const distances = near.flatMap((a, i) =>
        near
          .slice(0, i)
          .filter((b) => (a.group === b.group) === same)
          .map((b) => Math.hypot(a.x - b.x, a.y - b.y)),
      )
      return mean(distances)
    }
    assert.ok(between(true) < between(false) / 2)
  })
})
