import { KC, MC, PANEL } from './constants.js'

export type Shape = readonly [rows: number, cols: number]

/** Square and nearly square shapes just below, at and just above a size. */
function near(size: number): Shape[] {
  return [
    [size - 1, size - 1],
    [size, size],
    [size + 1, size + 1],
    [size + 1, size - 1],
    [size - 1, size],
  ]
}

/** Shapes that straddle the panels and blocks of the kernels: square, tall, wide, and very much so. */
export const STRADDLING: readonly Shape[] = [
  ...near(PANEL),
  ...near(2 * PANEL),
  ...near(MC),
  [128, 127],
  [129, 129],
  [KC - 1, KC + 1],
  [KC + 1, KC],
  [KC + 1, PANEL - 1],
  [PANEL + 1, KC - 1],
  [2 * KC + 1, PANEL],
  [5, 2 * KC + 1],
  [2 * KC, 3],
]

/** No, one or few rows or columns. */
export const SMALL: readonly Shape[] = [
  [0, 0],
  [0, 3],
  [4, 0],
  [1, 1],
  [1, 7],
  [8, 1],
  [2, 2],
  [3, 2],
]
