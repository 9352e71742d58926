import { InputError } from './errors.js'
import { parseSlices, sliceRange } from './rows.js'

/** Which columns of a file are features, and which one names its rows: as the command line has it. */
export interface ColumnOptions {
  /** The name or the number of the column of ids. */
  readonly id?: string | undefined
  /** Names, numbers and slices of numbers, with commas in between: these are features. Default: all but the ids. */
  readonly columns?: string | undefined
  /** The same: these are not. */
  readonly skip?: string | undefined
}

/** The same by number, for a file of known width. */
export interface Columns {
  readonly id: number | undefined
  /** In the order that was asked for. */
  readonly features: readonly number[]
}

const NUMBER = /^-?\d+$/
const partsOf = (list: string | undefined): string[] => list?.split(',').map((part) => part.trim()) ?? []

/** Whether one of the options calls a column by a name that is among these: then they are names. */
export function mentions({ id, columns, skip }: ColumnOptions, names: readonly string[]): boolean {
  const said = [id, ...partsOf(columns), ...partsOf(skip)]
  return said.some((part) => part !== undefined && !NUMBER.test(part) && !part.includes(':') && names.includes(part))
}

/** The column that is named by a number, if so; -1 is the last. */
export function numbered(text: string | undefined, width: number): number | undefined {
  if (text === undefined || !NUMBER.test(text)) return undefined
  return Number(text) < 0 ? Number(text) + width : Number(text)
}

/**
 * @param names - of the columns, if the file has any
 * @throws InputError if a column is asked for that there is not, twice, or as id and feature, or none is left
 */
export function columnsOf(
  options: ColumnOptions,
  names: readonly string[] | undefined,
  width: number,
  path: string,
): Columns {
  const find = (part: string, flag: string) => findColumns(part, flag, names, width, path)
  const id = options.id === undefined ? undefined : find(options.id, '--id')[0]
  const asked = partsOf(options.columns).flatMap((part) => find(part, '--columns'))
  const twice = asked.find((column, i) => asked.indexOf(column) !== i)
  if (twice !== undefined) throw new InputError(`--columns has column ${nameOf(twice, names)} of ${path} twice`)
  if (id !== undefined && asked.includes(id)) {
    throw new InputError(`column ${nameOf(id, names)} of ${path} is in --id and in --columns: an id is no feature`)
  }
  const skipped = new Set(partsOf(options.skip).flatMap((part) => find(part, '--skip')))
  const all = options.columns === undefined ? Array.from({ length: width }, (_, j) => j) : asked
  const features = all.filter((column) => column !== id && !skipped.has(column))
  if (features.length === 0) throw new InputError(`no column of ${path} is left as a feature, of ${width}`)
  return { id, features }
}

/** How a message calls a column. */
export function nameOf(column: number, names: readonly string[] | undefined): string {
  return names === undefined ? String(column) : `'${names[column]}'`
}

function findColumns(
  part: string,
  flag: string,
  names: readonly string[] | undefined,
  width: number,
  path: string,
): number[] {
  const first = names?.indexOf(part) ?? -1
  if (first >= 0) {
    if (names?.lastIndexOf(part) === first) return [first]
    throw new InputError(`${flag} ${part}: ${path} has several columns of that name: give the number, from 0 on`)
  }
  const number = numbered(part, width)
  if (number !== undefined) {
    if (number >= 0 && number < width) return [number]
    throw new InputError(`${flag} ${part}: ${path} has ${width} columns, from 0 on`)
  }
  if (flag !== '--id' && /^[-\d]*:[-\d]*(:\d*)?$/.test(part)) {
    const [slice] = parseSlices(part, flag)
    const { start, stop, step } = sliceRange(slice, width, path, flag, 'columns')
    return Array.from({ length: Math.ceil((stop - start) / step) }, (_, i) => start + i * step)
  }
  if (names === undefined) throw new InputError(`${flag} ${part}: ${path} has no names of columns: give the number, from 0 on`) // prettier-ignore
  const shown = names.slice(0, 8).join(', ') + (names.length > 8 ? ', ...' : '')
  throw new InputError(`${flag} ${part}: ${path} has no such column; it has ${shown}`)
}
