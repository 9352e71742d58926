import { batchType, Column, columnFromArray, field, fixedSizeList, float32, float64, tableFromColumns, tableToIPC, utf8, type Batch, type DataType, type Table } from '@uwdata/flechette' // prettier-ignore
import { byteReader } from '../../io/streams/byte-reader.js'
import type { MatrixData } from '../../matrix.js'
import { FILE_MAGIC, FILE_START, readHead } from './arrow-messages.js'
import { FlatTable } from './flatbuffer.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'

/** The name of the column of vectors, unless another is given. */
const VECTORS = 'embedding'
/** Files of these names are read wherever one likes; anything else, a pipe first of all, is a stream. */
const FILE_NAMES = /\.(arrow|feather|ipc)(\.gz)?$/i
const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)
const LENGTH_BYTES = 4
const BLOCK_BYTES = 24

/**
 * Writes Arrow's IPC format, as a file or as a stream by the name of the output: a column of ids, where there are any, and one of lists of a fixed size.
 * Rows that come together are a record batch.
 */
export async function arrowWriter(sink: Sink, { path, cols, precision, id, member }: Writing): Promise<RowWriter> {
  const type = fixedSizeList(field('item', precision === 'f32' ? float32() : float64()), cols)
  const tableOf = (rows: number, data: MatrixData, ids: readonly string[]): Table => {
    const vectors: [string, Column<unknown>] = [member ?? VECTORS, vectorColumn(type, rows, data)]
    return tableFromColumns(id === undefined ? [vectors] : [[id, idColumn(ids)], vectors])
  }
  const { signal } = new AbortController()
  const isFile = FILE_NAMES.test(path)
  const blocks: { at: number; metadataBytes: number; bodyBytes: number }[] = []
  let position = 0
  const write = async (bytes: Uint8Array): Promise<void> => {
    await sink.write(bytes)
    position += bytes.length
  }
  const schemaEnd = async (stream: Uint8Array) => (await readHead(byteReader(stream), 0, signal))?.end ?? 0
  const none = tableToIPC(tableOf(0, new Float64Array(0), []), { format: 'stream' }) as Uint8Array
  if (isFile) await write(new Uint8Array(Buffer.from(FILE_MAGIC.padEnd(FILE_START, '\0'), 'latin1')))
  await write(none.subarray(0, await schemaEnd(none)))
  return {
    async add({ rows, data }, ids = []) {
      const stream = tableToIPC(tableOf(rows, data, ids), { format: 'stream' }) as Uint8Array
      const start = await schemaEnd(stream)
      const head = await readHead(byteReader(stream), start, signal)
      if (head === undefined) return
      blocks.push({ at: position, metadataBytes: head.bodyStart - start, bodyBytes: head.bodyBytes })
      await write(stream.subarray(start, head.end))
    },
    async end() {
      await write(END_OF_STREAM)
      if (isFile) await write(footerOf(tableOf(0, new Float64Array(0), []), blocks))
    },
  }
}

function idColumn(ids: readonly string[]): Column<string> {
  if (ids.length > 0) return columnFromArray<string>([...ids], utf8())
  const type = utf8()
  const offsets = new Int32Array(1)
  const [validity, values] = [new Uint8Array(0), new Uint8Array(0)]
  return new Column([new (batchType(type) as BatchClass<string>)({ length: 0, nullCount: 0, type, validity, offsets, values })], type) // prettier-ignore
}

function vectorColumn(type: DataType, rows: number, data: MatrixData): Column<unknown> {
  const [element] = (type as DataType & { children: { type: DataType }[] }).children
  const isSingle = (element.type as DataType & { precision: number }).precision === 1
  const values = isSingle ? Float32Array.from(data) : Float64Array.from(data)
  const none = { nullCount: 0, validity: new Uint8Array(0) }
  const numbers = new (batchType(element.type) as BatchClass)({ ...none, type: element.type, length: data.length, values }) // prettier-ignore
  return new Column([new (batchType(type) as BatchClass)({ ...none, type, length: rows, children: [numbers] })], type)
}

type BatchClass<T = unknown> = new (options: object) => Batch<T>

/** The footer of a file of such a table: that of as many empty batches, with the places of those that were written. */
function footerOf(
  empty: Table,
  blocks: readonly { readonly at: number; readonly metadataBytes: number; readonly bodyBytes: number }[],
): Uint8Array {
  const columns = empty.schema.fields.map(({ name, type }, j): [string, Column<unknown>] => {
    const [batch] = empty.getChildAt(j).data
    return [
      name,
      new Column(
        blocks.map(() => batch),
        type,
      ),
    ]
  })
  const file = tableToIPC(tableFromColumns(columns), { format: 'file' }) as Uint8Array
  const tail = LENGTH_BYTES + FILE_MAGIC.length
  const view = new DataView(file.buffer, file.byteOffset)
  const start = file.length - tail - view.getInt32(file.length - tail, true)
  const footer = new DataView(file.buffer, file.byteOffset + start, file.length - start)
  const { start: first } = new FlatTable(footer, 0).vector(3, BLOCK_BYTES)
  for (const [i, { at, metadataBytes, bodyBytes }] of blocks.entries()) {
    footer.setBigInt64(first + BLOCK_BYTES * i, BigInt(at), true)
    footer.setInt32(first + BLOCK_BYTES * i + 8, metadataBytes, true)
    footer.setBigInt64(first + BLOCK_BYTES * i + 16, BigInt(bodyBytes), true)
  }
  return file.subarray(start)
}
