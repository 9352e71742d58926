import { Matrix } from '../matrix.js'
import { isFloat32 } from '../typed-arrays.js'
import type { Context } from './context.js'
import { DerivedRows } from './data/derived-rows.js'
import { grown, IdTable } from './data/id-table.js'
import { chunkRows, watchingForCounters, type RowChunk, type RowStream, type Span } from './data/row-stream.js'
import { rowsAt } from './data/selected-rows.js'
import { spilled, SpilledRows } from './data/spilled.js'
import { InputError } from './errors.js'
import type { OnDuplicate } from './ids.js'
import { selectedNumbers, type RowSelection } from './rows.js'
import { closeAll } from './sources.js'
import { printable } from './terminal.js'

/** No row of this id; no row before. */
const NONE = -1

/** Rows so near to each other are read together; where one in so many is not, each takes a read of its own. */
const NEAR = 64
const SCATTERED = 16

/** Labels that are joined with rows. */
export interface LabelsWithIds {
  readonly path: string
  readonly labels: readonly string[]
  readonly ids: readonly string[]
}

/** How files are joined. */
export interface JoinOptions {
  readonly onDuplicate?: OnDuplicate | undefined
  /** Of the rows that are found in all files, in the order of the first. */
  readonly rows?: RowSelection | undefined
}

/** Rows that were found in all files, in the order of the first. */
export interface Joined {
  /** In the order of the files; they can be read in any order. */
  readonly streams: readonly RowStream[]
  readonly labels: readonly string[] | undefined
}

/**
 * Joins files on their ids. Each is read once for its ids, and rows that come once are put aside meanwhile; an id takes some 30 bytes, itself, and 8 a
 * file at most.
 *
 * @param streams - with ids; closed by closing what is returned
 * @throws InputError if an id comes twice in a file and nothing else was asked for, is missing, or no id is in all of them
 */
export async function joined(
  streams: readonly RowStream[],
  labels: LabelsWithIds | undefined,
  context: Context,
  { onDuplicate = 'error', rows }: JoinOptions,
): Promise<Joined> {
  const note = (text: string) => context.stderr.write(printable(`note: ${text}\n`))
  const table = new IdTable()
  const files: IdsOfFile[] = []
  const readable: RowStream[] = []
  try {
    for (const stream of streams) {
      const ids = new IdsOfFile(stream.path, table, onDuplicate)
      files.push(ids)
      readable.push(await scanned(stream, ids, context))
      ids.noteDuplicates(note)
    }
  } catch (error) {
    await closeAll(readable)
    throw error
  }
  if (labels !== undefined) {
    // Of labels there is no mean.
    const ids = new IdsOfFile(labels.path, table, onDuplicate === 'mean' ? 'error' : onDuplicate)
    for (const id of labels.ids) ids.add(id, undefined)
    files.push(ids)
    ids.noteDuplicates(note)
  }
  const found = sharedIds(files, table)
  for (const text of leftOut(files, table)) note(text)
  const chosen = selectedNumbers(rows, found.length, streams[0].path).map((i) => found[i])
  return {
    streams: readable.map((stream, f) => new JoinedRows(stream, files[f], chosen, table)),
    labels: labels && Array.from(chosen, (id) => labels.labels[files[streams.length].first(id)]),
  }
}

/** Reads a file for its ids. What it returns can be read at any row. */
async function scanned(stream: RowStream, ids: IdsOfFile, context: Context): Promise<RowStream> {
  const aside = stream.isForward ? new SpilledRows(stream) : undefined
  try {
    const chunks = stream.chunks({ from: 0, rows: chunkRows(stream.cols) })
    for await (const chunk of watchingForCounters(chunks, stream, context)) {
      context.signal.throwIfAborted()
      const { matrix, lines } = chunk
      for (let i = 0; i < matrix.rows; i++) ids.add(chunk.ids?.[i] ?? '', lines?.[i])
      await aside?.add({ matrix, lines })
    }
    if (aside !== undefined) return aside
    // Rows that lie here and there are read from where one takes microseconds.
    return ids.isScattered ? await spilled(stream, withoutIds(stream)) : stream
  } catch (error) {
    await aside?.close()
    throw error
  }
}

/** Rows whose ids are known already. */
async function* withoutIds(stream: RowStream): AsyncGenerator<RowChunk> {
  for await (const { matrix, lines } of stream.chunks({ from: 0, rows: chunkRows(stream.cols) }))
    yield { matrix, lines }
}

/** Which rows of a file have an id. */
class IdsOfFile {
  readonly path: string
  readonly #table: IdTable
  readonly #rule: OnDuplicate
  /** The first row of each id. */
  #rowOf = new Int32Array(0)
  /** By 'mean', the row of the same id before each row. */
  #before = new Int32Array(0)
  #last = new Int32Array(0)
  #rows = 0
  #previous = NONE
  #jumps = 0
  #duplicates = 0
  #distinct = 0
  #firstLine: number | undefined
  readonly examples: string[] = []

  constructor(path: string, table: IdTable, rule: OnDuplicate) {
    this.path = path
    this.#table = table
    this.#rule = rule
  }

  /** How many different ids it has. */
  get distinct(): number {
    return this.#distinct
  }

  /** The next row. @throws InputError if it has no id, or one that came before where that is an error */
  add(id: string, line: number | undefined): void {
    const row = this.#rows++
    this.#firstLine ??= line
    if (id === '') throw new InputError(`${this.path}: ${placed(row, line)} has no id`)
    const number = this.#table.number(id)
    if (number < this.#previous || number > this.#previous + NEAR) this.#jumps++
    this.#previous = number
    if (number >= this.#rowOf.length) {
      const known = this.#rowOf.length
      this.#rowOf = grown(this.#rowOf, number + 1).fill(NONE, known)
      if (this.#rule === 'mean') this.#last = grown(this.#last, number + 1).fill(NONE, known)
    }
    const first = this.#rowOf[number]
    if (first !== NONE && this.#rule === 'error') throw twice(this.path, id, [first, row], this.#firstLine, line)
    if (this.#rule === 'mean') {
      this.#before = grown(this.#before, row + 1)
      this.#before[row] = this.#last[number]
      this.#last[number] = row
    }
    if (first !== NONE) this.#duplicates++
    else {
      this.#rowOf[number] = row
      this.#distinct++
      if (this.examples.length < 2) this.examples.push(id)
    }
  }

  /** Whether rows come in quite another order than those of the files before. */
  get isScattered(): boolean {
    return this.#jumps > this.#rows / SCATTERED
  }

  /** Whether it has a row of an id. */
  has(number: number): boolean {
    return this.first(number) !== NONE
  }

  /** The first row of an id. */
  first(number: number): number {
    return number < this.#rowOf.length ? this.#rowOf[number] : NONE
  }

  /** All rows of an id that count, in their order. */
  all(number: number): number[] {
    if (this.#rule !== 'mean') return [this.first(number)]
    const rows: number[] = []
    for (let row = this.#last[number]; row !== NONE; row = this.#before[row]) rows.push(row)
    return rows.reverse()
  }

  get hasGroups(): boolean {
    return this.#rule === 'mean' && this.#duplicates > 0
  }

  noteDuplicates(note: (text: string) => void): void {
    if (this.#duplicates === 0) return
    const what = this.#rule === 'first' ? 'left out' : 'each id has the mean of its rows'
    note(`${this.#duplicates} rows of ${this.path} have an id that came before: ${what}`)
  }
}

const placed = (row: number, line: number | undefined): string => (line === undefined ? `row ${row}` : `line ${line}`)

/** Lines are as far apart as rows are, unless a cell has several: then rows are named. */
function twice(
  path: string,
  id: string,
  rows: readonly [number, number],
  firstLine: number | undefined,
  line: number | undefined,
): InputError {
  const hasLines = firstLine !== undefined && line === firstLine + rows[1]
  const [one, other] = rows.map((row) => placed(row, hasLines ? firstLine + row : undefined))
  return new InputError(
    `${path}: id '${id}' stands in ${one} and in ${other}: --on-duplicate first or mean says which counts`,
  )
}

/** The ids that all files have, in the order of the first: it was read first, so that their numbers ascend. @throws InputError if there are none */
function sharedIds(files: readonly IdsOfFile[], table: IdTable): Uint32Array {
  const found = new Uint32Array(files[0].distinct)
  let count = 0
  for (let number = 0; number < table.size; number++) {
    if (files.every((file) => file.has(number))) found[count++] = number
  }
  if (count > 0) return found.slice(0, count)
  const shown = files.map(({ path, examples }) => `${path} has '${examples.join("', '")}'`)
  throw new InputError(`no id is in all files (they are compared as text): ${shown.join(', ')}`)
}

/** What is left out of each file, and why. */
function leftOut(files: readonly IdsOfFile[], table: IdTable): string[] {
  const missing = files.map(() => files.map(() => 0))
  for (let number = 0; number < table.size; number++) {
    const where = files.findIndex((file) => !file.has(number))
    if (where < 0) continue
    for (const [f, file] of files.entries()) if (file.has(number)) missing[f][where]++
  }
  return files.flatMap(({ path, distinct }, f) => {
    const total = missing[f].reduce((sum, count) => sum + count, 0)
    if (total === 0) return []
    const why = missing[f].flatMap((count, other) => (count > 0 ? [`${count} not in ${files[other].path}`] : []))
    return [`${total} of ${distinct} rows of ${path} are left out: ${why.join(', ')}`]
  })
}

/** The rows of one of several files that were joined. */
class JoinedRows extends DerivedRows {
  readonly #file: IdsOfFile
  readonly #chosen: Uint32Array
  readonly #table: IdTable

  constructor(source: RowStream, file: IdsOfFile, chosen: Uint32Array, table: IdTable) {
    super(source)
    this.#file = file
    this.#chosen = chosen
    this.#table = table
  }

  override get rows(): number {
    return this.#chosen.length
  }

  override get isForward(): boolean {
    return false
  }

  override async *chunks({ from, to = this.rows, rows }: Span): AsyncGenerator<RowChunk> {
    for (let start = from; start < to; start += rows) {
      const chosen = this.#chosen.subarray(start, Math.min(start + rows, to))
      const ids = Array.from(chosen, (number) => this.#table.at(number))
      const { matrix, lines } = await (this.#file.hasGroups ? this.#means(chosen) : rowsAt(this.source, chosen.map((number) => this.#file.first(number)))) // prettier-ignore
      yield { matrix, ids, lines }
    }
  }

  /** The mean of the rows of each id, in the precision of the rows; divided before it is summed, so that nothing overflows. */
  async #means(chosen: Uint32Array): Promise<RowChunk> {
    const groups = Array.from(chosen, (number) => this.#file.all(number))
    const { matrix, lines } = await rowsAt(this.source, groups.flat())
    const { cols, data } = matrix
    const length = groups.length * cols
    const means = isFloat32(data) ? new Float32Array(length) : new Float64Array(length)
    const firsts: number[] = []
    let at = 0
    for (const [i, { length: count }] of groups.entries()) {
      if (lines !== undefined) firsts.push(lines[at])
      for (const end = at + count; at < end; at++) {
        for (let j = 0; j < cols; j++) means[i * cols + j] += data[at * cols + j] / count
      }
    }
    return { matrix: new Matrix(groups.length, cols, means), lines: lines && firsts }
  }
}

/** Rows with ids of which none may come twice, in the order in which they come. */
export class DistinctRows extends DerivedRows {
  readonly #table = new IdTable()
  #rowOf = new Int32Array(0)
  #firstLine: number | undefined

  override async *chunks(span: Span): AsyncGenerator<RowChunk> {
    let row = span.from
    for await (const chunk of this.source.chunks(span)) {
      for (let i = 0; i < chunk.matrix.rows; i++, row++) this.#check(chunk.ids?.[i] ?? '', row, chunk.lines?.[i])
      yield chunk
    }
  }

  /** @throws InputError if a row has no id, or that of another row */
  #check(id: string, row: number, line: number | undefined): void {
    if (id === '') throw new InputError(`${this.path}: ${placed(row, line)} has no id`)
    if (line !== undefined) this.#firstLine ??= line - row
    const known = this.#table.size
    const number = this.#table.number(id)
    if (number === known) {
      this.#rowOf = grown(this.#rowOf, number + 1)
      this.#rowOf[number] = row
    } else if (this.#rowOf[number] !== row) {
      throw twice(this.path, id, [this.#rowOf[number], row], this.#firstLine, line)
    }
  }
}
