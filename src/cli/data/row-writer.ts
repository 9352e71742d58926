import type { Matrix, Precision } from '../../matrix.js'
import type { Decimal } from './reading.js'

/** Where bytes go, one after the other. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>
  /** Writes over what is there already, where that can be done. */
  readonly patch?: (bytes: Uint8Array, position: number) => Promise<void>
}

/** What names rows and columns that are written. */
export interface Names {
  /** The name of the column of ids, if rows have any. */
  readonly id: string | undefined
  /** What the number of a column comes after in its name. */
  readonly prefix: string
}

/** What is known before the first row. */
export interface Writing extends Names {
  readonly path: string
  /** The same without the ending of a compression: it tells the format. */
  readonly name: string
  /** Undefined where only the end of the input tells. */
  readonly rows: number | undefined
  readonly cols: number
  /** What the array is called in a file of several. */
  readonly member?: string | undefined
  readonly precision: Precision
  /** Of CSV: what is between cells, and before decimals. */
  readonly delimiter?: string | undefined
  readonly decimal?: Decimal | undefined
}

/** Writes rows as they come. */
export interface RowWriter {
  /** @param ids - one a row, where there are ids */
  add(matrix: Matrix, ids?: readonly string[]): Promise<void>
  /** After the last row. */
  end(): Promise<void>
}
