import type { Precision } from '../../matrix.js'
import type { RowChunk, RowStream, Span } from './row-stream.js'

/** Rows of another stream, as they are: what is made of one overrides what it changes. */
export class DerivedRows implements RowStream {
  protected readonly source: RowStream

  /** @param source - it is closed with these */
  constructor(source: RowStream) {
    this.source = source
  }

  get path(): string {
    return this.source.path
  }

  get columns(): readonly number[] {
    return this.source.columns
  }

  get cols(): number {
    return this.source.cols
  }

  get names(): readonly string[] | undefined {
    return this.source.names
  }

  get precision(): Precision {
    return this.source.precision
  }

  get rows(): number | undefined {
    return this.source.rows
  }

  get isForward(): boolean {
    return this.source.isForward
  }

  chunks(span: Span): AsyncIterable<RowChunk> {
    return this.source.chunks(span)
  }

  close(): Promise<void> {
    return this.source.close()
  }
}
