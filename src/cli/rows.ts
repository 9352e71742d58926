import { InputError } from './errors.js'

/** One slice in Python's notation: `start:stop:step`, an end left out is null, negative ends count from the last row. */
export interface Slice {
  readonly text: string
  readonly start: number | null
  readonly stop: number | null
  readonly step: number
}

/** Rows by their numbers, as a file lists them. */
export interface RowList {
  /** As the command line has it. */
  readonly text: string
  readonly numbers: Uint32Array
  /** How many rows the file is about, where it says of each whether it is taken. */
  readonly of?: number
}

/** The rows that `--rows` asks for: slices, taken one after the other, or a list. */
export type RowSelection = readonly Slice[] | RowList

/** A list that is yet to be read. */
export interface RowFile {
  readonly text: string
  readonly file: string
}

const SLICE = /^(-?\d+)?:(-?\d+)?(?::(\d+)?)?$/

/** Whether rows are selected by their numbers. */
export const isList = (selection: RowSelection): selection is RowList => !Array.isArray(selection)

/**
 * Reads `--rows`: slices in Python's notation joined by commas, e.g. `0:1500`, `-500:`, `0::5` or `0:100,200:300`.
 *
 * @throws InputError if it is none
 */
export function parseRows(text: string): readonly Slice[] {
  return parseSlices(text, '--rows')
}

/** Slices, or `@` and the name of a file that lists rows. @throws InputError if it is neither */
export function rowsOrFile(text: string): RowSelection | RowFile {
  return text.startsWith('@') ? { text, file: text.slice(1) } : parseRows(text)
}

/** Slices of an option. @throws InputError if it has something else */
export function parseSlices(text: string, flag: string): readonly Slice[] {
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
 * The numbers of the selected rows, of `total`.
 *
 * @throws InputError if a slice is empty or goes beyond them. NumPy cuts silently there, but `0:1500` of a file with 1000 rows is more likely the wrong
 * file.
 */
export function selectedNumbers(selection: RowSelection | undefined, total: number, name: string): Uint32Array {
  if (selection === undefined) return Uint32Array.from({ length: total }, (_, i) => i)
  if (isList(selection)) {
    checkList(selection, total, name)
    return selection.numbers
  }
  const ranges = selection.map((slice) => sliceRange(slice, total, name))
  const all = new Uint32Array(ranges.reduce((sum, range) => sum + rangeCount(range), 0))
  let at = 0
  for (const { start, stop, step } of ranges) for (let row = start; row < stop; row += step) all[at++] = row
  return all
}

/** How many rows are selected, of `total`. @throws as {@link selectedNumbers} */
export function selectedTotal(selection: RowSelection | undefined, total: number, name: string): number {
  if (selection === undefined) return total
  if (!isList(selection)) return selection.reduce((sum, slice) => sum + rangeCount(sliceRange(slice, total, name)), 0)
  checkList(selection, total, name)
  return selection.numbers.length
}

/** @throws InputError if a listed row is not there, or the list is about another number of rows */
export function checkList({ text, numbers, of }: RowList, total: number, name: string): void {
  if (of !== undefined && of !== total) {
    throw new InputError(`--rows ${text} says of ${of} rows whether they are taken, ${name} has ${total}`)
  }
  const beyond = numbers.find((row) => row >= total)
  if (beyond !== undefined) throw new InputError(`--rows ${text} has row ${beyond}, ${name} has ${total}, from 0 on`)
}

const rangeCount = ({ start, stop, step }: { start: number; stop: number; step: number }): number =>
  Math.ceil((stop - start) / step)

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
