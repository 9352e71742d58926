import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer'
import type { SchemaElement } from 'hyparquet'
import type { MatrixData } from '../../matrix.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'

/** The name of the column of vectors, unless another is given. */
const VECTORS = 'embedding'
// A row group is a page of 8 or 16 MiB: what who reads it holds.
const GROUP_NUMBERS = 2 ** 21
const GROUP_ROWS = 2 ** 17
const ONE_PAGE = 2 ** 30

/**
 * Writes a Parquet file: a column of ids, where there are any, and one of lists of floating-point numbers. Memory is that of a row group.
 *
 * @param groupNumbers - how many numbers are a row group
 */
export function parquetWriter(
  sink: Sink,
  { cols, precision, id, member }: Writing,
  groupNumbers = GROUP_NUMBERS,
): Promise<RowWriter> {
  const vectors = member ?? VECTORS
  const bytes = new ByteWriter()
  const file = new ParquetWriter({ writer: bytes, schema: schemaOf(vectors, id, precision), statistics: false })
  const groupRows = Math.max(1, Math.min(GROUP_ROWS, Math.floor(groupNumbers / Math.max(1, cols))))
  let rows: number[][] = []
  let names: string[] = []
  const passOn = async (): Promise<void> => {
    await sink.write(bytes.getBytes().slice())
    bytes.index = 0
  }
  const writeGroup = async (): Promise<void> => {
    // Numbers of full precision do not get smaller by what packs fast.
    const numbers: ColumnSource = { name: vectors, data: rows, encoding: 'PLAIN', codec: 'UNCOMPRESSED' }
    const columnData = id === undefined ? [numbers] : [{ name: id, data: names }, numbers]
    await file.write({ columnData, rowGroupSize: rows.length, pageSize: ONE_PAGE })
    rows = []
    names = []
    await passOn()
  }
  return Promise.resolve({
    async add({ rows: more, data }, ids) {
      for (let i = 0; i < more; i++) {
        rows.push(rowOf(data, i, cols))
        if (ids !== undefined) names.push(ids[i])
        if (rows.length === groupRows) await writeGroup()
      }
    },
    async end() {
      if (rows.length > 0) await writeGroup()
      await file.finish()
      await passOn()
    },
  })
}

const rowOf = (data: MatrixData, i: number, cols: number): number[] => Array.from(data.subarray(i * cols, (i + 1) * cols)) // prettier-ignore

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
