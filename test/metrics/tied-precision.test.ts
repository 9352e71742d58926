import fc from 'fast-check'
import { expect, it } from 'vitest'
import { expectedPrecisions, type TieGroups } from '../../src/metrics/tied-precision.js'
import './arbitraries.js'
import { orders } from './orders.js'

const asArrays = (groups: { size: number; relevant: number }[]): TieGroups => ({
  count: groups.length,
  sizes: groups.map(({ size }) => size),
  relevant: groups.map(({ relevant }) => relevant),
})

/** All rankings that put the groups in this order. */
function rankings(groups: { size: number; relevant: number }[]): boolean[][] {
  return groups.reduce<boolean[][]>(
    (all, { size, relevant }) => {
      const group = orders(Array.from({ length: size }, (_, i) => i < relevant))
      return all.flatMap((start) => group.map((end) => [...start, ...end]))
    },
    [[]],
  )
}

const average = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length
const precision = (ranking: boolean[], k: number) => ranking.slice(0, k).filter(Boolean).length / k

function averagePrecision(ranking: boolean[]): number {
  const ranks = ranking.flatMap((isRelevant, i) => (isRelevant ? [i + 1] : []))
  return ranks.length === 0 ? 0 : average(ranks.map((rank) => precision(ranking, rank)))
}

const group = fc
  .integer({ min: 1, max: 4 })
  .chain((size) => fc.record({ size: fc.constant(size), relevant: fc.integer({ min: 0, max: size }) }))

it('is the mean over all orders within the groups', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 3 }), (groups) => {
      const all = rankings(groups)
      const ks = all[0].map((_, i) => i + 1)
      const relevant = groups.reduce((sum, g) => sum + g.relevant, 0)
      const { average: ap, atKs } = expectedPrecisions(asArrays(groups), relevant, ks)
      expect(ap).toBeCloseTo(average(all.map(averagePrecision)), 12)
      atKs.forEach((p, i) => {
        expect(p).toBeCloseTo(average(all.map((ranking) => precision(ranking, ks[i]))), 12)
      })
    }),
    { numRuns: 60 },
  )
})

it('needs no groups beyond the last relevant item', () => {
  const groups = [{ size: 2, relevant: 1 }, { size: 1, relevant: 1 }] // prettier-ignore
  const whole = [...groups, { size: 5, relevant: 0 }]
  expect(expectedPrecisions(asArrays(groups), 2, [1, 3, 8])).toEqual(expectedPrecisions(asArrays(whole), 2, [1, 3, 8]))
  expect(expectedPrecisions(asArrays([]), 0, [1, 2])).toEqual({ average: 0, atKs: [0, 0] })
})
