import { Matrix } from '../../matrix.js'
import { stacked, type RowChunk } from './row-stream.js'

/** Chunks of `rows` rows each but for the last, of pieces of any number of rows. */
export async function* regrouped(pieces: AsyncIterable<RowChunk>, rows: number): AsyncGenerator<RowChunk> {
  let waiting: RowChunk[] = []
  let count = 0
  for await (const piece of pieces) {
    let rest = piece
    while (count + rest.matrix.rows >= rows) {
      const cut = rows - count
      yield stacked([...waiting, rowsOf(rest, 0, cut)])
      rest = rowsOf(rest, cut, rest.matrix.rows)
      waiting = []
      count = 0
    }
    if (rest.matrix.rows > 0) waiting.push(rest)
    count += rest.matrix.rows
  }
  if (count > 0) yield stacked(waiting)
}

/** Rows `from` to `to` of a chunk, which are not copied. */
export function rowsOf({ matrix: { cols, data }, ids, lines }: RowChunk, from: number, to: number): RowChunk {
  return {
    matrix: new Matrix(to - from, cols, data.subarray(from * cols, to * cols)),
    ids: ids?.slice(from, to),
    lines: lines?.slice(from, to),
  }
}
