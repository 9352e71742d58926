import { describe, expect, test } from 'vitest'
import * as collimate from '../src/index.js'
import { crossValidate, crossValidateAsync, spectrum } from '../src/model-selection/index.js'
import { gaussian } from './support/random.js'

const [X, Y] = [gaussian(30, 3, 1), gaussian(30, 3, 2)]
const estimator = collimate.CanonicalCorrelation
const model = new estimator({ nComponents: 2 }).fit([X, Y])
const grid = { nComponents: [1, 2] }

/** Calls with options besides those that the call needs, which no two of them share by name. */
const CALLS: [string, (options: object) => unknown][] = [
  ['crossValidate', (o) => crossValidate(estimator, [X, Y], { grid, ...o })],
  ['crossValidateAsync', (o) => crossValidateAsync(estimator, [X, Y], { grid, ...o })],
  ['spectrum', (o) => spectrum([X, Y], o)],
  ['svcca', (o) => collimate.svcca(X, Y, o)],
  ['svccaAsync', (o) => collimate.svccaAsync(X, Y, o)],
  ['alignmentLoss', (o) => collimate.alignmentLoss(X, Y, o)],
  ['uniformityLoss', (o) => collimate.uniformityLoss(X, o)],
  ['effectiveRank', (o) => collimate.effectiveRank(X, o)],
  ['effectiveRankAsync', (o) => collimate.effectiveRankAsync(X, o)],
  ['latentEnergy', (o) => collimate.latentEnergy(X, o)],
  ['evaluate', (o) => collimate.evaluate(model, [X, Y], o)],
  ['transform', (o) => model.transform(X, 0, o)],
  ['transformAsync', (o) => model.transformAsync(X, 0, o)],
  ['translateAsync', (o) => model.translateAsync(X, 0, 1, o)],
  ['normAsync', (o) => collimate.normAsync(X, 2, o)],
]

/** Of both forms: what is thrown, or what the promise rejects with. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return undefined
}

describe.each(CALLS)('%s', (_name, call) => {
  test('refuses an option that it does not have, by name', async () => {
    const error = await refusal(() => call({ centre: true }))
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain("there is no option 'centre' here; there are: ")
    expect(await refusal(() => call({}))).toBeUndefined()
  })
})

test.each(['no', 0, 1, null, {}])('center: %j is neither true nor false', async (center) => {
  const options = { center: center as never }
  for (const call of [
    () => collimate.latentEnergy(X, options),
    () => collimate.effectiveRank(X, options),
    () => collimate.effectiveRankAsync(X, options),
  ]) {
    const error = await refusal(call)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain('center must be true or false')
  }
})

test.each([null, 'center', [true], 3])('options that are %j are refused', async (options) => {
  for (const call of [
    () => collimate.svcca(X, Y, options as never),
    () => collimate.alignmentLoss(X, Y, options as never),
    () => collimate.latentEnergy(X, options as never),
    () => collimate.effectiveRank(X, options as never),
    () => collimate.effectiveRankAsync(X, options as never),
    () => collimate.normAsync(X, 2, options as never),
    () => collimate.svdAsync(X, options as never),
    () => model.transformAsync(X, 0, options as never),
  ]) {
    const error = await refusal(call)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain('options must be an object')
  }
})
