import { join } from 'node:path'
import { InputError } from '../errors.js'
import { loadDriver } from './driver.js'
import type { Arrow, LanceConnection, LanceDriver } from './lancedb-api.js'
import { lanceTarget } from './lancedb-target.js'
import { lanceVectors } from './lancedb-vectors.js'
import { ledgerFile } from './ledger-file.js'
import type { Store } from './store.js'
import type { StoreUrl } from './address.js'

/**
 * A table of LanceDB. New vectors go to a table of their own, together with all other columns, so that it can take the place of the old one. The old table
 * is read as it is when the migration begins: a version of it, in the order of its rows. There are no transactions across tables: the ledger is a file
 * in the folder of the database, and a page that was written and not noted is written again in its own place.
 *
 * @throws InputError if the package @lancedb/lancedb is not there, or the table has not what is asked for
 */
export async function openLanceDB(url: StoreUrl): Promise<Store> {
  const driver = loadDriver('@lancedb/lancedb', 'LanceDB', ['apache-arrow']) as LanceDriver
  const arrow = loadDriver('apache-arrow', "LanceDB's columns", ['@lancedb/lancedb']) as Arrow
  const connection = await driver.connect(url.location)
  try {
    await findTable(connection, url.table)
    const column = url.column ?? 'vector'
    const id = url.id ?? 'id'
    const read = (name: string) => lanceVectors(connection, url.table, id, name)
    return {
      source: await read(column),
      truth: url.truth === undefined ? undefined : await read(url.truth),
      target: (dimensions) => lanceTarget(connection, arrow, { ...url, id, column }, dimensions),
      ledger: ledgerFile(url.ledger ?? ledgerPath(url)),
      close() {
        connection.close()
        return Promise.resolve()
      },
    }
  } catch (error) {
    connection.close()
    throw error
  }
}

async function findTable(connection: LanceConnection, name: string): Promise<void> {
  const names = await connection.tableNames({ limit: 10_000 })
  if (names.includes(name)) return
  throw new InputError(
    `there is no table ${name}; there ${names.length === 0 ? 'is none' : `are ${names.slice(0, 20).join(', ')}`}`,
  )
}

/** Beside the tables, where they are files. @throws InputError where they are not */
function ledgerPath({ location, into }: StoreUrl): string {
  if (/^\w+:\/\//.test(location)) throw new InputError('the ledger of a LanceDB that is not in a local folder needs a place: add &ledger=FILE') // prettier-ignore
  return join(location, `collimate-${encodeURIComponent(into ?? '')}.json`)
}
