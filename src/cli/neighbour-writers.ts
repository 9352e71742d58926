import { writeElements } from '../io/elements.js'
import { npyHeaderBytes } from '../io/npy-header.js'
import { significant, table } from '../text-table.js'
import { csvCell } from './csv-cell.js'
import type { Decimal } from './data/reading.js'
import type { Sink } from './data/row-writer.js'
import type { Found } from './neighbours.js'
import { jsonText, printable } from './terminal.js'

/** What was found for queries that follow those before. */
export interface FoundBlock {
  /** The number of the first query. */
  readonly first: number
  readonly count: number
  readonly queryIds: readonly string[] | undefined
  readonly found: Found
}

/** What the numbers are called. */
export interface NeighbourNames {
  /** Of the gallery's rows: 'id', or 'row' where they have none. */
  readonly item: 'id' | 'row'
  readonly value: 'score' | 'distance'
}

/** What is said of all of them. */
export interface Summary {
  readonly metric: string
  readonly k: number
  readonly queries: number
  readonly gallery: number
}

/** Writes neighbours as they are found. */
export interface NeighbourWriter {
  add(block: FoundBlock): Promise<void>
  end(summary: Summary): Promise<void>
}

const encoder = new TextEncoder()
const LINES = 4096

const queryOf = ({ first, queryIds }: FoundBlock, i: number): string | number => queryIds?.[i] ?? first + i
const itemOf = ({ ids, rows }: Found, at: number): string | number => ids?.[at] ?? rows[at]

/** Each query and neighbour: what they are called, the rank from 1 on, and how near. */
function* pairs(block: FoundBlock): Generator<[string | number, number, string | number, number]> {
  const { found, count } = block
  for (let i = 0; i < count; i++) {
    for (let l = 0; l < found.k; l++) {
      const at = i * found.k + l
      yield [queryOf(block, i), l + 1, itemOf(found, at), found.values[at]]
    }
  }
}

/** Lines put together before they are written. */
async function writeLines(sink: Sink, lines: Iterable<string>): Promise<void> {
  let some: string[] = []
  const flush = async () => {
    await sink.write(encoder.encode(some.join('')))
    some = []
  }
  for (const line of lines) if (some.push(line) === LINES) await flush()
  if (some.length > 0) await flush()
}

/** A table for readers. */
export function tableWriter(
  sink: Sink,
  { item, value }: NeighbourNames,
  bold: (text: string) => string,
): NeighbourWriter {
  let isFirst = true
  return {
    async add(block) {
      const rows = Array.from(pairs(block), ([query, rank, id, x]) => [
        printable(String(query)),
        String(rank),
        printable(String(id)),
        significant(x),
      ])
      const [heading, ...lines] = table([['query', 'rank', item, value], ...rows])
      await writeLines(
        sink,
        [...(isFirst ? [bold(heading)] : []), ...lines].map((line) => `${line}\n`),
      )
      isFirst = false
    },
    end: () => Promise.resolve(),
  }
}

/** One line a neighbour. */
export function csvNeighbours(
  sink: Sink,
  { item, value }: NeighbourNames,
  delimiter: string,
  decimal: Decimal,
): NeighbourWriter {
  let isFirst = true
  const cell = (x: string | number) => typeof x === 'string' ? csvCell(x, delimiter) : String(x).replace('.', decimal) // prettier-ignore
  const line = (cells: readonly (string | number)[]) => `${cells.map(cell).join(delimiter)}\n`
  const head = () => {
    const names = isFirst ? [line(['query', 'rank', item, value])] : []
    isFirst = false
    return names
  }
  return {
    add: (block) => writeLines(sink, lines(head(), block)),
    end: () => writeLines(sink, head()),
  }
  function* lines(names: readonly string[], block: FoundBlock): Generator<string> {
    yield* names
    for (const cells of pairs(block)) yield line(cells)
  }
}

/** A query with its neighbours, for a program. */
function recordOf(block: FoundBlock, i: number, { item, value }: NeighbourNames): object {
  const { found } = block
  const span = [i * found.k, (i + 1) * found.k] as const
  return {
    query: queryOf(block, i),
    [`${item}s`]: found.ids?.slice(...span) ?? Array.from(found.rows.subarray(...span)),
    [`${value}s`]: Array.from(found.values.subarray(...span)),
  }
}

/** One object a query and line. */
export function jsonlNeighbours(sink: Sink, names: NeighbourNames): NeighbourWriter {
  function* lines(block: FoundBlock): Generator<string> {
    for (let i = 0; i < block.count; i++) yield `${jsonText(recordOf(block, i, names))}\n`
  }
  return { add: (block) => writeLines(sink, lines(block)), end: () => Promise.resolve() }
}

/** One object of all. */
export function jsonNeighbours(sink: Sink, names: NeighbourNames): NeighbourWriter {
  let before = '{\n  "results": ['
  function* lines(block: FoundBlock): Generator<string> {
    for (let i = 0; i < block.count; i++) {
      yield `${before}\n    ${jsonText(recordOf(block, i, names))}`
      before = ','
    }
  }
  return {
    add: (block) => writeLines(sink, lines(block)),
    async end(summary) {
      const fields = Object.entries(summary).map(([key, x]) => `,\n  "${key}": ${JSON.stringify(x)}`)
      await writeLines(sink, [`${before === ',' ? '' : before}\n  ]${fields.join('')}\n}\n`])
    },
  }
}

/** Arrays, queries x k: they are written at the end, and wait in memory until then. */
export async function npzNeighbours(sink: Sink, { item, value }: NeighbourNames): Promise<NeighbourWriter> {
  const [{ ZipWriter }, { writeTexts }] = await Promise.all([import('./data/zip.js'), import('./data/npz.js')])
  const blocks: FoundBlock[] = []
  return {
    add: (block) => Promise.resolve(void blocks.push(block)),
    async end({ k, queries }) {
      const zip = new ZipWriter(sink)
      const array = async (name: string, write: () => Promise<void>) => {
        await zip.begin(`${name}.npy`)
        await write()
        await zip.finish()
      }
      if (blocks.some(({ queryIds }) => queryIds !== undefined)) {
        const texts = blocks.flatMap(({ queryIds }) => queryIds ?? [])
        await array('queries', () => writeTexts(zip, texts, [queries]))
      }
      await array(`${item}s`, async () => {
        if (item === 'id') return writeTexts(zip, blocks.flatMap(({ found }) => found.ids ?? []), [queries, k]) // prettier-ignore
        await zip.write(npyHeaderBytes('i8', [queries, k]))
        for (const { found } of blocks) await zip.write(new Uint8Array(BigInt64Array.from(found.rows, BigInt).buffer))
      })
      await array(`${value}s`, async () => {
        await zip.write(npyHeaderBytes('f8', [queries, k]))
        for (const { found } of blocks) {
          const bytes = new Uint8Array(found.values.byteLength)
          writeElements(found.values, 'f64', bytes)
          await zip.write(bytes)
        }
      })
      await zip.end()
    },
  }
}
