import { InputError } from '../errors.js'

/** The address of a store as it is given: `scheme:where?name=value&...`. */
export interface StoreUrl {
  readonly scheme: string
  /** All of it but for what is said of the migration. It may hold a password. */
  readonly location: string
  /** What is said of the migration. */
  readonly table: string
  readonly id: string | undefined
  readonly column: string | undefined
  readonly to: string | undefined
  readonly into: string | undefined
  readonly truth: string | undefined
  readonly type: string | undefined
  readonly timeout: string | undefined
  readonly ledger: string | undefined
}

const OWN = ['table', 'id', 'column', 'to', 'into', 'truth', 'type', 'timeout', 'ledger'] as const
type Own = (typeof OWN)[number]

const SCHEMES = ['postgres', 'postgresql', 'sqlite', 'lancedb', 'module'] as const

/** Whether an argument names a store and no file. */
export const isStoreUrl = (text: string): boolean => SCHEMES.some((scheme) => text.startsWith(`${scheme}:`))

/**
 * Reads the address of a store. What it does not know is left in the location: a PostgreSQL address has parameters of its own.
 *
 * @throws InputError if a parameter is there twice or empty, or no table is named
 */
export function parseStoreUrl(text: string): StoreUrl {
  const [, scheme, rest] = /^(\w+):([^]*)$/.exec(text) ?? []
  const mark = rest.indexOf('?')
  const parameters = new URLSearchParams(mark < 0 ? '' : rest.slice(mark + 1))
  const own = Object.fromEntries(OWN.map((name) => [name, only(parameters, name)])) as Record<Own, string | undefined>
  for (const name of OWN) parameters.delete(name)
  const others = parameters.toString()
  const location = (mark < 0 ? rest : rest.slice(0, mark)) + (others === '' ? '' : `?${others}`)
  if (own.table === undefined && scheme !== 'module') {
    throw new InputError('the address of the store names no table: add ?table=NAME')
  }
  return { ...own, scheme, location, table: own.table ?? '' }
}

function only(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name)
  if (values.length > 1) throw new InputError(`the address of the store has ${name} ${values.length} times`)
  if (values[0] === '') throw new InputError(`the address of the store has no value for ${name}`)
  return values.at(0)
}

/**
 * The parts of a name with dots in between. Parts in double quotes may hold anything, a quote as two. Nothing is folded: names are as the store
 * lists them.
 *
 * @throws InputError if a quote is not closed, or a part is empty
 */
export function nameParts(name: string): string[] {
  const matches = Array.from(name.matchAll(/(?:"((?:[^"]|"")+)"|([^".]+))(\.|$)/gy))
  const length = matches.reduce((sum, [match]) => sum + match.length, 0)
  if (length !== name.length || name.endsWith('.')) {
    throw new InputError(`${name} is no name of a table: expected name, schema.name, or parts in double quotes`)
  }
  return matches.map(([, inQuotes, plain]: (string | undefined)[]) => inQuotes?.replaceAll('""', '"') ?? plain ?? '')
}

/** An identifier for SQL. @throws InputError if it holds a NUL, which no database takes */
export function quoted(name: string): string {
  if (name.includes('\0')) throw new InputError('a name in the address of the store holds a NUL character')
  return `"${name.replaceAll('"', '""')}"`
}

const FILE_OPTIONS = [
  'out',
  'rows',
  'id',
  'columns',
  'skip',
  'field',
  'precision',
  'format',
  'force',
  'truth',
  'groups',
  'mapped',
]

/** @throws InputError for options of files beside the address of a store */
export function refuseFileOptions(options: object): void {
  const given = Object.entries(options).find(([name, value]) => FILE_OPTIONS.includes(name) && value !== undefined)
  const isQueries = (options as { side?: string }).side === 'queries'
  if (given === undefined && !isQueries) return
  const what = given === undefined ? '--side queries' : given[0] === 'mapped' ? 'a second file' : `--${given[0]}`
  throw new InputError(`${what} is for files: of a store its address says what is read, and where it goes`)
}

export const STORES_HELP = `Stores, in quotes, for & and ? mean something to a shell:
  postgres://user@host/db?table=items&column=embedding&to=embedding_v2
                     pgvector, by the package pg
  sqlite:items.db?table=vec_items&into=vec_items_v2
                     sqlite-vec, by better-sqlite3 and sqlite-vec
  lancedb:folder?table=items&into=items_v2
                     by @lancedb/lancedb
  module:store.js?table=...
                     a module of your own: docs/stores.md
  table, id and column say where old vectors are; to=COLUMN or into=TABLE where
  new ones go, and truth=COLUMN which rows the new model has embedded itself;
  type is that of new vectors. Old ones are never written to. Killed at any
  moment, the same command goes on where it was.`
