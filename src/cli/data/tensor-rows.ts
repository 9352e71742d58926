import { byteReader } from '../../io/streams/byte-reader.js'
import { IDS_KEY, safetensorsHeader, tensorRows } from '../../io/streams/open-safetensors.js'
import type { Reading } from './reading.js'
import { aboutAsync, InputError } from '../errors.js'
import type { Input } from './input.js'
import { littleEndian, storedRows } from './npy.js'
import type { RowChunk, RowStream } from './row-stream.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'

/** The name of a tensor that is written, unless another is given. */
const TENSOR = 'embeddings'

/** A tensor of a safetensors file; ids are those of its metadata. @throws InputError if there is none of that name, or the file is broken */
export async function openTensor(input: Input, reading: Reading): Promise<RowStream> {
  const { path, member } = input
  const stored = await aboutAsync(path, async () => {
    const reader = byteReader(input.file)
    return tensorRows(reader, await safetensorsHeader(reader, reading.signal), member)
  })
  if (reading.id !== IDS_KEY || stored.ids === undefined) return storedRows(stored, input, reading)
  const rows = storedRows(stored, input, { ...reading, id: undefined })
  return withIds(rows, stored.ids)
}

/** Rows with ids that stand elsewhere. */
export function withIds(rows: RowStream, ids: readonly string[]): RowStream {
  return {
    ...rows,
    async *chunks(span): AsyncGenerator<RowChunk> {
      let { from } = span
      for await (const chunk of rows.chunks(span)) {
        yield { ...chunk, ids: ids.slice(from, (from += chunk.matrix.rows)) }
      }
    },
  }
}

/** Writes a safetensors file of one tensor. Its header has the ids, and so comes last where there are any: the rows wait in memory for it. */
export function tensorWriter(
  sink: Sink,
  { path, rows, cols, precision, id, member = TENSOR }: Writing,
): Promise<RowWriter> {
  const size = precision === 'f32' ? 4 : 8
  const header = (count: number, ids: readonly string[] | undefined): Uint8Array => {
    const tensor = { dtype: precision === 'f32' ? 'F32' : 'F64', shape: [count, cols], data_offsets: [0, count * cols * size] } // prettier-ignore
    const json = JSON.stringify({ ...(ids && { __metadata__: { [IDS_KEY]: JSON.stringify(ids) } }), [member]: tensor })
    const text = new TextEncoder().encode(json)
    const bytes = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true)
    bytes.set(text, 8)
    return bytes
  }
  if (id === undefined && rows === undefined) {
    throw new InputError(
      `${path}: a safetensors file begins with how many rows it has, which only the end of the input tells: write .npy or .csv`,
    )
  }
  const waiting: Uint8Array[] = []
  const ids: string[] = []
  let isBegun = false
  let count = 0
  return Promise.resolve({
    async add({ rows: more, data }, own) {
      count += more
      if (id !== undefined) {
        waiting.push(littleEndian(data, precision))
        for (const one of own ?? []) ids.push(one)
        return
      }
      if (!isBegun) await sink.write(header(rows ?? 0, undefined))
      isBegun = true
      await sink.write(littleEndian(data, precision))
    },
    async end() {
      if (!isBegun) await sink.write(header(count, id === undefined ? undefined : ids))
      for (const bytes of waiting) await sink.write(bytes)
    },
  })
}
