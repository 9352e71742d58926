import { InputError } from '../errors.js'
import { quoted } from './address.js'

/** What is used of a database of the package better-sqlite3. Integers come as bigint. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  loadExtension(path: string): unknown
  defaultSafeIntegers(on: boolean): unknown
  close(): unknown
  readonly inTransaction: boolean
}

/** A statement; its rows are lists of values after `raw`. */
export interface SqliteStatement {
  run(...values: unknown[]): { readonly changes: number | bigint }
  all(...values: unknown[]): unknown[][]
  get(...values: unknown[]): unknown[] | undefined
  raw(on: boolean): SqliteStatement
}

/** A table with vectors: one of SQLite's own with blobs, or a virtual one of sqlite-vec. */
export interface SqliteTable {
  readonly name: string
  readonly kind: 'plain' | 'vec0'
  readonly columns: readonly string[]
  readonly key: SqliteKey
  /** How a column of vectors was declared in a table of sqlite-vec: its type, its length, and the rest, such as its distance. */
  readonly vectors: ReadonlyMap<string, { readonly type: string; readonly dimensions: number; readonly rest: string }>
}

/** What rows are known by. */
export interface SqliteKey {
  readonly name: string
  readonly isInteger: boolean
}

// As sqlite-vec reads declarations: bare names only, a type with a length, and options such as distance_metric=cosine.
const VECTOR = /^\s*(\w+)\s+(\w+)\s*\[\s*(\d+)\s*\]\s*([^]*)$/
const PRIMARY_KEY = /^\s*(\w+)\s+(\w+)\s+primary\s+key\s*$/i
const VEC0 = /^\s*create\s+virtual\s+table\b[^(]*\busing\s+vec0\s*\(([^]*)\)\s*;?\s*$/i

/** The table of a name; undefined if there is none. @throws InputError if it has no key by the name `id`, or none at all */
export function findSqliteTable(database: SqliteDatabase, name: string, id?: string): SqliteTable | undefined {
  const found = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE")
    .raw(true)
    .get(name)
  if (found === undefined) return undefined
  const [called, sql] = found.map(String)
  const virtual = VEC0.exec(sql)
  return virtual === null ? plainTable(database, called, id) : virtualTable(called, virtual[1], id)
}

function virtualTable(name: string, declarations: string, id: string | undefined): SqliteTable {
  const parts = declarations.split(',')
  const matches = parts.flatMap((part) => {
    const match = VECTOR.exec(part)
    return match === null ? [] : [match.slice(1)]
  })
  const vectors = matches.map(
    ([column, type, dimensions, rest]) =>
      [column, { type: type.toLowerCase(), dimensions: Number(dimensions), rest: rest.trim() }] as const,
  )
  const declared = parts.map((part) => PRIMARY_KEY.exec(part)).find((match) => match !== null)
  const key = declared
    ? { name: declared[1], isInteger: /^int/i.test(declared[2]) }
    : { name: 'rowid', isInteger: true }
  if (id !== undefined && id !== key.name) throw new InputError(`the key of ${name} is ${key.name}, not ${id}`)
  return { name, kind: 'vec0', columns: matches.map(([column]) => column), key, vectors: new Map(vectors) }
}

/** What a column of sqlite-vec may be called. */
export const isBareName = (name: string): boolean => /^\w+$/.test(name)

function plainTable(database: SqliteDatabase, name: string, id: string | undefined): SqliteTable {
  const rows = database.prepare('SELECT name, type, "notnull", pk FROM pragma_table_info(?)').raw(true).all(name)
  const columns = rows.map(([column]) => String(column))
  const primary = rows.filter(([, , , pk]) => Number(pk) > 0)
  const wanted = id ?? (primary.length === 1 ? String(primary[0][0]) : undefined)
  if (wanted === undefined) throw new InputError(`${name} has no primary key of one column: id=COLUMN names one that is unique`) // prettier-ignore
  const row = rows.find(([column]) => column === wanted)
  if (row === undefined) throw new InputError(`the table ${name} has no column ${wanted}; it has ${columns.join(', ')}`)
  const isUnique = (primary.length === 1 && primary[0][0] === wanted) || hasUniqueIndex(database, name, wanted)
  if (!isUnique) throw new InputError(`${name}.${wanted} is no key: rows are read in its order, so it has to be unique; id=COLUMN names another`) // prettier-ignore
  const isInteger = /int/i.test(String(row[1]))
  return { name, kind: 'plain', columns, key: { name: wanted, isInteger }, vectors: new Map() }
}

function hasUniqueIndex(database: SqliteDatabase, table: string, column: string): boolean {
  const indexes = database.prepare('SELECT name FROM pragma_index_list(?) WHERE "unique" = 1 AND partial = 0').raw(true)
  const columns = database.prepare('SELECT name FROM pragma_index_info(?)').raw(true)
  return indexes.all(table).some(([index]) => {
    const names = columns.all(index)
    return names.length === 1 && names[0][0] === column
  })
}

/** The key of a row as SQLite has it. */
export const keyValue = ({ isInteger }: SqliteKey, id: string): string | bigint => (isInteger ? BigInt(id) : id)

/** The key of a row as text. @throws InputError if it is of another type than its column: such keys could not be told apart */
export function keyText({ name, isInteger }: SqliteKey, value: unknown): string {
  if (typeof value === (isInteger ? 'bigint' : 'string')) return String(value)
  throw new InputError(`a row has ${value === null ? 'no value' : `a value of type ${typeof value}`} in ${name}: expected ${isInteger ? 'integers' : 'texts'} only`) // prettier-ignore
}

/** Names for SQL. */
export const sqlNames = ({ name, key }: SqliteTable) => ({ table: quoted(name), key: quoted(key.name) })
