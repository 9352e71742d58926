import { describe, expect, it } from 'vitest'
import { gridPoints } from '../../src/model-selection/grid.js'

describe('grid', () => {
  it('has every combination, the last option fastest', () => {
    expect(gridPoints({ a: [1, 2], b: ['x', undefined], c: [true] })).toEqual([
      { a: 1, b: 'x', c: true },
      { a: 1, b: undefined, c: true },
      { a: 2, b: 'x', c: true },
      { a: 2, b: undefined, c: true },
    ])
    expect(gridPoints({})).toEqual([{}])
  })

  it('may be listed', () => {
    const points = [{ a: 1 }, { a: 2, b: 3 }]
    expect(gridPoints(points)).toEqual(points)
    expect(gridPoints(points)[0]).not.toBe(points[0])
  })

  it.each<[unknown, string]>([
    [null, 'grid must be an object of lists or a list of options, got null'],
    [{ nComponents: 3 }, 'grid.nComponents must be an array of the values to try, got 3'],
    [{ regularization: 'oas' }, 'grid.regularization must be an array'],
    [[1], 'grid[0] must be an object of options, got 1'],
    [{ nComponents: [] }, 'grid has no point'],
    [[], 'grid has no point'],
  ])('refuses %j', (grid, message) => {
    expect(() => gridPoints(grid as object[])).toThrow(message)
  })
})
