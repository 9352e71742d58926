import type { ColumnOptions } from '../columns.js'

/** Whether the first line of a CSV file holds names: told, or seen from it. */
export type Header = boolean | undefined

/** How a file is read. */
export interface Reading extends ColumnOptions {
  /** The field or column that has vectors, where numbers have no columns of their own. */
  readonly field?: string | undefined
  readonly header?: Header
  readonly signal: AbortSignal
}
