import type { ColumnOptions } from '../columns.js'

/** Whether the first line of a CSV file holds names: told, or seen from it. */
export type Header = boolean | undefined

/** What is before the decimals of a number in a text. */
export const DECIMALS = ['.', ','] as const

/** One of {@link DECIMALS}. */
export type Decimal = (typeof DECIMALS)[number]

/** What a file of one axis can be: one row, or one number a row. */
export const VECTORS = ['row', 'column'] as const

/** One of {@link VECTORS}. */
export type VectorAs = (typeof VECTORS)[number]
/** What bytes of embeddings are, as sentence-transformers and Cohere call it: numbers, or eight packed bits each. */
export const DTYPES = ['int8', 'uint8', 'binary', 'ubinary'] as const

/** One of {@link DTYPES}. */
export type Dtype = (typeof DTYPES)[number]

/** How a file is read. */
export interface Reading extends ColumnOptions {
  /** The field or column that has vectors, where numbers have no columns of their own. */
  readonly field?: string | undefined
  readonly header?: Header
  /** What is between the cells of a CSV file; default: what its first line has. */
  readonly delimiter?: string | undefined
  /** What is before the decimals of a number in one; default a point. */
  readonly decimal?: Decimal | undefined
  /** What a file of one axis is. Without it such a file is refused. */
  readonly vector?: VectorAs | undefined
  /** What bytes are. */
  readonly dtype?: Dtype | undefined
  /** What the file is; default: what its name says, or what it begins with. */
  readonly format?: string | undefined
  readonly signal: AbortSignal
}
