import type { Command } from 'commander'
import { readNpy } from '../io/npy.js'
import type { Context } from './context.js'
import { contentOf, openInput } from './data/input.js'
import { about, InputError } from './errors.js'
import type { RowFile, RowList } from './rows.js'

// Beyond it Uint32Array has no room; rows of that many are not one file.
const MAX_ROW = 2 ** 32 - 1

/** Reads the files that options of a command name after an `@`, and puts what they list in their place. */
export async function readRowFiles(command: Command, context: Context): Promise<void> {
  for (const option of command.options) {
    const name = option.attributeName()
    const value: unknown = command.getOptionValue(name)
    if (typeof value !== 'object' || value === null || !('file' in value)) continue
    command.setOptionValue(name, await readRowList(value as RowFile, context))
  }
}

/**
 * The rows that a file lists, from 0 on: a .npy file of integers, or of booleans that say of each row whether it is taken; a text with one number a
 * line; or a column of a CSV file, `split.csv:row`, or its rows where a column has a value, `split.csv:set=train`.
 *
 * @throws InputError if it lists none, or something else
 */
export async function readRowList({ text, file }: RowFile, context: Context): Promise<RowList> {
  const [, path = file, column, value] = /^(.+\.(?:csv|tsv|txt)):([^=]+)(?:=(.*))?$/is.exec(file) ?? []
  const list = /\.npy$/i.test(path)
    ? await inArray(path, text, context)
    : await inText(path, column, value, text, context)
  if (list.numbers.length === 0) throw new InputError(`--rows ${text} lists no rows`)
  return list
}

async function inArray(path: string, text: string, context: Context): Promise<RowList> {
  const bytes = await contentOf(path, context)
  const { shape, dtype, data } = about(path, () => readNpy(bytes))
  if (shape.filter((length) => length !== 1).length > 1) {
    throw new InputError(`--rows ${text}: ${path} has shape [${shape.join(', ')}], expected one axis of row numbers`)
  }
  if (dtype === 'b1') return { text, numbers: taken(Array.from(data, Boolean)), of: data.length }
  return { text, numbers: Uint32Array.from(data as ArrayLike<number>, (x, i) => rowNumber(x, `${path}: entry ${i}`)) }
}

async function inText(
  path: string,
  column: string | undefined,
  value: string | undefined,
  text: string,
  context: Context,
): Promise<RowList> {
  const input = await openInput(path, context)
  try {
    const { readCsvColumn } = await import('./csv.js')
    const cells = await readCsvColumn(input, column, value === undefined, context.signal)
    if (value !== undefined) return { text, numbers: taken(cells.map((cell) => cell === value)), of: cells.length }
    return { text, numbers: Uint32Array.from(cells, (cell, i) => rowNumber(cell, `${path}: row ${i}`)) }
  } finally {
    await input.close()
  }
}

/** Where it says so. */
const taken = (flags: readonly boolean[]): Uint32Array =>
  Uint32Array.from(flags.flatMap((isTaken, row) => (isTaken ? [row] : [])))

/** @throws InputError if it is no number of a row */
function rowNumber(given: unknown, place: string): number {
  const row = given === '' ? NaN : Number(given)
  if (Number.isInteger(row) && row >= 0 && row < MAX_ROW) return row
  throw new InputError(`${place} is '${String(given)}', expected the number of a row, from 0 on`)
}
