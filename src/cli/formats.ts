import { csvWriter, openCsv, readCsvLabels, type CsvLabels, type CsvReading } from './csv.js'
import { STANDARD, type Input } from './data/input.js'
import { npyWriter, openNpyRows, readNpyLabels } from './data/npy.js'
import type { RowStream } from './data/row-stream.js'
import type { RowWriter, Sink, Writing } from './data/row-writer.js'
import { InputError } from './errors.js'
import { refuseOther } from './other-formats.js'

/** A kind of file that holds rows. */
export interface FileFormat {
  readonly name: string
  /** Whether a file of this name, or that begins so, is one. */
  readonly matches: (name: string, head?: Uint8Array) => boolean
  readonly open: (input: Input, reading: CsvReading) => Promise<RowStream>
  /** Whether a terminal can show it. */
  readonly isText: boolean
  /** Whether there is a place for ids in it. */
  readonly holdsIds: boolean
  readonly write: (sink: Sink, writing: Writing) => Promise<RowWriter>
}

const NPY_MAGIC = 0x93
const isNpy = (head: Uint8Array | undefined): boolean => head?.[0] === NPY_MAGIC

const csv: FileFormat = {
  name: 'csv',
  // What comes through a pipe has no name: text is a table.
  matches: (name, head) =>
    !isNpy(head) && (/\.(csv|tsv|txt)$/i.test(name) || (name === STANDARD && head !== undefined)),
  open: openCsv,
  isText: true,
  holdsIds: true,
  write: csvWriter,
}

const npy: FileFormat = {
  name: 'npy',
  matches: () => true,
  open: openNpyRows,
  isText: false,
  holdsIds: false,
  write: npyWriter,
}

/** All of them; the first that matches reads or writes a file, and the last matches any. */
const FORMATS: readonly FileFormat[] = [csv, npy]

/** The format of a file by its name and, if it is there already, what it begins with. */
export function formatOf(name: string, head?: Uint8Array): FileFormat {
  return FORMATS.find((format) => format.matches(name, head)) ?? npy
}

/** What `--format` takes. */
export const FORMAT_NAMES = FORMATS.map(({ name }) => name)

/** One of {@link FORMAT_NAMES}. */
export function formatNamed(name: string): FileFormat {
  return FORMATS.find((format) => format.name === name) ?? npy
}

/** The rows of a file. @throws InputError if it is of a kind that is not read, or broken */
export async function openRows(input: Input, reading: CsvReading): Promise<RowStream> {
  refuseOther(input.head, input.path)
  return formatOf(input.name, input.head).open(input, reading)
}

/** One label for each of `total` rows, or as many as there are. @throws InputError if the file has other columns than those */
export async function readLabels(input: Input, total: number | undefined, reading: CsvReading): Promise<CsvLabels> {
  refuseOther(input.head, input.path)
  const format = formatOf(input.name, input.head)
  if (format === csv) return readCsvLabels(input, total, reading)
  const { path } = input
  if (reading.id !== undefined) throw new InputError(`${path} has no place for ids beside labels: with --id give a CSV file of two columns, ids and labels`) // prettier-ignore
  return { labels: await readNpyLabels(input, reading.signal), ids: undefined }
}
