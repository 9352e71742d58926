import { expect, it } from 'vitest'
import { matchProbability } from '../../src/score/index.js'

it('is the posterior of the prior odds', () => {
  const [even, likely, far, farther] = matchProbability([0, Math.log(9), 800, -800], 0.5)
  expect([even, far, farther]).toEqual([0.5, 1, 0])
  expect(likely).toBeCloseTo(0.9, 14)
  const [rare] = matchProbability([Math.log(99)], 0.01)
  expect(rare).toBeCloseTo(0.5, 14)
  expect(matchProbability([], 0.3).length).toBe(0)
})

it('refuses what is no prior', () => {
  for (const prior of [0, 1, -1, NaN, Infinity]) expect(() => matchProbability([1], prior)).toThrow(RangeError)
  expect(() => matchProbability([1], '0.5' as never)).toThrow(TypeError)
  expect(() => matchProbability(null as never, 0.5)).toThrow(TypeError)
  expect(() => matchProbability(3 as never, 0.5)).toThrow(TypeError)
})
