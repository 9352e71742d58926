import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectedReciprocalRank, probabilityWithin } from '../../src/metrics/tied-rank.js'
import './arbitraries.js'

const count = fc.integer({ min: 0, max: 30 })
const possibleRanks = (better: number, tied: number) => Array.from({ length: tied + 1 }, (_, i) => better + 1 + i)

describe('the rank under random tie breaking', () => {
  it('is within k in this share of its possible values', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), count, count, (k, better, tied) => {
        const ranks = possibleRanks(better, tied)
        expect(probabilityWithin(k, better, tied)).toBe(ranks.filter((rank) => rank <= k).length / ranks.length)
      }),
    )
  })

  it('has this mean reciprocal', () => {
    fc.assert(
      fc.property(count, count, (better, tied) => {
        const ranks = possibleRanks(better, tied)
        const expected = ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length
        expect(expectedReciprocalRank(better, tied)).toBeCloseTo(expected, 14)
      }),
    )
  })

  it('is certain without ties', () => {
    expect([0, 1, 2].map((better) => probabilityWithin(2, better, 0))).toEqual([1, 1, 0])
    expect(expectedReciprocalRank(3, 0)).toBe(0.25)
  })
})
