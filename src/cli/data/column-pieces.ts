import { InputError } from '../errors.js'
import { Matrix, type MatrixData } from '../../matrix.js'
import { cellNumber, idText } from './named-columns.js'
import type { RowChunk } from './row-stream.js'

/** Some rows of a column: numbers, as many a row, or cells. */
export type ColumnPiece =
  | { readonly rows: number; readonly numbers: MatrixData }
  | { readonly rows: number; readonly cells: ArrayLike<unknown> }

/** What of a column makes a row of the matrix, or names it. */
export interface UsedColumns {
  /** That of vectors, and which of their entries are features. */
  readonly vector?: AsyncIterator<ColumnPiece> | undefined
  readonly width: number
  readonly features: readonly number[]
  /** Columns of numbers, where there are no vectors. */
  readonly scalars: readonly AsyncIterator<ColumnPiece>[]
  readonly ids?: AsyncIterator<ColumnPiece> | undefined
  readonly isSingle: boolean
}

/** Where rows are counted from, for messages. */
export interface PlaceOfRows {
  readonly path: string
  readonly first: number
  readonly total: number
}

/**
 * Puts columns together, whose pieces have other bounds: rows `skip` to `end` of those that they have.
 *
 * @throws InputError if a column has not as many rows as the place says
 */
export async function* besideEachOther(
  columns: UsedColumns,
  { path, first, total }: PlaceOfRows,
  skip: number,
  end: number,
): AsyncGenerator<RowChunk> {
  const { vector, scalars, ids } = columns
  const all = [...(vector ? [vector] : []), ...scalars, ...(ids ? [ids] : [])].map((pieces) => new Cursor(pieces))
  let row = 0
  while (row < end) {
    const available = Math.min(...(await Promise.all(all.map((cursor) => cursor.available()))))
    if (available === 0) throw new InputError(`${path}: ${total} rows were expected from row ${first} on, ${row} are there`) // prettier-ignore
    const count = Math.min(available, row < skip ? skip - row : end - row)
    const taken = all.map((cursor) => cursor.take(count))
    if (row >= skip) yield chunkOf(columns, taken, count, path, first + row)
    row += count
  }
  if (end < total) return
  for (const cursor of all) {
    if ((await cursor.available()) > 0) throw new InputError(`${path}: more rows follow than the ${total} from row ${first} on`) // prettier-ignore
  }
}

function chunkOf(
  { vector, width, features, scalars, ids, isSingle }: UsedColumns,
  taken: readonly { readonly piece: ColumnPiece; readonly at: number }[],
  rows: number,
  path: string,
  first: number,
): RowChunk {
  const cols = features.length
  const isWhole = vector !== undefined && cols === width && features.every((column, j) => column === j)
  const id = ids && taken[taken.length - 1]
  const names = id && Array.from({ length: rows }, (_, i) => idText(cellsOf(id.piece)[id.at + i], first + i, path))
  if (isWhole) {
    const { piece, at } = taken[0]
    return { matrix: new Matrix(rows, cols, numbersOf(piece).subarray(at * width, (at + rows) * width)), ids: names }
  }
  const data = isSingle ? new Float32Array(rows * cols) : new Float64Array(rows * cols)
  if (vector !== undefined) {
    const { piece, at } = taken[0]
    const numbers = numbersOf(piece)
    for (let i = 0, to = 0; i < rows; i++)
      for (const column of features) data[to++] = numbers[(at + i) * width + column]
  } else {
    for (let j = 0; j < scalars.length; j++) {
      const { piece, at } = taken[j]
      const cells = cellsOf(piece)
      for (let i = 0; i < rows; i++) data[i * cols + j] = cellNumber(cells[at + i])
    }
  }
  return { matrix: new Matrix(rows, cols, data), ids: names }
}

const numbersOf = (piece: ColumnPiece): MatrixData => ('numbers' in piece ? piece.numbers : new Float64Array(0))
const cellsOf = (piece: ColumnPiece): ArrayLike<unknown> => ('cells' in piece ? piece.cells : [])

class Cursor {
  readonly #pieces: AsyncIterator<ColumnPiece>
  #piece: ColumnPiece = { rows: 0, cells: [] }
  #at = 0

  constructor(pieces: AsyncIterator<ColumnPiece>) {
    this.#pieces = pieces
  }

  /** Rows that are at hand: none at the end. */
  async available(): Promise<number> {
    while (this.#at === this.#piece.rows) {
      const { done, value } = (await this.#pieces.next()) as IteratorResult<ColumnPiece, undefined>
      if (done === true) return 0
      this.#piece = value
      this.#at = 0
    }
    return this.#piece.rows - this.#at
  }

  take(rows: number): { readonly piece: ColumnPiece; readonly at: number } {
    const taken = { piece: this.#piece, at: this.#at }
    this.#at += rows
    return taken
  }
}
