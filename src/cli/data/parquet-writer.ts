import type { ColumnChunk, SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { writePageHeader } from 'hyparquet-writer/src/datapage.js'
import { littleEndian } from './npy.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'

/** The name of the column of vectors, unless another is given. */
const VECTORS = 'embedding'
// A row group is a page of 8 MiB: what who reads it holds.
const GROUP_BYTES = 2 ** 23
const GROUP_ROWS = 2 ** 17
const ONE_PAGE = 2 ** 30

/**
 * Writes a Parquet file: a column of ids, where there are any, and one of lists of floating-point numbers. Memory is that of a row group.
 *
 * @param groupBytes - of numbers in a row group
 */
export function parquetWriter(
  sink: Sink,
  { cols, precision, id, member }: Writing,
  groupBytes = GROUP_BYTES,
): Promise<RowWriter> {
  const vectors = member ?? VECTORS
  const bytes = new ByteWriter()
  const file = new ParquetWriter({ writer: bytes, schema: schemaOf(vectors, id, precision), statistics: false })
  const rowBytes = Math.max(1, cols) * (precision === 'f32' ? 4 : 8)
  const groupRows = Math.max(1, Math.min(GROUP_ROWS, Math.floor(groupBytes / rowBytes)))
  let numbers: Uint8Array[] = []
  let names: string[] = []
  let rows = 0
  const passOn = async (): Promise<void> => {
    await sink.write(bytes.getBytes().slice())
    bytes.index = 0
  }
  const writeGroup = async (): Promise<void> => {
    const start = bytes.offset
    if (id !== undefined) {
      await file.write({ columnData: [{ name: id, data: names }], rowGroupSize: rows, pageSize: ONE_PAGE })
    } else {
      file.row_groups.push({ columns: [], total_byte_size: 0n, num_rows: BigInt(rows) })
      file.num_rows += BigInt(rows)
    }
    const group = file.row_groups[file.row_groups.length - 1]
    group.columns.push(await writeVectors())
    group.total_byte_size = BigInt(bytes.offset - start)
    numbers = []
    names = []
    rows = 0
  }
  // The library makes objects of each number: as they are stored they are written as they are.
  const writeVectors = async (): Promise<ColumnChunk> => {
    const start = bytes.offset
    const [repetition, definition] = levelsOf(rows, cols)
    const size = repetition.length + definition.length + rows * rowBytes
    writePageHeader(bytes, {
      type: 'DATA_PAGE_V2',
      uncompressed_page_size: size,
      compressed_page_size: size,
      data_page_header_v2: {
        num_values: rows * cols,
        num_nulls: 0,
        num_rows: rows,
        encoding: 'PLAIN',
        definition_levels_byte_length: definition.length,
        repetition_levels_byte_length: repetition.length,
        is_compressed: false,
      },
    })
    for (const levels of [repetition, definition]) bytes.appendBytes(levels)
    await passOn()
    for (const piece of numbers) {
      await sink.write(piece)
      bytes.offset += piece.length
    }
    const total = BigInt(bytes.offset - start)
    return {
      file_offset: BigInt(start),
      meta_data: {
        type: precision === 'f32' ? 'FLOAT' : 'DOUBLE',
        encodings: ['PLAIN', 'RLE'],
        path_in_schema: [vectors, 'list', 'element'],
        codec: 'UNCOMPRESSED',
        num_values: BigInt(rows * cols),
        total_compressed_size: total,
        total_uncompressed_size: total,
        data_page_offset: BigInt(start),
      },
    }
  }
  return Promise.resolve({
    async add({ rows: more, data }, ids) {
      for (let from = 0; from < more;) {
        const to = Math.min(more, from + groupRows - rows)
        numbers.push(littleEndian(data.subarray(from * cols, to * cols), precision))
        for (let i = from; i < to && ids !== undefined; i++) names.push(ids[i])
        rows += to - from
        from = to
        if (rows === groupRows) await writeGroup()
      }
    },
    async end() {
      if (rows > 0) await writeGroup()
      await file.finish()
      await passOn()
    },
  })
}

/** The levels of lists of `cols` numbers each, none of which is missing: a list begins where its number repeats nothing. */
function levelsOf(rows: number, cols: number): [repetition: Uint8Array, definition: Uint8Array] {
  const row = new ByteWriter()
  for (const [count, level] of cols > 1 ? [[1, 0], [cols - 1, 1]] : [[1, 0]]) appendRun(row, count, level) // prettier-ignore
  const repetition = new Uint8Array(rows * row.index)
  for (let i = 0; i < rows; i++) repetition.set(row.getBytes(), i * row.index)
  const definition = new ByteWriter()
  appendRun(definition, rows * cols, 1)
  return [repetition, definition.getBytes()]
}

function appendRun(bytes: ByteWriter, count: number, level: number): void {
  bytes.appendVarInt(2 * count)
  bytes.appendUint8(level)
}

function schemaOf(vectors: string, id: string | undefined, precision: Writing['precision']): SchemaElement[] {
  const ids: SchemaElement[] = id === undefined ? [] : [{ name: id, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' }] // prettier-ignore
  return [
    { name: 'schema', num_children: ids.length + 1 },
    ...ids,
    { name: vectors, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: precision === 'f32' ? 'FLOAT' : 'DOUBLE', repetition_type: 'REQUIRED' },
  ]
}
