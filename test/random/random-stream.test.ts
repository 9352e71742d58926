import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/random/random-stream.js'
import {
  correlationScore,
  kolmogorovSmirnov,
  KS_LIMIT,
  moments,
  normalCdf,
  SIGMAS,
  uniformCdf,
} from '../support/statistics.js'

const N = 100_000
const draw = (count: number, next: () => number) => Float64Array.from({ length: count }, next)

describe('uniform numbers', () => {
  const x = draw(N, randomStream(11, 'uniform').uniform)

  it('have the moments and the distribution of the uniform', () => {
    const { mean, variance } = moments(x)
    expect(Math.abs(mean - 1 / 2) * Math.sqrt(12 * N)).toBeLessThan(SIGMAS)
    // The variance of (x - 1/2)^2 is 1/80 - 1/144 = 1/180.
    expect(Math.abs(variance - 1 / 12) * Math.sqrt(180 * N)).toBeLessThan(SIGMAS)
    expect(kolmogorovSmirnov(x, uniformCdf(0, 1))).toBeLessThan(KS_LIMIT)
  })

  it('lie strictly between 0 and 1, and are random to the 53rd bit', () => {
    expect(x.every((value) => value > 0 && value < 1 && Number.isInteger(value * 2 ** 53))).toBe(true)
    const lastBits = x.map((value) => Number(BigInt(value * 2 ** 53) & 1n))
    expect(Math.abs(moments(lastBits).mean - 1 / 2) * 2 * Math.sqrt(N)).toBeLessThan(SIGMAS)
  })

  it('do not depend on the ones before', () => {
    for (const lag of [1, 2, 7])
      expect(Math.abs(correlationScore(x.subarray(lag), x.subarray(0, N - lag)))).toBeLessThan(SIGMAS)
  })
})

describe('normal numbers', () => {
  const z = draw(N, randomStream(11, 'normal').normal)

  it('have the first four moments of the standard normal', () => {
    const { mean, variance, third, fourth } = moments(z)
    expect(Math.abs(mean) * Math.sqrt(N)).toBeLessThan(SIGMAS)
    expect(Math.abs(variance - 1) * Math.sqrt(N / 2)).toBeLessThan(SIGMAS)
    // Var(z^3 about the sample mean) = 6, Var(z^4 about it) = 96.
    expect(Math.abs(third) * Math.sqrt(N / 6)).toBeLessThan(SIGMAS)
    expect(Math.abs(fourth - 3) * Math.sqrt(N / 96)).toBeLessThan(SIGMAS)
  })

  it('have its distribution, tails included', () => {
    expect(kolmogorovSmirnov(z, normalCdf)).toBeLessThan(KS_LIMIT)
    const p = 2 * (1 - normalCdf(3))
    const beyond = z.filter((value) => Math.abs(value) > 3).length
    expect(Math.abs(beyond - N * p) / Math.sqrt(N * p * (1 - p))).toBeLessThan(SIGMAS)
  })

  it('come in pairs that are independent, in value and in size', () => {
    const first = z.filter((_, i) => i % 2 === 0)
    const second = z.filter((_, i) => i % 2 === 1)
    expect(Math.abs(correlationScore(first, second))).toBeLessThan(SIGMAS)
    expect(Math.abs(correlationScore(first.map((x) => x * x), second.map((x) => x * x)))).toBeLessThan(SIGMAS) // prettier-ignore
  })
})

describe('streams', () => {
  const first = (seed: string | number, quantity: string) => draw(20, randomStream(seed, quantity).uniform)

  it('are the same for the same seed, 7 and "7" included', () => {
    expect(first(7, 'a')).toEqual(first(7, 'a'))
    expect(first('7', 'a')).toEqual(first(7, 'a'))
  })

  it('stay what they are from release to release, bit for bit', () => {
    expect([...first(0, 'latents')].slice(0, 3)).toEqual([0.22089455604865016, 0.45686751656173485, 0.6345798830557566])
  })

  it('differ between seeds and between quantities', () => {
    const seeds = ['', 'a', 'aa', 'aaa', 0, 1, -1, 0.5, 'é', 'Ω', '\u0001', 'x'.repeat(500), `${'x'.repeat(499)}y`]
    const starts = seeds.flatMap((seed) => ['a', 'b'].map((quantity) => first(seed, quantity).join()))
    expect(new Set(starts).size).toBe(starts.length)
  })

  it('are independent between neighbouring seeds and between quantities', () => {
    const at = (place: number, quantity: string) =>
      Float64Array.from({ length: 5000 }, (_, seed) => draw(place + 1, randomStream(seed, quantity).uniform)[place])
    for (const place of [0, 1, 5]) {
      const x = at(place, 'matrix')
      expect(kolmogorovSmirnov(x, uniformCdf(0, 1))).toBeLessThan(KS_LIMIT)
      expect(Math.abs(correlationScore(x.subarray(1), x.subarray(0, -1)))).toBeLessThan(SIGMAS)
      expect(Math.abs(correlationScore(x, at(place, 'noise')))).toBeLessThan(SIGMAS)
    }
  })

  it('leave Math.random alone', () => {
    const before = Math.random
    randomStream(1, 'a').normal()
    expect(Math.random).toBe(before)
    expect(Math).not.toHaveProperty('seedrandom')
  })

  it('want a seed that is a string or a finite number', () => {
    expect(() => randomStream(undefined as never, 'a')).toThrow(
      new TypeError('seed must be a string or a number, got undefined'),
    )
    expect(() => randomStream({} as never, 'a')).toThrow(TypeError)
    expect(() => randomStream(NaN, 'a')).toThrow(RangeError)
    expect(() => randomStream(Infinity, 'a')).toThrow(RangeError)
  })
})
