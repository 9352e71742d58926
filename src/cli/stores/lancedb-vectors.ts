import type { VectorRows, VectorSource } from '../../migration/stores/vector-store.js'
import { InputError } from '../errors.js'
import { fieldNamed, idsFilter, isTextual, lanceName, widthOf, type ArrowTable, type ArrowVector, type LanceConnection, type LanceTable } from './lancedb-api.js' // prettier-ignore

// Beyond what a table has, so that all of it is looked at.
const DRAWS = 1.2

/** Reads vectors of one version of a table in the order of its rows. A cursor is the version and the number of the next row. */
export async function lanceVectors(
  connection: LanceConnection,
  name: string,
  id: string,
  column: string,
): Promise<VectorSource> {
  const table = await connection.openTable(name)
  const schema = await table.schema()
  const key = fieldNamed(schema, name, id)
  isTextual(key)
  const width = widthOf(fieldNamed(schema, name, column), name)
  const rowsOf = (found: ArrowTable) => vectorsOf(found, id, column, width)
  const present = `${lanceName(column)} IS NOT NULL`
  return {
    name: `${name}.${column}`,
    dimensions: width,
    count: () => table.countRows(present),
    fetch: async (ids) => rowsOf(await table.query().where(`${present} AND ${idsFilter(key, ids)}`).select([id, column]).limit(ids.length).toArrow()), // prettier-ignore
    async *pages({ after, limit }) {
      const { pinned, version, from } = await pinnedTable(connection, name, after)
      const rows = await pinned.countRows()
      try {
        for (let row = from; row < rows; row += limit) {
          const found = await pinned.query().select([id, column]).offset(row).limit(limit).toArrow()
          const cursor = `${version}:${Math.min(rows, row + limit)}`
          yield { ...rowsOf(found), cursor }
        }
      } finally {
        pinned.close()
      }
    },
    async sample(count) {
      const rows = await table.countRows()
      if (rows <= count * DRAWS)
        return firstRows(rowsOf(await table.query().select([id, column]).toArrow()), count, width)
      const offsets = new Set<number>()
      while (offsets.size < count) offsets.add(Math.floor(Math.random() * rows))
      return rowsOf(
        await table
          .takeOffsets([...offsets])
          .select([id, column])
          .toArrow(),
      )
    },
  }
}

async function pinnedTable(
  connection: LanceConnection,
  name: string,
  after: string | undefined,
): Promise<{ pinned: LanceTable; version: number; from: number }> {
  const pinned = await connection.openTable(name)
  const [version, from] = after === undefined ? [await pinned.version(), 0] : after.split(':').map(Number)
  try {
    await pinned.checkout(version)
  } catch (error) {
    throw new InputError(`version ${version} of the table ${name}, which the migration reads, is gone: roll back and begin again`, { cause: error }) // prettier-ignore
  }
  return { pinned, version, from }
}

const firstRows = ({ ids, vectors }: VectorRows, count: number, width: number): VectorRows => ({
  ids: ids.slice(0, count),
  vectors: vectors.slice(0, count * width),
})

/** Of the rows that have a vector. */
function vectorsOf(table: ArrowTable, id: string, column: string, width: number): VectorRows {
  const [keys, lists] = [childOf(table, id), childOf(table, column)]
  const numbers = numbersOf(lists, width)
  const rows = Array.from({ length: lists.length }, (_, i) => i).filter(
    (i) => lists.nullCount === 0 || lists.get(i) !== null,
  )
  const ids = rows.map((i) => String(keys.get(i)))
  if (rows.length === lists.length) return { ids, vectors: numbers }
  const vectors = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    vectors.set(numbers.subarray(row * width, (row + 1) * width), i * width)
  })
  return { ids, vectors }
}

/** All numbers of a column of lists, those of nulls included. */
function numbersOf({ data, length }: ArrowVector, width: number): Float32Array {
  const out = new Float32Array(length * width)
  let at = 0
  for (const { length: rows, children } of data) {
    const values = children[0].values as Float32Array
    out.set(values.subarray(0, rows * width), at)
    at += rows * width
  }
  return out
}

export function childOf(table: ArrowTable, name: string): ArrowVector {
  const child = table.getChild(name)
  if (child === null) throw new InputError(`LanceDB gave no column ${name}`)
  return child
}
