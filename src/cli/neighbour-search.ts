import { Matrix } from '../matrix.js'
import type { AsyncOptions, Progress } from '../steps.js'
import type { Context } from './context.js'
import { DerivedRows } from './data/derived-rows.js'
import { chunkRows, finiteChunks, watchingForCounters, type RowChunk, type RowStream } from './data/row-stream.js'
import { selectedChunks, selectedCount } from './data/selected-rows.js'
import { SpilledRows } from './data/spilled.js'
import { InputError } from './errors.js'
import { asked } from './model.js'
import { galleryRows, needsRho, Neighbours, queryRows, type Side } from './neighbours.js'
import type { NeighbourWriter, Summary } from './neighbour-writers.js'
import type { RowSelection } from './rows.js'
import { progressBar } from './terminal.js'

/** What is sought, and among what. */
export interface Search {
  readonly queries: RowStream
  readonly gallery: RowStream
  readonly k: number
  readonly rows: RowSelection | undefined
  readonly galleryRows: RowSelection | undefined
  readonly from: Side
  readonly to: Side
}

// Of queries, with what is found for each, at a time, twice: the gallery is read once for all of them.
const QUERY_BYTES = 2 ** 25
const QUERY_ROWS = [16, 2 ** 15] as const

const widthOf = (stream: RowStream, { model, modality }: Side): number => model === undefined ? stream.cols : model.maps[modality].rows // prettier-ignore

/**
 * Seeks, and writes what is found, some queries at a time.
 *
 * @param writerFor - told whether rows of the gallery have ids
 * @throws InputError if the gallery has no rows, or the model does not have what the metric needs
 */
export async function seek(
  search: Search,
  writerFor: (hasIds: boolean) => NeighbourWriter | Promise<NeighbourWriter>,
  context: Context,
): Promise<Summary> {
  const { queries, k, from, rows } = search
  const width = Math.max(queries.cols, widthOf(queries, from))
  const [least, most] = QUERY_ROWS
  const atATime = Math.max(least, Math.min(most, Math.floor(QUERY_BYTES / (8 * (width + 3 * k)))))
  const total = selectedCount(queries, rows)
  const gallery = new Gallery(search, total === undefined ? undefined : Math.ceil(total / atATime), context)
  const chunks = watchingForCounters(selectedChunks(queries, rows, atATime), queries, context)
  const blocks = finiteChunks(chunks, queries, rows)
  let writer: NeighbourWriter | undefined
  let count = 0
  try {
    // One ahead: for the last the gallery need not be kept.
    for (let next = await blocks.next(), isFirst = true; isFirst || next.done !== true; isFirst = false) {
      const block = next.done === true ? { matrix: new Matrix(0, queries.cols) } : next.value
      if (next.done !== true) next = await blocks.next()
      const sought = await asked(() => queryRows(block, from, { copy: false, signal: context.signal }))
      const best = new Neighbours(sought, k, from.metric)
      await gallery.pass(best, next.done === true)
      writer ??= await writerFor(gallery.hasIds)
      await writer.add({ first: count, count: sought.rows.rows, queryIds: sought.ids, found: best.found() })
      count += sought.rows.rows
    }
    const summary = { metric: from.metric, k: Math.min(k, gallery.rows), queries: count, gallery: gallery.rows }
    await writer?.end(summary)
    return summary
  } finally {
    await gallery.close()
  }
}

/** Rows of a stream with other columns, those of their latents. */
class Latents extends DerivedRows {
  readonly #cols: number
  readonly #isSingle: boolean

  constructor(source: RowStream, cols: number, isSingle: boolean) {
    super(source)
    this.#cols = cols
    this.#isSingle = isSingle
  }

  override get cols(): number {
    return this.#cols
  }

  override get precision(): 'f32' | 'f64' {
    return this.#isSingle ? 'f32' : 'f64'
  }
}

/** What is searched, once for each block of queries. */
class Gallery {
  readonly #search: Search
  readonly #context: Context
  readonly #passes: number | undefined
  readonly #bar: ReturnType<typeof progressBar>
  /** Rows that cost something to come by again, as they are compared. */
  #aside: SpilledRows | undefined
  #isAside = false
  #pass = 0
  rows = 0
  hasIds = false

  /** @param passes - how many there will be, if that is known */
  constructor(search: Search, passes: number | undefined, context: Context) {
    this.#search = search
    this.#passes = passes
    this.#context = context
    this.#bar = progressBar(context)
  }

  /** Compares all rows with a block of queries. */
  async pass(best: Neighbours, isLast: boolean): Promise<void> {
    if (this.#isAside && this.#aside !== undefined) {
      const { cols } = this.#aside
      for await (const { matrix, ids } of this.#aside.chunks({ from: 0, rows: chunkRows(cols) })) {
        await best.add(matrix, ids, this.#options(best, matrix.rows))
      }
    } else {
      for await (const chunk of this.#rows(isLast)) {
        this.hasIds ||= chunk.ids !== undefined
        await best.add(chunk.matrix, chunk.ids, this.#options(best, chunk.matrix.rows))
      }
      this.#isAside = this.#aside !== undefined
    }
    this.#pass++
    this.rows = best.seen
    this.#bar.clear()
    if (this.rows === 0) throw new InputError(`${this.#search.gallery.path} has no rows: there is nothing to find`)
  }

  async close(): Promise<void> {
    this.#bar.clear()
    await this.#aside?.close()
  }

  /** Rows as they are compared; they are put aside on the way if there will be another pass, and reading and mapping them takes longer. */
  async *#rows(isLast: boolean): AsyncGenerator<RowChunk> {
    const { gallery, galleryRows: selection, to } = this.#search
    const isKept = !isLast && (to.model !== undefined || gallery.isForward)
    const cols = widthOf(gallery, to)
    const isSingle = to.model === undefined ? gallery.precision === 'f32' : to.isSingle && !needsRho(to.metric)
    if (isKept) this.#aside = new SpilledRows(new Latents(gallery, cols, isSingle))
    const selected = selectedChunks(gallery, selection, chunkRows(Math.max(cols, gallery.cols)))
    const watched = this.#pass === 0 ? watchingForCounters(selected, gallery, this.#context) : selected
    for await (const { matrix, ids } of finiteChunks(watched, gallery, selection)) {
      const rows = await asked(() => galleryRows(matrix, to, { copy: false, signal: this.#context.signal }))
      const chunk = { matrix: rows, ids }
      await this.#aside?.add(chunk)
      yield chunk
    }
  }

  /** Options of a comparison of the next rows with all queries. */
  #options(best: Neighbours, rows: number): AsyncOptions {
    const total = selectedCount(this.#search.gallery, this.#search.galleryRows)
    const passes = this.#passes
    const done = this.#pass * (total ?? 0) + best.seen
    const report = (progress: Progress) => {
      if (total === undefined || passes === undefined) return
      this.#bar.report({ phase: 'search', done: done + (rows * progress.done) / progress.total, total: total * passes })
    }
    return { copy: false, signal: this.#context.signal, onProgress: report }
  }
}
