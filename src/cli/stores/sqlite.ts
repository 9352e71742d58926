import { existsSync } from 'node:fs'
import { InputError } from '../errors.js'
import { loadDriver } from './driver.js'
import { findSqliteTable, type SqliteDatabase } from './sqlite-catalog.js'
import { sqliteTarget } from './sqlite-target.js'
import { sqliteVectors } from './sqlite-vectors.js'
import type { Store } from './store.js'
import type { StoreUrl } from './address.js'

type Sqlite = new (path: string, options: { fileMustExist: boolean; timeout: number }) => SqliteDatabase

const BUSY_MS = 30_000

/**
 * A table of SQLite: vectors are float32 in a virtual table of sqlite-vec, or blobs of float32 in a table of its own. By better-sqlite3, since
 * node:sqlite loads no extensions on Node 20 and says of itself that it may change. Pages and the ledger, a table, are written in one transaction.
 *
 * @throws InputError if better-sqlite3 or sqlite-vec is not there, the file is no database, or the table has not what is asked for
 */
export function openSqlite(url: StoreUrl): Store {
  const path = url.location.replace(/^\/\/(?=\/)/, '')
  const Database = loadDriver('better-sqlite3', 'SQLite', ['sqlite-vec']) as Sqlite
  const vec = loadDriver('sqlite-vec', "SQLite's extension for vectors", ['better-sqlite3']) as { getLoadablePath(): string } // prettier-ignore
  if (!existsSync(path)) throw new InputError(`there is no file ${path}`)
  const database = about(path, () => new Database(path, { fileMustExist: true, timeout: BUSY_MS }))
  try {
    return about(path, () => {
      database.defaultSafeIntegers(true)
      database.loadExtension(vec.getLoadablePath())
      const table = findSqliteTable(database, url.table, url.id)
      if (table === undefined) throw new InputError(`there is no table ${url.table}`)
      const column = url.column ?? 'embedding'
      return {
        source: sqliteVectors(database, table, column),
        truth: url.truth === undefined ? undefined : sqliteVectors(database, table, url.truth),
        target: (dimensions) => Promise.resolve(sqliteTarget(database, url, table, column, dimensions)),
        close: () => Promise.resolve(void database.close()),
      }
    })
  } catch (error) {
    database.close()
    throw error
  }
}

/** @throws InputError for what SQLite says of the file */
function about<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof Error && !(error instanceof RangeError) ? new InputError(`${path}: ${error.message}`, { cause: error }) : error // prettier-ignore
  }
}
