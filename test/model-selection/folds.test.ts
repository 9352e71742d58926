import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divideRows } from '../../src/model-selection/folds.js'

const divide = (n: number, options: object = {}) => divideRows(n, { folds: 5, groups: undefined, seed: 0, ...options })
const lengths = (folds: readonly Uint32Array[]) => folds.map(({ length }) => length)

describe('folds', () => {
  it('hold every row once, in order, and differ by one row at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(60), fc.nat(), (folds, more, seed) => {
        const n = folds + more
        const parts = divide(n, { folds, seed })
        expect(parts).toHaveLength(folds)
        expect(parts.flatMap((rows) => [...rows]).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
        for (const rows of parts) expect(rows).toEqual(rows.slice().sort())
        expect(Math.max(...lengths(parts)) - Math.min(...lengths(parts))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 50, seed: 1 },
    )
  })

  it('follow from the seed, a number or the same as text, and are at random', () => {
    expect(divide(50, { seed: 3 })).toEqual(divide(50, { seed: '3' }))
    expect(divide(50, { seed: 3 })).not.toEqual(divide(50, { seed: 4 }))
    const neighbours = divide(1000)[0].filter((row, i, rows) => i > 0 && row === rows[i - 1] + 1).length
    // 199 pairs of successive rows, each neighbours with probability 1/5: mean 40, deviation 5.7.
    expect(Math.abs(neighbours - 40)).toBeLessThan(25)
  })

  it('do not divide a group, and are as even as groups allow', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 5, maxLength: 30 }),
        fc.nat(),
        (sizes, seed) => {
          const groups = sizes.flatMap((size, g) =>
            Array.from({ length: size }, () => (g % 2 === 0 ? g : `subject ${g}`)),
          )
          // Rows of a group need not stand together.
          const order = groups.map((_, i) => (i * 7919) % groups.length)
          const mixed = groups.length % 7919 === 0 ? groups : order.map((i) => groups[i])
          const parts = divide(mixed.length, { groups: mixed, seed })
          const homes = parts.map((rows) => new Set(Array.from(rows, (row) => mixed[row])))
          for (const label of new Set(mixed)) expect(homes.filter((home) => home.has(label))).toHaveLength(1)
          expect(lengths(parts).reduce((a, b) => a + b)).toBe(mixed.length)
          // No group goes where another place had fewer rows.
          expect(Math.max(...lengths(parts)) - Math.min(...lengths(parts))).toBeLessThanOrEqual(Math.max(...sizes))
        },
      ),
      { numRuns: 50, seed: 2 },
    )
  })

  it('of equal groups are at random as well', () => {
    const groups = Array.from({ length: 40 }, (_, i) => Math.floor(i / 2))
    expect(divide(40, { groups, seed: 1 })).not.toEqual(divide(40, { groups, seed: 2 }))
    expect(lengths(divide(40, { groups, seed: 1 }))).toEqual([8, 8, 8, 8, 8])
  })

  it.each<[object, string]>([
    [{ folds: 1 }, 'folds must be an integer from 2'],
    [{ folds: 2.5 }, 'folds must be an integer'],
    [{ folds: '5' }, 'folds must be an integer, got a string'],
    [{ folds: 11 }, 'there are 10 rows for 11 folds'],
    [{ groups: [1, 1, 1, 1, 1, 2, 2, 2, 2, 2] }, 'there are 2 groups for 5 folds'],
    [{ groups: [1, 2, 3] }, 'groups has 3 labels, expected one for each of 10 rows'],
    [{ groups: 'subjects' }, 'groups must be an array'],
    [{ groups: Array.from({ length: 10 }, () => null) }, 'groups[0] must be a number or a string, got null'],
    [{ groups: new Float64Array(10).fill(NaN) }, 'groups[0] is NaN'],
    [{ seed: {} }, 'seed must be a string or a number'],
  ])('refuse %j', (options, message) => {
    expect(() => divide(10, options)).toThrow(message)
  })
})
