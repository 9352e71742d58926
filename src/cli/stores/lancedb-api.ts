import { InputError } from '../errors.js'

/** What is used of the package @lancedb/lancedb. */
export interface LanceDriver {
  connect(path: string): Promise<LanceConnection>
}

export interface LanceConnection {
  tableNames(options: { limit: number }): Promise<string[]>
  openTable(name: string): Promise<LanceTable>
  createEmptyTable(name: string, schema: ArrowSchema): Promise<LanceTable>
  dropTable(name: string): Promise<void>
  close(): void
}

export interface LanceTable {
  schema(): Promise<ArrowSchema>
  version(): Promise<number>
  checkout(version: number): Promise<void>
  countRows(filter?: string): Promise<number>
  query(): LanceQuery
  takeOffsets(offsets: number[]): LanceQuery
  add(data: ArrowTable): Promise<unknown>
  mergeInsert(on: string): LanceMerge
  delete(predicate: string): Promise<unknown>
  close(): void
}

export interface LanceQuery {
  select(columns: string[]): LanceQuery
  where(predicate: string): LanceQuery
  offset(rows: number): LanceQuery
  limit(rows: number): LanceQuery
  toArrow(): Promise<ArrowTable>
}

interface LanceMerge {
  whenMatchedUpdateAll(): LanceMerge
  whenNotMatchedInsertAll(): LanceMerge
  execute(data: ArrowTable): Promise<unknown>
}

/** What is used of the package apache-arrow, and of what LanceDB gives, which is of its own copy of it. */
export interface Arrow {
  readonly Schema: new (fields: readonly ArrowField[]) => ArrowSchema
  readonly Field: new (name: string, type: ArrowType, nullable: boolean) => ArrowField
  readonly FixedSizeList: new (length: number, field: ArrowField) => ArrowType
  readonly Float32: new () => ArrowType
  readonly Table: new (columns: Record<string, ArrowVector>) => ArrowTable
  readonly Vector: new (data: readonly ArrowData[]) => ArrowVector
  makeData(options: object): ArrowData
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[]
}

export interface ArrowField {
  readonly name: string
  readonly type: ArrowType
}

export interface ArrowType {
  readonly listSize?: number
  readonly children?: readonly ArrowField[] | null
  toString(): string
}

export interface ArrowTable {
  readonly numRows: number
  getChild(name: string): ArrowVector | null
}

export interface ArrowVector {
  readonly length: number
  readonly nullCount: number
  readonly data: readonly ArrowData[]
  get(row: number): unknown
}

interface ArrowData {
  readonly length: number
  readonly values: ArrayLike<number>
  readonly children: readonly ArrowData[]
}

/** A name for a filter. @throws InputError if it cannot be one */
export function lanceName(name: string): string {
  if (name.includes('`')) throw new InputError(`${name}: a name with a backtick cannot be asked for in LanceDB`)
  return `\`${name}\``
}

/** The field of a name. @throws InputError if there is none */
export function fieldNamed({ fields }: ArrowSchema, table: string, name: string): ArrowField {
  const field = fields.find((field) => field.name === name)
  if (field !== undefined) return field
  throw new InputError(`the table ${table} has no column ${name}; it has ${fields.map(({ name }) => name).join(', ')}`)
}

/** Numbers a vector of a column. @throws InputError if it holds no vectors of floats */
export function widthOf({ name, type }: ArrowField, table: string): number {
  const { listSize, children } = type
  const item = String(children?.[0]?.type)
  if (listSize !== undefined && /^Float(32|64)$/.test(item)) return listSize
  throw new InputError(
    `${table}.${name} is of type ${String(type)}: vectors are fixed-size lists of float32 or float64`,
  )
}

/** A filter for the rows of some keys. */
export function idsFilter(field: ArrowField, ids: readonly string[]): string {
  const literals = isTextual(field) ? ids.map((id) => `'${id.replaceAll("'", "''")}'`) : ids
  return `${lanceName(field.name)} IN (${literals.join(', ')})`
}

/** Whether keys are texts; else they are numbers, float64 where a table was made of plain objects. @throws InputError if they are neither */
export function isTextual({ name, type }: ArrowField): boolean {
  const text = String(type)
  if (/Utf8/i.test(text)) return true
  if (/^(Int\d+|Uint\d+|Float64)$/.test(text)) return false
  throw new InputError(`the column ${name} is of type ${text}: keys are texts or numbers`)
}
