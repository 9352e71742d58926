import { mean } from '../dense/norms.js'
import { randomStream } from '../random/random-stream.js'
import type { Seed } from '../random/seed.js'
import { inPieces, type Steps } from '../steps.js'

/** Where a mean lies, 19 times in 20. */
export type Interval = readonly [low: number, high: number]

const RESAMPLES = 1000
const [LOW, HIGH] = [0.025, 0.975]

/**
 * Percentile intervals of means, from 1000 samples of the same items with replacement (Efron and Tibshirani 1993, chapter 13). The samples are drawn
 * once: what is measured of the same items is compared on the same samples.
 */
export class Bootstrap {
  readonly #items: number
  /** RESAMPLES x items. */
  readonly #drawn: Uint32Array

  private constructor(items: number, drawn: Uint32Array) {
    this.#items = items
    this.#drawn = drawn
  }

  /** Draws the samples. */
  static *steps(items: number, seed: Seed): Steps<Bootstrap> {
    const { uniform } = randomStream(seed, 'bootstrap')
    const drawn = new Uint32Array(RESAMPLES * items)
    yield* inPieces(RESAMPLES, items, (from, to) => {
      for (let at = from * items; at < to * items; at++) drawn[at] = Math.floor(uniform() * items)
    })
    return new Bootstrap(items, drawn)
  }

  /** @param values - one an item */
  interval(values: Float64Array): Interval {
    const n = this.#items
    const means = new Float64Array(RESAMPLES)
    const sample = new Float64Array(n)
    for (let b = 0; b < RESAMPLES; b++) {
      for (let i = 0; i < n; i++) sample[i] = values[this.#drawn[b * n + i]]
      means[b] = mean(sample)
    }
    means.sort()
    return [means[Math.floor(LOW * RESAMPLES)], means[Math.ceil(HIGH * RESAMPLES) - 1]]
  }
}
