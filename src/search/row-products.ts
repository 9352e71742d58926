import type { Matrix, MatrixData } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Progress } from '../steps.js'
import { allocateColumns, type Columns } from '../runtime/marshal.js'

/** Rows to be multiplied, and what is done to each once it is in WebAssembly memory. */
export interface Operand {
  readonly matrix: Matrix
  readonly prepare: (engine: Engine, pointer: number, row: number) => void
}

/** Inner products of some queries with some gallery rows: that of query q and row j of the block is products[q stride + j]. */
export interface ProductBlock {
  readonly firstQuery: number
  readonly queries: number
  readonly firstRow: number
  readonly rows: number
  /** A view of WebAssembly memory, void when the next block comes. */
  readonly products: MatrixData
  readonly stride: number
}

/** Entries of gallery that are in WebAssembly memory at a time; a block of 1024 rows of 512 is as fast as any larger one (measured). */
const GALLERY_ENTRIES = 2 ** 19
const GALLERY_ROWS = [64, 1024] as const
/** Operations of one product of float64: 3 to 6 ms. Of float32 more, since it takes as long to get ready for any number of queries. */
const PRODUCT_FLOPS = 2 ** 26
const QUERY_ROWS = [16, 512] as const

const clamp = (x: number, [low, high]: readonly [number, number]): number =>
  Math.min(high, Math.max(low, Math.floor(x)))

/** What is to be multiplied: all by blocks; blocks with a pair of a query before a row, for rows with themselves; or each query with all rows at once. */
export type Extent = 'all' | 'half' | 'rows'

/**
 * All inner products between the rows of Q and of G, block by block; every block of the gallery meets all queries before the next one is
 * read, so the gallery is copied once, and its rows come in order. WebAssembly memory: 9 MiB, whatever the number of rows, up to rows of
 * 8192; 144 d doubles beyond; half of it in float32. For 'rows' the gallery and 16 (p + d) doubles more.
 */
export function* productBlocks(
  engine: Engine,
  Q: Operand,
  G: Operand,
  extent: Extent = 'all',
): Generator<ProductBlock, void, undefined> {
  if (Q.matrix.rows === 0) return
  const d = G.matrix.cols
  const rows = Math.min(G.matrix.rows, extent === 'rows' ? Infinity : clamp(GALLERY_ENTRIES / d, GALLERY_ROWS))
  const flops = (8 / engine.elementBytes) ** 2 * PRODUCT_FLOPS
  const queries = Math.min(Q.matrix.rows, clamp(flops / (2 * rows * d), QUERY_ROWS))
  yield* engine.scopeSteps(() => blocks(engine, Q, G, queries, rows, extent === 'half'))
}

function* blocks(
  engine: Engine,
  Q: Operand,
  G: Operand,
  queries: number,
  rows: number,
  isHalf: boolean,
): Generator<ProductBlock, void, undefined> {
  const { kernels } = engine
  const d = G.matrix.cols
  const q = allocateColumns(engine, d, queries)
  const g = allocateColumns(engine, d, rows)
  const c = allocateColumns(engine, rows, queries)
  const work = engine.allocate(kernels.xgemmWorkspace(rows, queries, d) >>> 0)
  for (let firstRow = 0; firstRow < G.matrix.rows; firstRow += rows) {
    const rowCount = load(engine, G, firstRow, g)
    const end = isHalf ? Math.min(Q.matrix.rows, firstRow + rows) : Q.matrix.rows
    for (let firstQuery = 0; firstQuery < end; firstQuery += queries) {
      const count = load(engine, Q, firstQuery, q)
      // In memory, q and g are columns: the product wanted is g^T q.
      kernels.xgemm(
        rowCount, count, d, 1, g.pointer, g.stride, 1, q.pointer, 1, q.stride, 0, c.pointer, c.stride, work,
      ) // prettier-ignore
      const products = engine.elements(c.pointer, c.stride * count)
      yield { firstQuery, queries: count, firstRow, rows: rowCount, products, stride: c.stride }
    }
  }
}

/** How far {@link productBlocks} has come with this block. */
export function progressOf(block: ProductBlock, Q: Operand, G: Operand, phase = 'search'): Progress {
  const n = Q.matrix.rows
  const done = block.firstRow * n + block.rows * (block.firstQuery + block.queries)
  return { phase, done, total: n * G.matrix.rows }
}

/** Copies rows from `first` on, as many as there are columns for, and prepares them. Returns their number. */
function load(engine: Engine, { matrix: { data, rows, cols }, prepare }: Operand, first: number, to: Columns): number {
  const count = Math.min(to.cols, rows - first)
  const view = engine.elements(to.pointer, to.stride * count)
  for (let i = 0; i < count; i++) view.set(data.subarray((first + i) * cols, (first + i + 1) * cols), i * to.stride)
  for (let i = 0; i < count; i++) prepare(engine, to.pointer + engine.elementBytes * i * to.stride, first + i)
  return count
}
