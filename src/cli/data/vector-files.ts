import { byteReader } from '../../io/streams/byte-reader.js'
import { StoredRows } from '../../io/streams/row-source.js'
import type { Reading } from './reading.js'
import { aboutAsync, InputError } from '../errors.js'
import { vectorRows, type RowRecord } from './forward-rows.js'
import type { Input } from './input.js'
import { littleEndian, storedRows } from './npy.js'
import type { RowStream } from './row-stream.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'
import { VECTOR_NAMES } from './vector-names.js'

/** The elements of a file of a name, and how many bytes each takes. */
const ELEMENTS = {
  f: { type: 'f32', dtype: 'f4', size: 4 },
  i: { type: 'i32', dtype: 'i4', size: 4 },
  b: { type: 'u8', dtype: 'u1', size: 1 },
  u8: { type: 'u8', dtype: 'u1', size: 1 },
  i8: { type: 'i8', dtype: 'i1', size: 1 },
} as const

// A dimension that no file of vectors has; a file of another kind begins with any number.
const MAX_DIMENSION = 2 ** 20
const READ_BYTES = 2 ** 22

/**
 * Vectors as benchmarks of nearest neighbours have them: .fvecs, .ivecs and .bvecs, whose rows begin with their length; .fbin, .ibin, .u8bin and .i8bin,
 * which begin with the number of rows and of columns.
 *
 * @throws InputError if the file is none
 */
export async function openVectors(input: Input, reading: Reading): Promise<RowStream> {
  const kind = VECTOR_NAMES.exec(input.name)?.[1] ?? 'fvecs'
  const key = kind.toLowerCase().replace(/vecs|bin/, '') as keyof typeof ELEMENTS
  const { head, path } = input
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length < 8) throw new InputError(`${path} is no .${kind} file: it has ${head.length} bytes`)
  if (/vecs$/i.test(kind)) return lengthFirst(input, reading, ELEMENTS[key], view.getInt32(0, true))
  const { type, dtype } = ELEMENTS[key]
  const shape = [view.getUint32(0, true), view.getUint32(4, true)]
  const array = { shape, dtype, type, bigEndian: false, fortranOrder: false, dataStart: 8, isLast: true }
  const stored = await aboutAsync(path, () => new StoredRows(byteReader(input.file), array))
  return storedRows(stored, input, reading)
}

function lengthFirst(
  input: Input,
  reading: Reading,
  { type, size }: (typeof ELEMENTS)[keyof typeof ELEMENTS],
  dimension: number,
): Promise<RowStream> {
  const { path } = input
  if (dimension < 1 || dimension > MAX_DIMENSION) {
    throw new InputError(`${path} is no file of vectors: the first would have ${dimension} numbers`)
  }
  const rowBytes = 4 + dimension * size
  const reader = byteReader(input.file)
  const each = Math.max(1, Math.floor(READ_BYTES / rowBytes)) * rowBytes
  const read = { f32: (v: DataView, at: number) => v.getFloat32(at, true), i32: (v: DataView, at: number) => v.getInt32(at, true), u8: (v: DataView, at: number) => v.getUint8(at), i8: (v: DataView, at: number) => v.getInt8(at) }[type] // prettier-ignore
  async function* records(): AsyncGenerator<RowRecord> {
    for (let offset = 0; ; offset += each) {
      const bytes = await reader.read(offset, each, reading.signal)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let at = 0; at < bytes.length; at += rowBytes) {
        const row = (offset + at) / rowBytes
        const length = at + 4 <= bytes.length ? view.getInt32(at, true) : dimension
        if (length !== dimension) {
          throw new InputError(`${path}: vector ${row} has ${length} numbers, the first has ${dimension}`)
        }
        if (at + rowBytes > bytes.length) throw new InputError(`${path} ends within vector ${row}`)
        yield { values: Float64Array.from({ length }, (_, j) => read(view, at + 4 + j * size)) }
      }
      if (bytes.length < each) return
    }
  }
  const rows = reader.size === undefined ? undefined : Math.floor(reader.size / rowBytes)
  const precision = type === 'f32' ? 'f32' : 'f64'
  return vectorRows({ input, reading, precision, ids: undefined, rows }, records())
}

/** Writes .fvecs, or .fbin by its name. @throws InputError for other names, or if a .fbin file is to begin with how many rows will come */
export async function vectorWriter(sink: Sink, { path, name, rows, cols }: Writing): Promise<RowWriter> {
  const kind = VECTOR_NAMES.exec(name)?.[1].toLowerCase() ?? 'fvecs'
  if (kind !== 'fvecs' && kind !== 'fbin')
    throw new InputError(`cannot write ${path}: float32 is written as .fvecs or .fbin`)
  const counts = (count: number) => new Uint8Array(Uint32Array.of(count, cols).buffer)
  if (kind === 'fbin' && rows === undefined && sink.patch === undefined) {
    throw new InputError(`${path}: a .fbin file begins with how many rows it has: write .fvecs, or to a file`)
  }
  if (kind === 'fbin') await sink.write(counts(rows ?? 0))
  let seen = 0
  return {
    async add({ rows: more, data }) {
      seen += more
      if (kind === 'fbin') return sink.write(littleEndian(data, 'f32'))
      const view = new DataView(new ArrayBuffer(more * (4 + 4 * cols)))
      for (let i = 0, at = 0; i < more; i++) {
        view.setInt32(at, cols, true)
        at += 4
        for (let j = 0; j < cols; j++, at += 4) view.setFloat32(at, data[i * cols + j], true)
      }
      return sink.write(new Uint8Array(view.buffer))
    },
    end: async () => {
      if (kind === 'fbin' && rows === undefined) await sink.patch?.(counts(seen), 0)
    },
  }
}
