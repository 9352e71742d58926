import type { Ledger, VectorTarget } from '../../migration/stores/vector-store.js'
import { InputError } from '../errors.js'
import { entryOf } from './ledger-file.js'
import {
  findSqliteTable,
  isBareName,
  keyValue,
  sqlNames,
  type SqliteDatabase,
  type SqliteTable,
} from './sqlite-catalog.js'
import { sqliteVectors } from './sqlite-vectors.js'
import { quoted, type StoreUrl } from './address.js'

/** A place for new vectors, and the statements that make, fill and remove it. */
interface Destination {
  readonly name: string
  readonly column: string
  /** The table that it is in, if it is there. */
  readonly find: () => SqliteTable | undefined
  readonly create: string
  /** In this order, for every row; each takes the id and the vector, by ?1 and ?2. */
  readonly write: readonly string[]
  readonly drop: string
  readonly clear: string
}

/** @throws InputError if the address names no place, or one that cannot hold the vectors */
export function sqliteTarget(
  database: SqliteDatabase,
  url: StoreUrl,
  table: SqliteTable,
  source: string,
  asked: number | undefined,
): VectorTarget {
  const { to, into } = url
  if (into === undefined && to === undefined) {
    throw new InputError('the address of the store names no place for the new vectors: add &to=COLUMN, or &into=TABLE')
  }
  const place =
    into === undefined
      ? newColumn(database, table, source, to ?? '')
      : newTable(database, url, table, into, to ?? source, source, asked)
  const reader = () => {
    const found = place.find()
    return found && sqliteVectors(database, found, place.column, width)
  }
  const declared = place.find()?.vectors.get(place.column)?.dimensions
  const width = declared ?? asked ?? 0
  const run = (sql: string) => Promise.resolve(void database.exec(sql))
  return {
    name: `${place.name}.${place.column}`,
    dimensions: width,
    precision: 'f32',
    count: () => reader()?.count() ?? Promise.resolve(0),
    fetch: (ids) => reader()?.fetch(ids) ?? Promise.resolve({ ids: [], vectors: new Float32Array(0) }),
    async state() {
      const found = reader()
      if (found === undefined) return 'missing'
      return (await found.count()) === 0 ? 'empty' : 'filled'
    },
    create: () => run(place.create),
    upsert({ ids, vectors }) {
      const statements = place.write.map((sql) => database.prepare(sql))
      ids.forEach((id, i) => {
        const vector = Buffer.from(vectors.buffer, vectors.byteOffset + 4 * width * i, 4 * width)
        const key = keyValue(table.key, id)
        for (const statement of statements) statement.run({ id: key, vector })
      })
      return Promise.resolve()
    },
    drop: (created) => run(created ? place.drop : place.clear),
    transaction: (work) => transaction(database, work),
    ledger: sqliteLedger(database, `${place.name}.${place.column}`),
  }
}

function newColumn(database: SqliteDatabase, table: SqliteTable, source: string, to: string): Destination {
  if (to === source) throw new InputError(`to=${to} is the column of the old vectors, which stay as they are: name another`) // prettier-ignore
  if (table.kind === 'vec0') throw new InputError(`${table.name} is a table of sqlite-vec, which takes no new column: name a new table, &into=TABLE`) // prettier-ignore
  const { table: sql, key } = sqlNames(table)
  const column = quoted(to)
  return {
    name: table.name,
    column: to,
    find() {
      const now = findSqliteTable(database, table.name, table.key.name)
      return now?.columns.includes(to) ? now : undefined
    },
    create: `ALTER TABLE ${sql} ADD COLUMN ${column} BLOB`,
    write: [`UPDATE ${sql} SET ${column} = @vector WHERE ${key} = @id`],
    drop: `ALTER TABLE ${sql} DROP COLUMN ${column}`,
    clear: `UPDATE ${sql} SET ${column} = NULL WHERE ${column} IS NOT NULL`,
  }
}

function newTable(
  database: SqliteDatabase,
  { type }: StoreUrl,
  table: SqliteTable,
  into: string,
  to: string,
  source: string,
  asked = 0,
): Destination {
  if (into.toLowerCase() === table.name.toLowerCase()) throw new InputError(`into=${into} is the table of the old vectors, which stay as they are: name another`) // prettier-ignore
  const kind = type ?? (table.kind === 'vec0' ? 'vec0' : 'blob')
  if (kind !== 'vec0' && kind !== 'blob') throw new InputError(`type=${kind}: expected vec0 or blob`)
  const { name, isInteger } = table.key
  const [sql, column] = [quoted(into), quoted(to)]
  const common = { name: into, column: to, drop: `DROP TABLE ${sql}`, clear: `DELETE FROM ${sql}` }
  const keyType = isInteger ? 'INTEGER' : 'TEXT'
  if (kind === 'blob') {
    const key = quoted(name)
    return {
      ...common,
      find: () => findSqliteTable(database, into, name),
      create: `CREATE TABLE ${sql} (${key} ${keyType} PRIMARY KEY NOT NULL, ${column} BLOB NOT NULL)`,
      write: [
        `INSERT INTO ${sql} (${key}, ${column}) VALUES (@id, @vector) ON CONFLICT (${key}) DO UPDATE SET ${column} = excluded.${column}`,
      ],
    }
  }
  if (!isBareName(to)) throw new InputError(`sqlite-vec has no column by the name ${to}: to=NAME names one of letters, digits and _`) // prettier-ignore
  // The distance that the old table was searched by.
  const rest = table.vectors.get(source)?.rest ?? ''
  const isNumbered = name === 'rowid' || (isInteger && !isBareName(name))
  const key = isNumbered ? 'rowid' : isBareName(name) ? name : 'id'
  return {
    ...common,
    find: () => findSqliteTable(database, into),
    create: `CREATE VIRTUAL TABLE ${sql} USING vec0(${isNumbered ? '' : `${key} ${keyType} PRIMARY KEY, `}${to} float[${asked}] ${rest})`,
    // Such a table knows no ON CONFLICT.
    write: [`DELETE FROM ${sql} WHERE ${key} = @id`, `INSERT INTO ${sql} (${key}, ${to}) VALUES (@id, @vector)`],
  }
}

async function transaction(database: SqliteDatabase, work: () => Promise<void>): Promise<void> {
  database.exec('BEGIN IMMEDIATE')
  try {
    await work()
    database.exec('COMMIT')
  } catch (error) {
    // Some errors have taken it back already.
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** A table of the database: a row for each place that is migrated to. */
function sqliteLedger(database: SqliteDatabase, name: string): Ledger {
  const exists = () => database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'collimate_migrations'").raw(true).get() !== undefined // prettier-ignore
  const changes = (sql: string, values: object) => Number(database.prepare(sql).run(values).changes)
  return {
    read() {
      if (!exists()) return Promise.resolve(undefined)
      const row = database.prepare('SELECT entry FROM collimate_migrations WHERE target = ?').raw(true).get(name)
      return Promise.resolve(row && entryOf(String(row[0]), `the row of ${name} in collimate_migrations`))
    },
    write(entry) {
      const values = { name, text: JSON.stringify(entry), revision: entry.revision }
      if (entry.revision === 1) {
        database.exec('CREATE TABLE IF NOT EXISTS collimate_migrations (target TEXT PRIMARY KEY, entry TEXT NOT NULL, revision INTEGER NOT NULL)') // prettier-ignore
      }
      const sql =
        entry.revision === 1
          ? 'INSERT OR IGNORE INTO collimate_migrations (target, entry, revision) VALUES (@name, @text, @revision)'
          : 'UPDATE collimate_migrations SET entry = @text, revision = @revision WHERE target = @name AND revision = @revision - 1'
      return Promise.resolve(changes(sql, values) === 1)
    },
    remove() {
      changes('DELETE FROM collimate_migrations WHERE target = @name', { name })
      const left = database.prepare('SELECT 1 FROM collimate_migrations LIMIT 1').raw(true).get()
      if (left === undefined) database.exec('DROP TABLE collimate_migrations')
      return Promise.resolve()
    },
  }
}
