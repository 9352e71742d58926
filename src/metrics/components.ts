import type { Matrix } from '../matrix.js'
import { flag, knownOptions } from '../validation.js'
import { mean, norm } from '../dense/norms.js'

/** Options of the metrics that describe one set of latents. */
export interface LatentOptions {
  /** Subtract each component's mean first; default false. */
  readonly center?: boolean
}

/** Whether to. @throws TypeError unless it is true, false or left out, and the only option */
export function centerOf(options: LatentOptions): boolean {
  return flag(knownOptions(options, ['center']).center, 'center')
}

/** The columns of Z times `scale`, one after the other in float64, each without its mean if `center`. O(n k) memory. */
export function componentColumns(Z: Matrix, center: boolean, scale = 1): Float64Array {
  const { rows: n, cols: k, data } = Z
  const columns = new Float64Array(n * k)
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) columns[j * n + i] = data[i * k + j] * scale
  if (center) for (let j = 0; j < k; j++) centerColumn(columns.subarray(j * n, (j + 1) * n), k)
  return columns
}

function centerColumn(column: Float64Array, k: number): void {
  const uncentred = norm(column)
  const average = mean(column)
  for (let i = 0; i < column.length; i++) column[i] -= average
  // A constant column leaves the rounding of its mean, which is not variance.
  if (norm(column) <= Math.max(column.length, k) * Number.EPSILON * uncentred) column.fill(0)
}
