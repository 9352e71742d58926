import type { Ledger, VectorTarget } from '../../migration/stores/vector-store.js'
import { InputError } from '../errors.js'
import { entryOf } from './ledger-file.js'
import { findTable, keyColumn, vectorColumn, VECTOR_TYPES, type PostgresColumn, type PostgresTable, type Query } from './postgres-catalog.js' // prettier-ignore
import { placeName, postgresVectors, type PostgresPlace } from './postgres-vectors.js'
import { encodedVectors } from './postgres-wire.js'
import { nameParts, quoted, type StoreUrl } from './address.js'

/** Where the old vectors are. */
interface Origin {
  readonly table: PostgresTable
  readonly key: PostgresColumn
  readonly column: PostgresColumn
}

/** A place for new vectors: what it is called, what is there, and the statements that make, fill and remove it. */
interface Destination {
  readonly place: PostgresPlace
  /** Its column of vectors, if there is one already. */
  readonly existing: PostgresColumn | undefined
  readonly create: string
  /** Parameters: ids, vectors. */
  readonly upsert: string
  readonly drop: string
  readonly clear: string
}

/** @throws InputError if the address names no place, or one that cannot hold the vectors */
export async function postgresTarget(
  query: Query,
  url: StoreUrl,
  origin: Origin,
  asked: number | undefined,
): Promise<VectorTarget> {
  const typeName = url.type ?? origin.column.typeName
  if (!VECTOR_TYPES.includes(typeName)) throw new InputError(`type=${typeName}: expected vector or halfvec`)
  const schema = quoted(origin.column.typeSchema)
  const type = `${schema}.${typeName}`
  const find = () => destinationOf(query, url, origin, type, asked)
  const { place, existing, create, upsert, drop, clear } = await find()
  const width = existing?.dimensions ?? asked ?? 0
  const vectors = await postgresVectors(query, place, width)
  const isThere = async () => (await find()).existing !== undefined
  const element = Number((await query(`SELECT '${schema}.vector'::regtype::oid::text`)).rows[0][0])
  return {
    name: placeName(place),
    dimensions: width,
    precision: (existing?.typeName ?? typeName) === 'halfvec' ? 'f16' : 'f32',
    count: async () => ((await isThere()) ? vectors.count() : 0),
    fetch: async (ids) => ((await isThere()) ? vectors.fetch(ids) : { ids: [], vectors: new Float32Array(0) }),
    async state() {
      if (!(await isThere())) return 'missing'
      const { rows } = await query(`SELECT FROM ${place.table.sql} WHERE ${place.column.sql} IS NOT NULL LIMIT 1`)
      return rows.length === 0 ? 'empty' : 'filled'
    },
    async create() {
      await query(create)
    },
    async upsert(page) {
      const ends = upsert.includes('$3') ? [page.ids[0], page.ids.at(-1)] : []
      await query(upsert, [page.ids, encodedVectors(page.vectors, width, element), ...ends])
    },
    async drop(created) {
      await query(created ? drop : clear)
    },
    transaction: (work) => transaction(query, work),
    ledger: postgresLedger(query, place),
  }
}

function destinationOf(
  query: Query,
  url: StoreUrl,
  origin: Origin,
  type: string,
  asked: number | undefined,
): Promise<Destination> {
  const { to, into } = url
  if (into !== undefined) return newTable(query, into, to ?? origin.column.name, origin, type, asked)
  if (to === undefined) {
    throw new InputError('the address of the store names no place for the new vectors: add &to=COLUMN, or &into=TABLE')
  }
  return newColumn(query, to, origin, type, asked)
}

const vectorsGiven = ({ key }: PostgresPlace, { column }: Origin): string =>
  `unnest($1::text[]::${key.type}[], $2::${quoted(column.typeSchema)}.vector[]) AS v(id, vector)`

async function newColumn(
  query: Query,
  to: string,
  origin: Origin,
  type: string,
  asked: number | undefined,
): Promise<Destination> {
  if (to === origin.column.name) throw new InputError(`to=${to} is the column of the old vectors, which stay as they are: name another`) // prettier-ignore
  const { key } = origin
  // As it is now: an earlier statement of this run may have made it.
  const table = (await findTable(query, origin.table.sql)) ?? origin.table
  const existing = table.columns.has(to) ? vectorColumn(table, to) : undefined
  const sql = quoted(to)
  const place = { table, key, column: { name: to, sql, typeSchema: origin.column.typeSchema, dimensions: asked } }
  return {
    place,
    existing,
    create: `ALTER TABLE ${table.sql} ADD COLUMN ${sql} ${type}(${asked ?? 0})`,
    // The ends of the page let the rows be found by the index, whatever is guessed of the size of the page.
    upsert: `UPDATE ${table.sql} AS t SET ${sql} = v.vector FROM ${vectorsGiven(place, origin)} WHERE t.${key.sql} = v.id AND t.${key.sql} BETWEEN $3::text::${key.type} AND $4::text::${key.type}`,
    drop: `ALTER TABLE ${table.sql} DROP COLUMN ${sql}`,
    clear: `UPDATE ${table.sql} SET ${sql} = NULL WHERE ${sql} IS NOT NULL`,
  }
}

async function newTable(
  query: Query,
  into: string,
  to: string,
  origin: Origin,
  type: string,
  asked: number | undefined,
): Promise<Destination> {
  const parts = nameParts(into)
  const names = parts.length === 1 ? [origin.table.schema, ...parts] : parts
  const sql = names.map(quoted).join('.')
  const table = await findTable(query, sql)
  if (table?.name === origin.table.name) throw new InputError(`into=${into} is the table of the old vectors, which stay as they are: name another, or a column with to=`) // prettier-ignore
  const key = table === undefined ? origin.key : keyColumn(table, origin.key.name)
  const existing = table && vectorColumn(table, to)
  const column = { name: to, sql: quoted(to), typeSchema: origin.column.typeSchema, dimensions: asked }
  const place = { table: table ?? { name: names.join('.'), schema: names[0], sql }, key, column }
  return {
    place,
    existing,
    create: `CREATE TABLE ${sql} (${key.sql} ${key.type} PRIMARY KEY, ${column.sql} ${type}(${asked ?? 0}) NOT NULL)`,
    upsert: `INSERT INTO ${sql} (${key.sql}, ${column.sql}) SELECT v.id, v.vector FROM ${vectorsGiven(place, origin)} ON CONFLICT (${key.sql}) DO UPDATE SET ${column.sql} = excluded.${column.sql}`,
    drop: `DROP TABLE ${sql}`,
    clear: `DELETE FROM ${sql}`,
  }
}

async function transaction(query: Query, work: () => Promise<void>): Promise<void> {
  await query('BEGIN')
  try {
    await work()
    await query('COMMIT')
  } catch (error) {
    // Of a connection that is lost the server has taken it back by itself.
    await query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** A table beside the new vectors: a row for each place that is migrated to. */
function postgresLedger(query: Query, place: PostgresPlace): Ledger {
  const sql = `${quoted(place.table.schema)}.collimate_migrations`
  const name = placeName(place)
  const exists = async () => (await query('SELECT to_regclass($1)::text', [sql])).rows[0][0] !== null
  return {
    async read() {
      if (!(await exists())) return undefined
      const { rows } = await query(`SELECT entry::text FROM ${sql} WHERE target = $1`, [name])
      return rows.length === 0 ? undefined : entryOf(String(rows[0][0]), `the row of ${name} in ${sql}`)
    },
    async write(entry) {
      const { revision } = entry
      const text = JSON.stringify(entry)
      if (revision > 1) {
        const update = `UPDATE ${sql} SET entry = $2::jsonb, revision = $3 WHERE target = $1 AND revision = $3::bigint - 1`
        return (await query(update, [name, text, revision])).count === 1
      }
      await query(`CREATE TABLE IF NOT EXISTS ${sql} (target text PRIMARY KEY, entry jsonb NOT NULL, revision bigint NOT NULL)`) // prettier-ignore
      const insert = `INSERT INTO ${sql} (target, entry, revision) VALUES ($1, $2::jsonb, $3) ON CONFLICT DO NOTHING`
      return (await query(insert, [name, text, revision])).count === 1
    },
    async remove() {
      await query(`DELETE FROM ${sql} WHERE target = $1`, [name])
      const { rows } = await query(`SELECT FROM ${sql} LIMIT 1`)
      if (rows.length === 0) await query(`DROP TABLE ${sql}`)
    },
  }
}
