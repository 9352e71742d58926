import type { Reading } from './reading.js'
import { InputError } from '../errors.js'
import { linesOf, vectorRows, type RowRecord } from './forward-rows.js'
import type { Input } from './input.js'
import { oneAxis } from './npy.js'
import type { RowStream } from './row-stream.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'

/** The field of a vector, unless another is named. */
const FIELD = 'embedding'
/** What answers of APIs wrap objects with vectors in. */
const WRAPPERS = ['response', 'body', 'data']

type Fields = Readonly<Record<string, unknown>>
type Asked = Pick<Reading, 'field' | 'dtype'>

/** A vector, and the objects that it stands in, the outermost first. */
interface Found {
  readonly vector: unknown
  readonly scope: readonly Fields[]
}

/**
 * Vectors in JSON: one object a line, or one document. A row is an object with a field of numbers (or of their float32 bytes in base64), or a bare
 * array; answers of OpenAI and Cohere, also those of batches, are looked into.
 *
 * @throws InputError if a line has no such field, or what it has is no vector of numbers as long as the first
 */
export async function openJson(input: Input, reading: Reading): Promise<RowStream> {
  const found = isLines(input) ? foundInLines(input, reading) : foundInDocument(input, reading)
  const first = await found.next()
  const records = recordsOf(first, found, input.path, reading.id)
  const isBase64 = first.done !== true && typeof first.value.vector === 'string'
  return vectorRows({ input, reading, precision: isBase64 ? 'f32' : 'f64', ids: null }, records)
}

type Placed = Found & { readonly line: number | undefined }

/** Whether every line is a text of its own, as the name says or the first line tells. */
function isLines({ name, head }: Input): boolean {
  if (/\.(jsonl|ndjson)$/i.test(name)) return true
  const text = new TextDecoder().decode(head).trimStart()
  const end = text.indexOf('\n')
  if (end < 0 || !text.startsWith('{')) return false
  try {
    JSON.parse(text.slice(0, end))
    return text.slice(end).trim() !== ''
  } catch {
    return false
  }
}

async function* foundInLines(input: Input, reading: Reading): AsyncGenerator<Placed> {
  for await (const { text, line } of linesOf(input, reading.signal)) {
    if (text.trim() === '') continue
    const value = parsed(text, `${input.path}: line ${line}`)
    for (const one of vectorsIn(value, reading, `${input.path}: line ${line}`)) yield { ...one, line }
  }
}

async function* foundInDocument(input: Input, reading: Reading): AsyncGenerator<Placed> {
  const lines: string[] = []
  for await (const { text } of linesOf(input, reading.signal)) lines.push(text)
  const value = parsed(lines.join('\n'), input.path)
  if (isVector(value) && reading.field === undefined && reading.vector !== 'row') {
    const numbers = value as readonly unknown[]
    if (reading.vector === undefined) throw oneAxis(input.path, numbers.length)
    for (const one of numbers) yield { vector: [one], scope: [], line: undefined }
    return
  }
  for (const one of vectorsIn(value, reading, input.path)) yield { ...one, line: undefined }
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError(`${place} is no JSON: ${(error as Error).message}`, { cause: error })
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isVector = (value: unknown): boolean => Array.isArray(value) && typeof value[0] === 'number'

/** The vectors in a value: itself, that of an object, or those of objects within. */
function vectorsIn(value: unknown, asked: Asked, place: string): Found[] {
  const found = search(value, asked, [])
  if (found !== undefined) return found
  const error = isObject(value) ? value.error : undefined
  if (isObject(error)) throw new InputError(`${place}: the request failed: ${String(error.message ?? error.code)}`)
  const { embeddings } = isObject(value) ? value : {}
  if (isObject(embeddings))
    throw new InputError(`${place} has embeddings of type ${Object.keys(embeddings).join(', ')}: --dtype says which`)
  const has = isObject(value) ? `; it has ${Object.keys(value).slice(0, 8).join(', ')}` : ''
  throw new InputError(`${place} has no field '${asked.field ?? FIELD}' with a vector${has}: --field names another`)
}

function search(value: unknown, asked: Asked, scope: readonly Fields[]): Found[] | undefined {
  const { field, dtype } = asked
  if (isVector(value) && field === undefined) return [{ vector: value, scope }]
  if (Array.isArray(value)) return searchAll(value, asked, scope)
  if (!isObject(value)) return undefined
  const inner = [...scope, value]
  const own = at(value, field ?? FIELD)
  if (typeof own === 'string' || isVector(own)) return [{ vector: own, scope: inner }]
  if (Array.isArray(own) && own.length > 0) return own.map((vector: unknown) => ({ vector, scope: inner }))
  const many = field === undefined ? listOf(value.embeddings, dtype) : undefined
  if (many !== undefined) return many.map((vector) => ({ vector, scope: inner }))
  for (const name of WRAPPERS) {
    const within = Object.hasOwn(value, name) ? search(value[name], asked, inner) : undefined
    if (within !== undefined) return within
  }
  return undefined
}

/** Answers say by an index which text each belongs to. */
function searchAll(values: readonly unknown[], asked: Asked, scope: readonly Fields[]): Found[] | undefined {
  const indexOf = (value: unknown) => (isObject(value) && typeof value.index === 'number' ? value.index : 0)
  const inOrder = [...values].sort((a, b) => indexOf(a) - indexOf(b))
  const all = inOrder.map((value) => search(value, asked, scope))
  return values.length > 0 && all.every((found) => found !== undefined) ? all.flat() : undefined
}

/** Cohere's list of vectors, by type in its second version. */
function listOf(embeddings: unknown, dtype: Reading['dtype']): unknown[] | undefined {
  const typed = (all: Fields) => (dtype === undefined ? (all.float ?? all.float_) : all[dtype])
  const list: unknown = isObject(embeddings) ? typed(embeddings) : embeddings
  return Array.isArray(list) && list.every(isVector) ? list : undefined
}

/** A field, or one of a field: 'a.b'. */
function at(value: Fields, path: string): unknown {
  if (Object.hasOwn(value, path)) return value[path]
  let here: unknown = value
  for (const name of path.split('.')) here = isObject(here) && Object.hasOwn(here, name) ? here[name] : undefined
  return here
}

async function* recordsOf(
  first: IteratorResult<Placed, unknown>,
  rest: AsyncGenerator<Placed>,
  path: string,
  id: string | undefined,
): AsyncGenerator<RowRecord> {
  let before: readonly Fields[] = []
  let part = 0
  for (let next = first; next.done !== true; next = await rest.next()) {
    const { vector, scope, line } = next.value
    const place = line === undefined ? path : `${path}: line ${line}`
    // Several vectors of one request have its id, and their number.
    part = scope.length > 0 && scope[0] === before[0] ? part + 1 : 0
    before = scope
    yield { values: numbersOf(vector, place), id: id === undefined ? undefined : idOf(scope, id, part, place), line }
  }
}

/** The id, in the object of the vector or in one around it. */
function idOf(scope: readonly Fields[], name: string, part: number, place: string): string {
  const owner = [...scope].reverse().find((object) => at(object, name) !== undefined)
  const id = owner && at(owner, name)
  if (typeof id !== 'string' && typeof id !== 'number') throw new InputError(`${place} has no id in '${name}'`)
  return part > 0 && owner === scope[0] ? `${id}:${part}` : String(id)
}

/** @throws InputError if it is no vector of numbers */
function numbersOf(vector: unknown, place: string): ArrayLike<number> {
  if (typeof vector === 'string') return vectorInText(vector, place)
  const list = vector as readonly unknown[]
  const bad = Array.isArray(vector) ? list.findIndex((x) => typeof x !== 'number') : 0
  if (bad >= 0) throw new InputError(`${place}: entry ${bad} of a vector is no number`)
  return list as readonly number[]
}

/** A vector that is a text: the numbers between brackets, or the bytes of float32 in base64. @throws InputError if it is neither */
export function vectorInText(text: string, place: string): ArrayLike<number> {
  if (/^\s*\[/.test(text)) {
    // NumPy puts blanks between numbers, JSON commas.
    const numbers = text.replace(/[[\],]/g, ' ').trim().split(/\s+/).map(Number) // prettier-ignore
    if (!numbers.some(Number.isNaN)) return numbers
    throw new InputError(`${place}: '${text.slice(0, 20)}...' is no vector of numbers`)
  }
  const bytes = Buffer.from(text, 'base64')
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(text) || bytes.length % 4 !== 0) {
    throw new InputError(`${place}: '${text.slice(0, 20)}' is no vector: neither [numbers] nor float32 in base64`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
}

/** Writes one object a line: {"id": ..., "embedding": [...]}. */
export function jsonlWriter(sink: Sink, { cols, precision, id }: Writing): Promise<RowWriter> {
  const encoder = new TextEncoder()
  const round = precision === 'f32' ? (x: number) => Number(Math.fround(x).toPrecision(9)) : (x: number) => x
  return Promise.resolve({
    async add({ rows, data }, ids) {
      for (let i = 0; i < rows; i++) {
        const embedding = Array.from(data.subarray(i * cols, (i + 1) * cols), round)
        const named = ids === undefined || id === undefined ? {} : { [id]: ids[i] }
        await sink.write(encoder.encode(`${JSON.stringify({ ...named, [FIELD]: embedding })}\n`))
      }
    },
    end: () => Promise.resolve(),
  })
}
