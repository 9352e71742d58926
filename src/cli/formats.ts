import { npyToMatrix, readNpy, writeNpy } from '../io/npy.js'
import { Matrix } from '../matrix.js'
import { columnsOf } from './columns.js'
import { csvBytes, readCsv, readCsvLabels, type CsvLabels, type CsvNames, type CsvReading } from './csv.js'
import { about, InputError } from './errors.js'
import { refuseOther } from './other-formats.js'

/** A matrix as its file has it. */
export interface Source {
  readonly path: string
  readonly matrix: Matrix
  /** The line of each row, n x 1, in a file of text. */
  readonly lines?: Matrix
  /** The columns of the file that the matrix has. */
  readonly columns: readonly number[]
  /** Of all columns of the file, if it has any. */
  readonly names?: readonly string[] | undefined
  /** One a row, if they were asked for. */
  readonly ids?: readonly string[] | undefined
}

/** A kind of file that holds rows. */
export interface FileFormat {
  /** Whether a file of this name, or of these bytes, is one. */
  readonly matches: (path: string, bytes?: Uint8Array) => boolean
  readonly read: (bytes: Uint8Array, path: string, reading: CsvReading) => Promise<Source>
  /** One label for each of `total` rows, or as many as there are. */
  readonly readLabels: (
    bytes: Uint8Array,
    path: string,
    total: number | undefined,
    reading: CsvReading,
  ) => Promise<CsvLabels>
  /** Whether there is a place for ids in it. */
  readonly holdsIds: boolean
  readonly write: (matrix: Matrix, path: string, names?: CsvNames) => Uint8Array
}

const NPY_MAGIC = 0x93
const isNpy = (bytes: Uint8Array | undefined): boolean => bytes?.[0] === NPY_MAGIC

const csv: FileFormat = {
  matches: (path, bytes) => !isNpy(bytes) && /\.(csv|tsv|txt)$/i.test(path),
  read: async (bytes, path, reading) => {
    refuseOther(bytes, path)
    return { path, ...(await readCsv(bytes, path, reading)) }
  },
  readLabels: readCsvLabels,
  holdsIds: true,
  write: (matrix, path, names) => csvBytes(matrix, /\.csv$/i.test(path) ? ',' : '\t', names),
}

const npy: FileFormat = {
  matches: () => true,
  // Not plain functions: what they throw is to reject, as with the other formats.
  read: async (bytes, path, reading) => Promise.resolve(npySource(bytes, path, reading)),
  readLabels: async (bytes, path, _, { id }) => Promise.resolve(npyLabels(bytes, path, id)),
  holdsIds: false,
  write: (matrix) => writeNpy(matrix),
}

/** All of them; the first that matches reads or writes a file, and the last matches any. */
const FORMATS: readonly FileFormat[] = [csv, npy]

/** The format of a file by its name and, if it is there already, what it begins with. */
export function formatOf(path: string, bytes?: Uint8Array): FileFormat {
  return FORMATS.find((format) => format.matches(path, bytes)) ?? npy
}

function npySource(bytes: Uint8Array, path: string, reading: CsvReading): Source {
  refuseOther(bytes, path)
  const array = about(path, () => readNpy(bytes))
  const width = array.shape.slice(1).reduce((product, length) => product * length, 1)
  const { id, features } = columnsOf(reading, undefined, width, path)
  // Ids of 64 bits are read as they are: as float64 two of them may be one.
  const ids =
    id === undefined ? undefined : Array.from({ length: array.shape[0] }, (_, i) => String(array.data[i * width + id]))
  const isWhole = features.length === width && features.every((column, j) => column === j)
  const matrix = about(path, () =>
    isWhole ? npyToMatrix(array, 'the array', { flatten: true }) : selectedColumns(array, width, features),
  )
  return { path, matrix, columns: features, ids }
}

/** The features of an array, before they are made numbers of: what is left out may be of any size. */
function selectedColumns(
  { shape, data }: ReturnType<typeof readNpy>,
  width: number,
  features: readonly number[],
): Matrix {
  const [rows] = shape
  const selected = data.slice(0, rows * features.length)
  for (let i = 0, at = 0; i < rows; i++) for (const column of features) selected[at++] = data[i * width + column]
  return npyToMatrix({ shape: [rows, features.length], data: selected }, 'the array')
}

function npyLabels(bytes: Uint8Array, path: string, id: string | undefined): CsvLabels {
  if (id !== undefined) throw new InputError(`${path} has no place for ids beside labels: with --id give a CSV file of two columns, ids and labels`) // prettier-ignore
  const { shape, data } = about(path, () => readNpy(bytes))
  if (shape.length === 0 || shape.slice(1).some((length) => length !== 1)) {
    throw new InputError(`${path} has shape [${shape.join(', ')}], expected one column of labels`)
  }
  return { labels: Array.from(data, String), ids: undefined }
}
