import { describe } from '../matrix.js'

/**
 * What to try: a list of values for each option, of which every combination is a point; or the points themselves. Of points
 * that score the same the first is chosen, so what is simplest goes first.
 */
export type Grid<Options> = { readonly [Name in keyof Options]: readonly Options[Name][] } | readonly Options[]

/**
 * All points of a grid; the last option of an object varies fastest.
 *
 * @throws TypeError if it is neither an object of lists nor a list of objects, RangeError if it has no point
 */
export function gridPoints<Options>(grid: Grid<Options>): Options[] {
  const points = Array.isArray(grid) ? listedPoints(grid) : combinations(grid)
  if (points.length === 0) throw new RangeError('grid has no point: give every option at least one value')
  return points as Options[]
}

function listedPoints(points: readonly unknown[]): object[] {
  return points.map((point, i) => {
    if (typeof point === 'object' && point !== null && !Array.isArray(point)) return { ...point }
    throw new TypeError(`grid[${i}] must be an object of options, got ${describe(point)}`)
  })
}

function combinations(grid: unknown): object[] {
  if (typeof grid !== 'object' || grid === null) {
    throw new TypeError(`grid must be an object of lists or a list of options, got ${describe(grid)}`)
  }
  return Object.entries(grid).reduce<object[]>(
    (points, [name, values]) => {
      if (!Array.isArray(values)) {
        throw new TypeError(`grid.${name} must be an array of the values to try, got ${describe(values)}`)
      }
      return points.flatMap((point) => values.map((value: unknown) => ({ ...point, [name]: value })))
    },
    [{}],
  )
}
