import type { CsvLabels } from './csv.js'
import type { Reading } from './data/reading.js'
import { STANDARD, type Input } from './data/input.js'
import { npyWriter, openNpyRows, readNpyLabels } from './data/npy.js'
import type { RowStream } from './data/row-stream.js'
import type { RowWriter, Sink, Writing } from './data/row-writer.js'
import { VECTOR_NAMES } from './data/vector-names.js'
import { isBinaryWords, isSpaced } from './data/spaced.js'
import { InputError } from './errors.js'
import { refuseOther } from './other-formats.js'

/** A kind of file that holds rows. */
export interface FileFormat {
  readonly name: string
  /** Whether a file of this name, or that begins so, is one. */
  readonly matches: (name: string, head?: Uint8Array) => boolean
  readonly open: (input: Input, reading: Reading) => Promise<RowStream>
  /** Whether a terminal can show it. */
  readonly isText: boolean
  /** Whether there is a place for ids in it. */
  readonly holdsIds: boolean
  /** Undefined if it is read only. */
  readonly write?: (sink: Sink, writing: Writing) => Promise<RowWriter>
}

const begins = (head: Uint8Array | undefined, magic: string): boolean =>
  head !== undefined &&
  Array.from({ length: magic.length }, (_, i) => magic.charCodeAt(i)).every((code, i) => head[i] === code)
const isNpy = (head: Uint8Array | undefined): boolean => begins(head, '\x93NUMPY')
const isZip = (head: Uint8Array | undefined): boolean => begins(head, 'PK\x03\x04')
/** Text without a name, as it comes through a pipe, is what it looks like. */
const isNameless = (name: string, head: Uint8Array | undefined): boolean => name === STANDARD && head !== undefined
const startsWith = (head: Uint8Array | undefined, pattern: RegExp): boolean =>
  pattern.test(new TextDecoder('latin1').decode(head?.subarray(0, 64)))
/** A stream of Arrow begins with a mark and the length of its schema, which is a multiple of 8 and below 16 MiB. */
const startsArrowStream = (head: Uint8Array | undefined): boolean =>
  head !== undefined && startsWith(head, /^\xff{4}[^]{3}\0/) && head[4] % 8 === 0

const npy: FileFormat = {
  name: 'npy',
  matches: (name, head) => isNpy(head) || (head === undefined && /\.npy$/i.test(name)),
  open: openNpyRows,
  isText: false,
  holdsIds: false,
  write: npyWriter,
}

// What is imported when it is used costs nobody else the time to load it.
const npz: FileFormat = {
  name: 'npz',
  matches: (name, head) => isZip(head) || (head === undefined && /\.npz$/i.test(name)),
  open: async (input, reading) => (await import('./data/npz.js')).openNpz(input, reading),
  isText: false,
  holdsIds: true,
  write: async (sink, writing) => (await import('./data/npz.js')).npzWriter(sink, writing),
}

const safetensors: FileFormat = {
  name: 'safetensors',
  matches: (name, head) =>
    /\.safetensors$/i.test(name) || (isNameless(name, head) && startsWith(head, /^[^]{4}\0{4}\{/)),
  open: async (input, reading) => (await import('./data/tensor-rows.js')).openTensor(input, reading),
  isText: false,
  holdsIds: true,
  write: async (sink, writing) => (await import('./data/tensor-rows.js')).tensorWriter(sink, writing),
}

const parquet: FileFormat = {
  name: 'parquet',
  matches: (name, head) => begins(head, 'PAR1\x15') || /\.(parquet|pq)$/i.test(name),
  open: async (input, reading) => (await import('./data/parquet.js')).openParquet(input, reading),
  isText: false,
  holdsIds: true,
  write: async (sink, writing) => (await import('./data/parquet-writer.js')).parquetWriter(sink, writing),
}

const arrow: FileFormat = {
  name: 'arrow',
  matches: (name, head) =>
    begins(head, 'ARROW1\0') || startsArrowStream(head) || /\.(arrows?|feather|ipc)$/i.test(name),
  open: async (input, reading) => (await import('./data/arrow.js')).openArrow(input, reading),
  isText: false,
  holdsIds: true,
  write: async (sink, writing) => (await import('./data/arrow-writer.js')).arrowWriter(sink, writing),
}

const jsonl: FileFormat = {
  name: 'jsonl',
  matches: (name, head) =>
    /\.(jsonl|ndjson|json)$/i.test(name) || (isNameless(name, head) && startsWith(head, /^\s*(\{|\[\s*[[{])/)),
  open: async (input, reading) => (await import('./data/json-rows.js')).openJson(input, reading),
  isText: true,
  holdsIds: true,
  write: async (sink, writing) => (await import('./data/json-rows.js')).jsonlWriter(sink, writing),
}

const vectors: FileFormat = {
  name: 'fvecs',
  matches: (name) => VECTOR_NAMES.test(name),
  open: async (input, reading) => (await import('./data/vector-files.js')).openVectors(input, reading),
  isText: false,
  holdsIds: false,
  write: async (sink, writing) => (await import('./data/vector-files.js')).vectorWriter(sink, writing),
}

const binaryWords: FileFormat = {
  name: 'word2vec-binary',
  matches: (name, head) => head !== undefined && isBinaryWords(name, head),
  open: async (input, reading) => (await import('./data/word-vectors.js')).openBinaryWords(input, reading),
  isText: false,
  holdsIds: true,
}

const words: FileFormat = {
  name: 'word2vec',
  matches: (name, head) =>
    /\.(vec|glove|w2v)$/i.test(name) ||
    (head !== undefined && (/\.txt$/i.test(name) || name === STANDARD) && isSpaced(head)),
  open: async (input, reading) => (await import('./data/word-vectors.js')).openSpaced(input, reading),
  isText: true,
  holdsIds: true,
  write: async (sink, writing) => (await import('./data/word-vectors.js')).wordWriter(sink, writing),
}

const csv: FileFormat = {
  name: 'csv',
  matches: (name, head) => /\.(csv|tsv|txt)$/i.test(name) || isNameless(name, head),
  open: async (input, reading) => (await import('./csv.js')).openCsv(input, reading),
  isText: true,
  holdsIds: true,
  write: async (sink, writing) => (await import('./csv.js')).csvWriter(sink, writing),
}

/** All of them; the first that matches reads or writes a file. */
const FORMATS: readonly FileFormat[] = [npy, npz, parquet, arrow, safetensors, jsonl, vectors, binaryWords, words, csv]

/** The format of a file by its name and, if it is there already, what it begins with. */
export function formatOf(name: string, head?: Uint8Array): FileFormat {
  return FORMATS.find((format) => format.matches(name, head)) ?? npy
}

/** What `--format` takes. */
export const FORMAT_NAMES = FORMATS.filter(({ write }) => write !== undefined).map(({ name }) => name)

/** What `--input-format` takes. */
export const INPUT_FORMATS = FORMATS.map(({ name }) => name)

/** One of {@link INPUT_FORMATS}. */
export function formatNamed(name: string): FileFormat {
  return FORMATS.find((format) => format.name === name) ?? npy
}

function readFormat({ name, head }: Input, { format }: Reading): FileFormat {
  return format === undefined ? formatOf(name, head) : formatNamed(format)
}

/** The rows of a file. @throws InputError if it is of a kind that is not read, or broken */
export async function openRows(input: Input, reading: Reading): Promise<RowStream> {
  refuseOther(input.head, input.path)
  return readFormat(input, reading).open(input, reading)
}

/** One label for each of `total` rows, or as many as there are. @throws InputError if the file has other columns than those */
export async function readLabels(input: Input, total: number | undefined, reading: Reading): Promise<CsvLabels> {
  refuseOther(input.head, input.path)
  const format = readFormat(input, reading)
  if (format === csv || format === words) return (await import('./csv.js')).readCsvLabels(input, total, reading)
  const { path } = input
  if (reading.id !== undefined) throw new InputError(`${path} has no place for ids beside labels: with --id give a CSV file of two columns, ids and labels`) // prettier-ignore
  return { labels: await readNpyLabels(input, reading.signal), ids: undefined }
}
