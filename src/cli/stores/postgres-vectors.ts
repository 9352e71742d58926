import type { VectorRows, VectorSource } from '../../migration/stores/vector-store.js'
import { InputError } from '../errors.js'
import type { PostgresColumn, PostgresTable, Query } from './postgres-catalog.js'
import { decodedVectors } from './postgres-wire.js'
import { quoted } from './address.js'

/** Vectors in a column of a table. */
export interface PostgresPlace {
  readonly table: Pick<PostgresTable, 'name' | 'schema' | 'sql'>
  readonly key: Pick<PostgresColumn, 'name' | 'sql' | 'type'>
  readonly column: Pick<PostgresColumn, 'name' | 'sql' | 'typeSchema' | 'dimensions'>
}

/** How messages and the ledger call a place. */
export const placeName = ({ table, column }: PostgresPlace): string => `${table.name}.${column.name}`

/** Reads vectors in the order of the key, a page a statement. @param dimensions - default: as declared, or of any row */
export async function postgresVectors(
  query: Query,
  place: PostgresPlace,
  dimensions = place.column.dimensions,
): Promise<VectorSource> {
  const { table, key, column } = place
  const functions = quoted(column.typeSchema)
  const width = dimensions ?? (await firstDimensions(query, place))
  // As text in base64: an eighth of what the numbers are in digits.
  const sent = `encode(${functions}.vector_send(t.${column.sql}::${functions}.vector), 'base64')`
  // Of the table: by its bare name the order would be that of the text that is selected.
  const select = async (rest: string, values: unknown[]): Promise<VectorRows> => {
    const text = `SELECT t.${key.sql}::text, ${sent} FROM ${table.sql} AS t WHERE t.${column.sql} IS NOT NULL ${rest}`
    const { rows } = await query(text, values)
    const [ids, texts] = [0, 1].map((j) => rows.map((row) => String(row[j])))
    return { ids, vectors: decodedVectors(ids, texts, width) }
  }
  return {
    name: placeName(place),
    dimensions: width,
    async count() {
      return Number((await query(`SELECT count(${column.sql})::text FROM ${table.sql}`)).rows[0][0])
    },
    fetch: (ids) => select(`AND t.${key.sql} = ANY($1::text[]::${key.type}[])`, [ids]),
    async *pages({ after, limit }) {
      for (let cursor = after; ;) {
        const behind = cursor === undefined ? '' : `AND t.${key.sql} > $2::text::${key.type}`
        const values = cursor === undefined ? [limit] : [limit, cursor]
        const page = await select(`${behind} ORDER BY t.${key.sql} LIMIT $1`, values)
        cursor = page.ids.at(-1)
        if (cursor === undefined) return
        yield { ...page, cursor }
        if (page.ids.length < limit) return
      }
    },
    sample(count) {
      const some = `SELECT ${key.sql} FROM ${table.sql} WHERE ${column.sql} IS NOT NULL ORDER BY random() LIMIT $1`
      return select(`AND t.${key.sql} IN (${some})`, [count])
    },
  }
}

async function firstDimensions(query: Query, { table, column }: PostgresPlace): Promise<number> {
  const { rows } = await query(
    `SELECT ${quoted(column.typeSchema)}.vector_dims(${column.sql})::text FROM ${table.sql} WHERE ${column.sql} IS NOT NULL LIMIT 1`,
  )
  if (rows.length > 0) return Number(rows[0][0])
  throw new InputError(`${table.name}.${column.name} holds no vectors, and is declared without their dimensions`)
}
