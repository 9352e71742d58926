import { byteReader } from '../../io/streams/byte-reader.js'
import { npyHeader, npyRows } from '../../io/streams/open-npy.js'
import type { StoredRows } from '../../io/streams/row-source.js'
import { writeElements, type TypedArray } from '../../io/elements.js'
import { npyHeaderBytes } from '../../io/npy-header.js'
import { npyToMatrix } from '../../io/npy.js'
import type { Matrix, MatrixData } from '../../matrix.js'
import { isFloat32 } from '../../typed-arrays.js'
import { columnsOf } from '../columns.js'
import type { Reading } from './reading.js'
import { aboutAsync, aboutEach, InputError } from '../errors.js'
import type { Input } from './input.js'
import type { RowStream } from './row-stream.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'

/** The rows of a .npy file. @throws InputError if it is broken */
export async function openNpyRows(input: Input, reading: Reading): Promise<RowStream> {
  return storedRows(await storedNpy(input, reading.signal), input, reading)
}

/** One column of any numbers, as texts. @throws InputError if the file is broken or has more columns */
export async function readNpyLabels(input: Input, signal: AbortSignal): Promise<string[]> {
  const { path } = input
  const stored = await storedNpy(input, signal)
  if (stored.cols !== 1) {
    throw new InputError(`${path} has shape [${stored.rows}, ${stored.cols}], expected one column of labels`)
  }
  const labels: string[] = []
  for await (const { data } of aboutEach(path, stored.arrays({ signal }))) {
    for (const label of data) labels.push(String(label))
  }
  return labels
}

function storedNpy(input: Input, signal: AbortSignal): Promise<StoredRows> {
  return aboutAsync(input.path, async () => {
    const reader = byteReader(input.file)
    return npyRows(reader, await npyHeader(reader, signal))
  })
}

/** What .npy and safetensors call numbers of one byte. */
const BYTES: Readonly<Partial<Record<string, 'int8' | 'uint8'>>> = { i1: 'int8', I8: 'int8', u1: 'uint8', U8: 'uint8' }

/** Rows that are stored as numbers, one row after the other or one column. */
export function storedRows(array: StoredRows, input: Input, reading: Reading): RowStream {
  const { path, isStream } = input
  const stored = withTwoAxes(array, path, reading)
  const width = stored.cols
  const { id, features } = columnsOf(reading, undefined, width, path)
  const isWhole = features.length === width && features.every((column, j) => column === j)
  return {
    path,
    columns: features,
    cols: features.length,
    rows: stored.rows,
    names: undefined,
    precision: /^(f[24]|B?F16|F32)$/.test(stored.dtype) ? 'f32' : 'f64',
    isForward: isStream,
    bytes: BYTES[stored.dtype],
    async *chunks({ from, to = stored.rows, rows }) {
      const arrays = stored.arrays({ from, to, rows, signal: reading.signal })
      for await (const { rows: count, first, data } of aboutEach(path, arrays)) {
        // Ids of 64 bits are taken as they are: as float64 two of them may be one.
        const ids = id === undefined ? undefined : Array.from({ length: count }, (_, i) => String(data[i * width + id]))
        const name = `the array from row ${first} on`
        const matrix = await aboutAsync(path, () =>
          isWhole
            ? npyToMatrix({ shape: [count, width], data }, name)
            : selectedColumns(data, count, width, features, name),
        )
        yield { matrix, ids }
      }
    },
    close: () => input.close(),
  }
}

/** @throws InputError if it has one axis, and it was not said which of two that is */
function withTwoAxes(stored: StoredRows, path: string, { vector }: Reading): StoredRows {
  if (stored.axes > 1) return stored
  if (vector !== undefined) return vector === 'row' ? stored.asRow() : stored
  throw oneAxis(path, stored.rows)
}

/** What is said of a list of numbers without rows. */
export function oneAxis(path: string, length: number): InputError {
  return new InputError(
    `${path} has one axis, of ${length} numbers: --vector row takes it as one row, --vector column as a number a row`,
  )
}

/** The features of an array, before they are made numbers of: what is left out may be of any size. */
function selectedColumns(
  data: TypedArray,
  rows: number,
  width: number,
  features: readonly number[],
  name: string,
): Matrix {
  const selected = data.slice(0, rows * features.length)
  for (let i = 0, at = 0; i < rows; i++) for (const column of features) selected[at++] = data[i * width + column]
  return npyToMatrix({ shape: [rows, features.length], data: selected }, name)
}

/** Writes a .npy file; how many rows it has may turn out at its end where the sink can go back. */
export async function npyWriter(sink: Sink, { path, rows, cols, precision }: Writing): Promise<RowWriter> {
  const dtype = precision === 'f32' ? 'f4' : 'f8'
  if (rows === undefined && sink.patch === undefined) {
    throw new InputError(
      `${path}: a .npy file begins with how many rows it has, which only the end of the input tells: write .csv, or to a file`,
    )
  }
  let seen = 0
  await sink.write(npyHeaderBytes(dtype, [rows ?? 0, cols]))
  return {
    async add({ rows: more, data }) {
      seen += more
      await sink.write(littleEndian(data, precision))
    },
    end: async () => {
      if (rows === undefined) await sink.patch?.(npyHeaderBytes(dtype, [seen, cols]), 0)
    },
  }
}

/** Numbers as bytes. */
export function littleEndian(data: MatrixData, precision: Writing['precision']): Uint8Array {
  const isAsWanted = isFloat32(data) === (precision === 'f32')
  const typed = isAsWanted ? data : precision === 'f32' ? new Float32Array(data) : new Float64Array(data)
  const bytes = new Uint8Array(typed.byteLength)
  writeElements(typed, precision, bytes)
  return bytes
}
