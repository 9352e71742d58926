import type { VectorTarget } from '../../migration/stores/vector-store.js'
import { InputError } from '../errors.js'
import { fieldNamed, idsFilter, isTextual, widthOf, type Arrow, type ArrowSchema, type ArrowTable, type ArrowVector, type LanceConnection } from './lancedb-api.js' // prettier-ignore
import { childOf, lanceVectors } from './lancedb-vectors.js'
import type { StoreUrl } from './address.js'

/** @throws InputError if the address names no table for the new vectors, or one that cannot hold them */
export async function lanceTarget(
  connection: LanceConnection,
  arrow: Arrow,
  { table, into, to, id = '', column = '' }: StoreUrl,
  asked: number | undefined,
): Promise<VectorTarget> {
  if (into === undefined) throw new InputError('the address of the store names no table for the new vectors: add &into=TABLE') // prettier-ignore
  if (into === table) throw new InputError(`into=${into} is the table of the old vectors, which stay as they are: name another`) // prettier-ignore
  const vector = to ?? column
  const source = await connection.openTable(table)
  const sourceSchema = await source.schema()
  const key = fieldNamed(sourceSchema, table, id)
  isTextual(key)
  const exists = async () => (await connection.tableNames({ limit: 10_000 })).includes(into)
  const existing = (await exists()) ? await (await connection.openTable(into)).schema() : undefined
  const width = existing === undefined ? (asked ?? 0) : widthOf(fieldNamed(existing, into, vector), into)
  const read = async () => ((await exists()) ? lanceVectors(connection, into, id, vector) : undefined)
  const schema = existing ?? newSchema(arrow, sourceSchema, column, vector, width)
  const others = schema.fields.map(({ name }) => name).filter((name) => name !== vector)
  return {
    name: `${into}.${vector}`,
    dimensions: width,
    precision: 'f32',
    count: async () => (await read())?.count() ?? 0,
    fetch: async (ids) => (await read())?.fetch(ids) ?? { ids: [], vectors: new Float32Array(0) },
    async state() {
      const found = await read()
      if (found === undefined) return 'missing'
      return (await found.count()) === 0 ? 'empty' : 'filled'
    },
    async create() {
      await connection.createEmptyTable(into, schema)
    },
    async upsert({ ids, vectors }) {
      const rest = await source.query().where(idsFilter(key, ids)).select(others).limit(ids.length).toArrow()
      const target = await connection.openTable(into)
      const rows = withVectors(arrow, rest, schema, vector, { ids, vectors, width }, id)
      await target.mergeInsert(id).whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows)
      target.close()
    },
    async drop(created) {
      if (created) await connection.dropTable(into)
      else await (await connection.openTable(into)).delete('true')
    },
  }
}

/** The columns of the old table, with other vectors. */
function newSchema(arrow: Arrow, { fields }: ArrowSchema, column: string, vector: string, width: number): ArrowSchema {
  const item = new arrow.Field('item', new arrow.Float32(), true)
  const added = new arrow.Field(vector, new arrow.FixedSizeList(width, item), true)
  const taken = fields.some(({ name }) => name === vector && name !== column)
  if (taken) throw new InputError(`to=${vector}: the table has a column of that name already`)
  return new arrow.Schema(fields.map((field) => (field.name === column ? added : field)))
}

/** Rows of the other columns, which come in any order, with their new vectors. */
function withVectors(
  arrow: Arrow,
  rest: ArrowTable,
  { fields }: ArrowSchema,
  vector: string,
  { ids, vectors, width }: { ids: readonly string[]; vectors: Float32Array; width: number },
  id: string,
): ArrowTable {
  const at = new Map(ids.map((id, i) => [id, i]))
  const keys = childOf(rest, id)
  const data = new Float32Array(rest.numRows * width)
  for (let row = 0; row < rest.numRows; row++) {
    const from = at.get(String(keys.get(row))) ?? 0
    data.set(vectors.subarray(from * width, (from + 1) * width), row * width)
  }
  const item = new arrow.Field('item', new arrow.Float32(), true)
  const child = arrow.makeData({ type: new arrow.Float32(), length: data.length, nullCount: 0, data })
  const list = arrow.makeData({ type: new arrow.FixedSizeList(width, item), length: rest.numRows, nullCount: 0, child })
  const columns = fields.map(({ name }): [string, ArrowVector] => [name, name === vector ? new arrow.Vector([list]) : childOf(rest, name)]) // prettier-ignore
  return new arrow.Table(Object.fromEntries(columns))
}
