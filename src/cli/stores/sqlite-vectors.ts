import type { VectorRows, VectorSource } from '../../migration/stores/vector-store.js'
import { InputError } from '../errors.js'
import { keyText, keyValue, sqlNames, type SqliteDatabase, type SqliteTable } from './sqlite-catalog.js'
import { quoted } from './address.js'

/** A row of a table: its place in the order of pages, its key, and its vector if that comes with it. */
type Row = readonly [cursor: unknown, id: unknown, vector?: unknown]

/** Reads vectors in the order of the key. @param dimensions - default: as declared, or of any row */
export function sqliteVectors(
  database: SqliteDatabase,
  table: SqliteTable,
  column: string,
  dimensions?: number,
): VectorSource {
  if (!table.columns.includes(column)) {
    throw new InputError(
      `the table ${table.name} has no column ${column} of vectors; it has ${table.columns.join(', ')}`,
    )
  }
  const declared = table.vectors.get(column)
  if (declared !== undefined && !/^f/.test(declared.type)) {
    throw new InputError(`${table.name}.${column} is of type ${declared.type}: only vectors of float32 are read`)
  }
  const reader = table.kind === 'vec0' ? virtualReader(database, table, column) : plainReader(database, table, column)
  const width = dimensions ?? declared?.dimensions ?? firstDimensions(reader, table, column)
  const rowsOf = (rows: readonly Row[]): VectorRows => vectorsOf(table, rows, width, (row) => reader.vector(row))
  return {
    name: `${table.name}.${column}`,
    dimensions: width,
    count: () => Promise.resolve(reader.count()),
    fetch: (ids) => Promise.resolve(rowsOf(ids.flatMap((id) => reader.row(keyValue(table.key, id)) ?? []))),
    async *pages({ after, limit }) {
      for (let cursor = after; ;) {
        const rows = reader.rows(cursor, limit)
        if (rows.length === 0) return
        cursor = String(rows[rows.length - 1][0])
        yield await Promise.resolve({ ...rowsOf(rows), cursor })
        if (rows.length < limit) return
      }
    },
    sample: (count) => Promise.resolve(rowsOf(reader.sample(count))),
  }
}

interface Reader {
  count(): number
  rows(after: string | undefined, limit: number): readonly Row[]
  row(key: string | bigint): [Row] | undefined
  sample(count: number): readonly Row[]
  /** The vector of a row that has none with it. */
  vector(row: Row): unknown
}

function plainReader(database: SqliteDatabase, table: SqliteTable, column: string): Reader {
  const { table: from, key } = sqlNames(table)
  const vector = quoted(column)
  const select = (rest: string) => database.prepare(`SELECT ${key}, ${key}, vec_f32(${vector}) FROM ${from} WHERE ${vector} IS NOT NULL ${rest}`).raw(true) // prettier-ignore
  const first = select(`ORDER BY ${key} LIMIT ?`)
  const next = select(`AND ${key} > ? ORDER BY ${key} LIMIT ?`)
  const one = select(`AND ${key} = ?`)
  const some = select(`AND ${key} IN (SELECT ${key} FROM ${from} WHERE ${vector} IS NOT NULL ORDER BY random() LIMIT ?)`) // prettier-ignore
  const counted = database.prepare(`SELECT count(${vector}) FROM ${from}`).raw(true)
  return {
    count: () => Number(counted.get()?.[0]),
    rows: (after, limit) => (after === undefined ? first.all(limit) : next.all(keyValue(table.key, after), limit)) as unknown as Row[], // prettier-ignore
    row: (id) => one.all(id) as unknown as [Row],
    sample: (count) => some.all(count) as unknown as Row[],
    vector: (row) => row[2],
  }
}

/**
 * A table of sqlite-vec finds a row by its key or goes through all of them, from the first on. Which rows there are is in a table of SQLite's beside
 * it, in the order of their numbers.
 */
function virtualReader(database: SqliteDatabase, table: SqliteTable, column: string): Reader {
  const { table: from, key } = sqlNames(table)
  const rowids = quoted(`${table.name}_rowids`)
  const id = table.key.isInteger ? 'rowid' : 'id'
  const select = (rest: string) => database.prepare(`SELECT rowid, ${id} FROM ${rowids} ${rest}`).raw(true)
  const first = select('ORDER BY rowid LIMIT ?')
  const next = select('WHERE rowid > ? ORDER BY rowid LIMIT ?')
  const one = select(`WHERE ${id} = ?`)
  const some = select(`WHERE rowid IN (SELECT rowid FROM ${rowids} ORDER BY random() LIMIT ?)`)
  const vector = database.prepare(`SELECT ${quoted(column)} FROM ${from} WHERE ${key} = ?`).raw(true)
  const counted = database.prepare(`SELECT count(*) FROM ${rowids}`).raw(true)
  return {
    count: () => Number(counted.get()?.[0]),
    rows: (after, limit) =>
      (after === undefined ? first.all(limit) : next.all(BigInt(after), limit)) as unknown as Row[],
    row: (value) => one.all(value) as unknown as [Row],
    sample: (count) => some.all(count) as unknown as Row[],
    vector: (row) => vector.get(row[1])?.[0],
  }
}

/** @throws RangeError if a vector has not so many numbers, InputError if it is none */
function vectorsOf(
  { key, name }: SqliteTable,
  rows: readonly Row[],
  width: number,
  vector: Reader['vector'],
): VectorRows {
  const vectors = new Float32Array(rows.length * width)
  const bytes = new Uint8Array(vectors.buffer)
  const ids = rows.map((row, i) => {
    const id = keyText(key, row[1])
    const blob = vector(row)
    if (!Buffer.isBuffer(blob)) throw new InputError(`${name}: the row with id ${id} has no vector of float32`)
    if (blob.length !== 4 * width) throw new RangeError(`${name}: the vector of the row with id ${id} has ${blob.length / 4} numbers, expected ${width}`) // prettier-ignore
    bytes.set(blob, 4 * width * i)
    return id
  })
  return { ids, vectors }
}

function firstDimensions(reader: Reader, { name }: SqliteTable, column: string): number {
  const row = reader.rows(undefined, 1).at(0)
  const blob = row && reader.vector(row)
  if (Buffer.isBuffer(blob)) return blob.length / 4
  throw new InputError(`${name}.${column} holds no vectors`)
}
