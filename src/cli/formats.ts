import { npyToMatrix, readNpy, writeNpy } from '../io/npy.js'
import type { Matrix } from '../matrix.js'
import { csvBytes, readCsv, readCsvLabels, type Header } from './csv.js'
import { about, InputError } from './errors.js'

/** A matrix as its file has it. */
export interface Source {
  readonly path: string
  readonly matrix: Matrix
  /** The line of each row, n x 1, in a file of text. */
  readonly lines?: Matrix
}

/** How a file is read. */
export interface Reading {
  readonly header: Header
  readonly signal: AbortSignal
}

/** A kind of file that holds rows. */
export interface FileFormat {
  /** Whether a file of this name, or of these bytes, is one. */
  readonly matches: (path: string, bytes?: Uint8Array) => boolean
  readonly read: (bytes: Uint8Array, path: string, reading: Reading) => Promise<Source>
  /** One label for each of `total` rows, or as many as there are. */
  readonly readLabels: (bytes: Uint8Array, path: string, total: number, reading: Reading) => Promise<string[]>
  readonly write: (matrix: Matrix, path: string) => Uint8Array
}

const NPY_MAGIC = 0x93
const isNpy = (bytes: Uint8Array | undefined): boolean => bytes?.[0] === NPY_MAGIC

const csv: FileFormat = {
  matches: (path, bytes) => !isNpy(bytes) && /\.(csv|tsv|txt)$/i.test(path),
  read: async (bytes, path, { header, signal }) => ({ path, ...(await readCsv(bytes, path, header, signal)) }),
  readLabels: (bytes, path, total, { header, signal }) => readCsvLabels(bytes, path, total, header, signal),
  write: (matrix, path) => csvBytes(matrix, /\.csv$/i.test(path) ? ',' : '\t'),
}

const npy: FileFormat = {
  matches: () => true,
  // Not plain functions: what they throw is to reject, as with the other formats.
  read: async (bytes, path) =>
    Promise.resolve({ path, matrix: about(path, () => npyToMatrix(readNpy(bytes), 'the array', { flatten: true })) }),
  readLabels: async (bytes, path) => Promise.resolve(npyLabels(bytes, path)),
  write: (matrix) => writeNpy(matrix),
}

/** All of them; the first that matches reads or writes a file, and the last matches any. */
const FORMATS: readonly FileFormat[] = [csv, npy]

/** The format of a file by its name and, if it is there already, what it begins with. */
export function formatOf(path: string, bytes?: Uint8Array): FileFormat {
  return FORMATS.find((format) => format.matches(path, bytes)) ?? npy
}

function npyLabels(bytes: Uint8Array, path: string): string[] {
  const { shape, data } = about(path, () => readNpy(bytes))
  if (shape.length === 0 || shape.slice(1).some((length) => length !== 1)) {
    throw new InputError(`${path} has shape [${shape.join(', ')}], expected one column of labels`)
  }
  return Array.from(data, String)
}
