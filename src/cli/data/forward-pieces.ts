import { regrouped, rowsOf } from './regrouped.js'
import type { RowChunk, Span } from './row-stream.js'

/** Rows that come once, some at a time, from which chunks are taken in their order. */
export class ForwardPieces {
  readonly #pieces: AsyncIterator<RowChunk>
  #rest: RowChunk | undefined
  #position = 0
  #isAtEnd = false

  constructor(pieces: AsyncIterator<RowChunk>) {
    this.#pieces = pieces
  }

  /** How many rows there were: known once the last was read. */
  get rows(): number | undefined {
    return this.#isAtEnd ? this.#position : undefined
  }

  chunks({ from, to = Infinity, rows }: Span): AsyncGenerator<RowChunk> {
    return regrouped(this.#taken(from, to), rows)
  }

  async *#taken(from: number, to: number): AsyncGenerator<RowChunk> {
    while (this.#position < to) {
      const piece = this.#rest ?? (await this.#next())
      this.#rest = undefined
      if (piece === undefined) return
      const { rows } = piece.matrix
      const first = Math.min(rows, Math.max(0, from - this.#position))
      const end = Math.min(rows, to - this.#position)
      if (end < rows) this.#rest = rowsOf(piece, end, rows)
      this.#position += end
      if (end > first) yield rowsOf(piece, first, end)
    }
  }

  async #next(): Promise<RowChunk | undefined> {
    const { done, value } = (await this.#pieces.next()) as IteratorResult<RowChunk, undefined>
    if (done === true) this.#isAtEnd = true
    return done === true ? undefined : value
  }
}
