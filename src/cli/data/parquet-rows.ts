import type { MatrixData } from '../../matrix.js'
import { arrayClass } from '../../typed-arrays.js'
import { InputError } from '../errors.js'
import type { ColumnPiece } from './column-pieces.js'
import { cellNumber } from './named-columns.js'
import type { Page } from './parquet-pages.js'
import type { StoredColumn } from './parquet-schema.js'

/** Where a row group stands. */
export interface Place {
  readonly path: string
  readonly first: number
}

/** How many numbers a vector has: known once the first was read. */
export interface VectorWidth {
  width?: number
}

/** The cells of a column without lists, null where one is missing. */
export async function* cellPieces(
  pages: AsyncIterable<Page>,
  { maxDefinition }: StoredColumn,
): AsyncGenerator<ColumnPiece> {
  for await (const { count, definition, values } of pages) {
    let at = 0
    const cells = definition?.some((level) => level !== maxDefinition) === true ? Array.from(definition, (level) => (level === maxDefinition ? values[at++] : null)) : values // prettier-ignore
    yield { rows: count, cells }
  }
}

/**
 * The vectors of a column of lists, each as long as the first.
 *
 * @throws InputError if one is missing, has no number in a place, or another length
 */
export async function* vectorPieces(
  pages: AsyncIterable<Page>,
  column: StoredColumn,
  shape: VectorWidth,
  place: Place,
): AsyncGenerator<ColumnPiece> {
  const empty = (length: number): MatrixData => (column.isSingle ? new Float32Array(length) : new Float64Array(length))
  const kind = column.isSingle ? 'Float32Array' : 'Float64Array'
  let rest = empty(0)
  // Of the row that goes on: it may do so in the next page.
  let length = 0
  let row = -1
  const close = (): void => {
    if (row >= 0 && length !== (shape.width ??= length)) throw ragged(length, shape.width, row, place)
  }
  for await (const { repetition = new Uint8Array(0), definition, count, values } of pages) {
    for (let i = 0; i < count; i++) {
      if (repetition[i] === 0) {
        close()
        row++
        length = 0
      }
      if (definition !== undefined && definition[i] !== column.maxDefinition) throw missing(definition[i], column, length, row, place) // prettier-ignore
      length++
    }
    if (row < 0) throw new InputError(`${place.path}: the first vector from row ${place.first} on has no beginning`)
    const all = rest.length === 0 && arrayClass(values) === kind ? (values as MatrixData) : appended(rest, values, count, empty) // prettier-ignore
    rest = all
    const { width } = shape
    if (width === undefined) continue
    if (length > width) throw ragged(length, width, row, place)
    const complete = (all.length - (length === width ? 0 : length)) / width
    if (complete > 0) yield { rows: complete, numbers: all.subarray(0, complete * width) }
    rest = all.slice(complete * width)
  }
  close()
  const { width = 0 } = shape
  if (rest.length > 0) yield { rows: rest.length / width, numbers: rest }
}

function appended(
  rest: MatrixData,
  values: ArrayLike<unknown>,
  count: number,
  empty: (length: number) => MatrixData,
): MatrixData {
  const all = empty(rest.length + count)
  all.set(rest)
  for (let i = 0; i < count; i++) all[rest.length + i] = cellNumber(values[i])
  return all
}

function ragged(length: number, width: number, row: number, { path, first }: Place): InputError {
  return new InputError(`${path}: row ${first + row} has a vector of ${length} numbers or more, the first has ${width}`)
}

/** What is wrong with a value of such a level. */
function missing(
  level: number,
  { name, listDefinition }: StoredColumn,
  entry: number,
  row: number,
  { path, first }: Place,
): InputError {
  const where = `${path}: row ${first + row}`
  if (level >= listDefinition) return new InputError(`${where}: entry ${entry} of '${name}' is null`)
  const what = level === listDefinition - 1 ? 'an empty vector' : 'no vector'
  return new InputError(`${where} has ${what} in '${name}': drop such rows first, in all files`)
}
