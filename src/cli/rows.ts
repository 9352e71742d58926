import { selectedRowsSteps } from '../dense/slices.js'
import { Matrix } from '../matrix.js'
import { run } from '../steps.js'
import { InputError } from './errors.js'

/** One slice in Python's notation: `start:stop:step`, an end left out is null, negative ends count from the last row. */
export interface Slice {
  readonly text: string
  readonly start: number | null
  readonly stop: number | null
  readonly step: number
}

/** The rows that `--rows` asks for: slices, taken one after the other. */
export type RowSelection = readonly Slice[]

const SLICE = /^(-?\d+)?:(-?\d+)?(?::(\d+)?)?$/

/**
 * Reads `--rows`: slices in Python's notation joined by commas, e.g. `0:1500`, `-500:`, `0::5` or `0:100,200:300`.
 *
 * @throws InputError if it is none
 */
export function parseRows(text: string): RowSelection {
  return parseSlices(text, '--rows')
}

/** Slices of an option. @throws InputError if it has something else */
export function parseSlices(text: string, flag: string): RowSelection {
  return text.split(',').map((part) => {
    const match = SLICE.exec(part.trim())
    const step = Number(match?.[3] ?? 1)
    if (match === null || step === 0) {
      throw new InputError(`${flag} must be slices such as 0:1500, -500:, 0::5 or 0:100,200:300, got '${text}'`)
    }
    const end = (digits: string | undefined) => (digits === undefined ? null : Number(digits))
    return { text: part.trim(), start: end(match[1]), stop: end(match[2]), step }
  })
}

/**
 * The selected rows of a matrix: a view for one slice of step 1, otherwise a copy.
 *
 * @throws InputError if a slice is empty or goes beyond the matrix. NumPy cuts silently there, but `0:1500` of a file
 * with 1000 rows is more likely the wrong file.
 */
export function selectRows(matrix: Matrix, selection: RowSelection, name: string): Matrix {
  const ranges = selection.map((slice) => sliceRange(slice, matrix.rows, name))
  const { cols, data } = matrix
  if (ranges.length === 1 && ranges[0].step === 1) {
    const { start, stop } = ranges[0]
    return new Matrix(stop - start, cols, data.subarray(start * cols, stop * cols))
  }
  const indices = ranges.flatMap(({ start, stop, step }) => {
    const length = Math.ceil((stop - start) / step)
    return Array.from({ length }, (_, i) => start + i * step)
  })
  return run(selectedRowsSteps(matrix, indices))
}

/** Where a slice of `total` rows or columns starts and stops. @throws InputError if it is empty or goes beyond them */
export function sliceRange(
  { text, start, stop, step }: Slice,
  total: number,
  name: string,
  flag = '--rows',
  what = 'rows',
) {
  const position = (end: number) => (end < 0 ? end + total : end)
  const range = { start: position(start ?? 0), stop: position(stop ?? total), step }
  if (Math.min(range.start, range.stop) < 0 || Math.max(range.start, range.stop) > total) {
    throw new InputError(`${flag} ${text} goes beyond ${name}, which has ${total} ${what}`)
  }
  if (range.start >= range.stop) throw new InputError(`${flag} ${text} selects none of the ${total} ${what} of ${name}`)
  return range
}
