import { InputError } from '../errors.js'
import { nameParts, quoted } from './address.js'

/** What is used of the client of the package pg. */
export interface PostgresClient {
  connect(): Promise<unknown>
  query(query: { text: string; values?: unknown[]; rowMode: 'array' }): Promise<{ rows: unknown[][]; rowCount: number | null }> // prettier-ignore
  on(event: 'error', listener: (error: Error) => void): unknown
  end(): Promise<void>
}

/** Runs one statement; what comes back are rows of texts. */
export type Query = (text: string, values?: unknown[]) => Promise<{ rows: (string | null)[][]; count: number }>

/** A table as the database has it. */
export interface PostgresTable {
  /** How messages and the ledger call it. */
  readonly name: string
  readonly schema: string
  /** For statements. */
  readonly sql: string
  readonly columns: ReadonlyMap<string, PostgresColumn>
}

export interface PostgresColumn {
  readonly name: string
  readonly sql: string
  /** With its modifier, as in a declaration. */
  readonly type: string
  /** The bare name. */
  readonly typeName: string
  /** Where the functions of the type are. */
  readonly typeSchema: string
  /** Numbers a vector, if the column is declared with them. */
  readonly dimensions: number | undefined
  /** Whether it is never null, and no value is there twice. */
  readonly isKey: boolean
}

/** The table of a name such as items, public.items or "my schema"."items"; undefined if there is none. */
export async function findTable(query: Query, name: string): Promise<PostgresTable | undefined> {
  const sql = nameParts(name).map(quoted).join('.')
  const { rows } = await query(
    'SELECT c.oid::text, n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)',
    [sql],
  )
  if (rows.length === 0) return undefined
  const [oid, schema, relation] = rows[0].map(String)
  return {
    schema,
    name: `${schema}.${relation}`,
    sql: `${quoted(schema)}.${quoted(relation)}`,
    columns: await columnsOf(query, oid),
  }
}

// Of an index with further columns, or of a part of the rows, one value may be there twice.
const COLUMNS = `
  SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), t.typname::text, n.nspname::text, a.atttypmod::text,
    (a.attnotnull AND EXISTS (
      SELECT FROM pg_index i
      WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND i.indpred IS NULL
    ))::text
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped`

async function columnsOf(query: Query, oid: string): Promise<ReadonlyMap<string, PostgresColumn>> {
  const { rows } = await query(COLUMNS, [oid])
  return new Map(
    rows.map((row) => {
      const [name, type, typeName, typeSchema, modifier, isKey] = row.map(String)
      const column = {
        name,
        sql: quoted(name),
        type,
        typeName,
        typeSchema,
        dimensions: Number(modifier) > 0 ? Number(modifier) : undefined,
        isKey: isKey === 'true',
      }
      return [name, column]
    }),
  )
}

/** @throws InputError if the table has no such column */
export function columnNamed({ name, columns }: PostgresTable, column: string): PostgresColumn {
  const found = columns.get(column)
  if (found !== undefined) return found
  throw new InputError(`the table ${name} has no column ${column}; it has ${[...columns.keys()].join(', ')}`)
}

/** What pgvector calls vectors that are read and written here. */
export const VECTOR_TYPES = ['vector', 'halfvec']

/** @throws InputError unless the column holds vectors */
export function vectorColumn(table: PostgresTable, name: string): PostgresColumn {
  const column = columnNamed(table, name)
  if (VECTOR_TYPES.includes(column.typeName)) return column
  throw new InputError(`${table.name}.${name} is of type ${column.type}: vectors are columns of type vector or halfvec`)
}

/** @throws InputError unless rows can be read in the order of the column */
export function keyColumn(table: PostgresTable, name: string): PostgresColumn {
  const column = columnNamed(table, name)
  if (column.isKey) return column
  throw new InputError(`${table.name}.${name} is no key: rows are read in its order, so it has to be NOT NULL with a unique index of its own; id=COLUMN names another`) // prettier-ignore
}
