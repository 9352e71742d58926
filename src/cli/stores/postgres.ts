import { InputError } from '../errors.js'
import { loadDriver } from './driver.js'
import { findTable, keyColumn, vectorColumn, type PostgresClient, type Query } from './postgres-catalog.js'
import { postgresTarget } from './postgres-target.js'
import { postgresVectors } from './postgres-vectors.js'
import type { Store } from './store.js'
import type { StoreUrl } from './address.js'

/**
 * A table of PostgreSQL with a column of pgvector's vector or halfvec. New vectors go to another column of it (`to`) or to a table of their own
 * (`into`). Rows are read in the order of the key, a page a statement; pages and the ledger, a table beside the new vectors, are written in one
 * transaction. All on one connection.
 *
 * @throws InputError if the package pg is not there, the server cannot be reached, or the table has not what is asked for
 */
export async function openPostgres(url: StoreUrl): Promise<Store> {
  const { query, close } = await connected(url)
  try {
    const table = await findTable(query, url.table)
    if (table === undefined) throw new InputError(`there is no table ${url.table}, or no right to see it`)
    const key = keyColumn(table, url.id ?? 'id')
    const column = vectorColumn(table, url.column ?? 'embedding')
    const vectorsIn = (name: string) => postgresVectors(query, { table, key, column: vectorColumn(table, name) })
    return {
      source: await vectorsIn(column.name),
      truth: url.truth === undefined ? undefined : await vectorsIn(url.truth),
      target: (dimensions) => postgresTarget(query, url, { table, key, column }, dimensions),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function connected({
  scheme,
  location,
  timeout,
}: StoreUrl): Promise<{ query: Query; close: () => Promise<void> }> {
  const { Client } = loadDriver('pg', 'PostgreSQL') as { Client: new (options: object) => PostgresClient }
  const seconds = timeout === undefined ? undefined : Number(timeout)
  if (seconds !== undefined && !(seconds > 0)) throw new InputError(`timeout=${timeout}: expected seconds a statement`)
  const told = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw new InputError(`PostgreSQL: ${reasonOf(error)}`, { cause: error })
    })
  let client: PostgresClient
  try {
    client = new Client({
      connectionString: `${scheme}:${location}`,
      fallback_application_name: 'collimate',
      ...(seconds && { statement_timeout: Math.ceil(1000 * seconds) }),
    })
  } catch {
    // The message of the driver quotes the address, and that may hold a password.
    throw new InputError(
      'the address of the store is none of PostgreSQL: expected postgres://user@host/database?table=...',
    )
  }
  // The statement that is under way tells of it.
  client.on('error', () => undefined)
  await told(client.connect())
  return {
    async query(text, values) {
      const { rows, rowCount } = await told(client.query({ text, values, rowMode: 'array' }))
      return { rows: rows as (string | null)[][], count: rowCount ?? 0 }
    },
    close: () => client.end().catch(() => undefined),
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
