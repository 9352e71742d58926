import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { dot } from '../dense/arithmetic.js'
import { Matrix } from '../matrix.js'
import { SCORES, type ScoreMetric } from '../score-rows.js'
import { nearestAsync } from '../search/index.js'
import type { AsyncOptions } from '../steps.js'
import type { RowChunk } from './data/row-stream.js'

/** What near means. */
export const NEAR_METRICS = ['cosine', 'dot', 'euclidean', 'likelihood', 'normalised'] as const

/** One of {@link NEAR_METRICS}. */
export type NearMetric = (typeof NEAR_METRICS)[number]

/** Scores that a model knows more for than latents tell. */
export type RhoMetric = Exclude<ScoreMetric, 'cosine'>

/** Whether it is one of those. */
export const needsRho = (metric: NearMetric): metric is RhoMetric => metric !== 'cosine' && (SCORES as readonly string[]).includes(metric) // prettier-ignore

/** Queries, as they are compared. */
export interface Queries {
  readonly rows: Matrix
  /** What each score has beside half of minus the squared distance; undefined where distances or products are what is sought. */
  readonly offsets: Float64Array | undefined
  readonly ids: readonly string[] | undefined
}

/** How a side becomes rows that are compared. */
export interface Side {
  readonly model: LinearAlignment | undefined
  readonly modality: number
  readonly partner: number
  readonly metric: NearMetric
  /** Whether the rows of both sides are float32: then they are compared so. */
  readonly isSingle: boolean
}

/** Rows of the gallery, as they are compared. */
export async function galleryRows(x: Matrix, side: Side, options: AsyncOptions): Promise<Matrix> {
  const { model, modality, partner, metric } = side
  if (model === undefined) return x
  if (!needsRho(metric)) return stored(await model.transformAsync(x, modality, options), side)
  return (await model.transformAsync(x, modality, { ...options, role: 'gallery', metric, partner })).rows
}

/** Queries, as they are compared. Of a score that is (|q|^2 - d^2) / 2 and a bias, with d the distance of rows in their roles. */
export async function queryRows({ matrix, ids }: RowChunk, side: Side, options: AsyncOptions): Promise<Queries> {
  const { model, modality, partner, metric } = side
  if (model === undefined || !needsRho(metric)) {
    const rows = model === undefined ? matrix : stored(await model.transformAsync(matrix, modality, options), side)
    return { rows, offsets: undefined, ids }
  }
  const { rows, bias } = await model.transformAsync(matrix, modality, { ...options, role: 'query', metric, partner })
  const offsets = bias.map((b, i) => b + dot(rows.row(i), rows.row(i)) / 2)
  return { rows, offsets, ids }
}

/** Float32 where both sides had it. */
function stored({ rows, cols, data }: Matrix, { isSingle }: Side): Matrix {
  return new Matrix(rows, cols, isSingle ? Float32Array.from(data) : data)
}

/** What was found for some queries, the best first. */
export interface Found {
  /** How many neighbours each query has. */
  readonly k: number
  /** n x k rows of the gallery, and their ids if it has any. */
  readonly rows: Float64Array
  readonly ids: readonly string[] | undefined
  /** n x k scores, or distances. */
  readonly values: Float64Array
}

const NONE = -1

/** The k nearest rows of a gallery that comes in pieces, for each of some queries. Of equals the row that came first is first. */
export class Neighbours {
  readonly #queries: Queries
  readonly #k: number
  readonly #metric: NearMetric
  /** n x k; higher is nearer. */
  readonly #keys: Float64Array
  readonly #rows: Float64Array
  readonly #ids: string[] = []
  #seen = 0

  constructor(queries: Queries, k: number, metric: NearMetric) {
    const { rows } = queries.rows
    this.#queries = queries
    this.#k = k
    this.#metric = metric
    this.#keys = new Float64Array(rows * k).fill(-Infinity)
    this.#rows = new Float64Array(rows * k).fill(NONE)
  }

  /** Rows of the gallery that there were. */
  get seen(): number {
    return this.#seen
  }

  /** Compares all queries with the next rows of the gallery. */
  async add(gallery: Matrix, ids: readonly string[] | undefined, options: AsyncOptions): Promise<void> {
    const metric = needsRho(this.#metric) ? 'euclidean' : this.#metric
    const { rows } = this.#queries
    if (gallery.rows === 0) return
    if (rows.rows > 0) {
      const found = await nearestAsync(rows, gallery, this.#k, { ...options, metric })
      const keys = found.distances?.map((d) => -d) ?? (found.scores as Float64Array)
      for (let i = 0; i < rows.rows; i++) this.#merge(i, keys, found.indices, found.k, ids)
    }
    this.#seen += gallery.rows
  }

  /** What was found among all that there were. */
  found(): Found {
    const k = Math.min(this.#k, this.#seen)
    const n = this.#queries.rows.rows
    const of = (all: Float64Array) =>
      Float64Array.from({ length: n * k }, (_, at) => all[Math.floor(at / k) * this.#k + (at % k)])
    const ids = this.#ids.length > 0 ? Array.from({ length: n * k }, (_, at) => this.#ids[Math.floor(at / k) * this.#k + (at % k)]) : undefined // prettier-ignore
    return { k, rows: of(this.#rows), ids, values: of(this.#keys).map((key, at) => this.#value(key, Math.floor(at / k))) } // prettier-ignore
  }

  #value(key: number, query: number): number {
    const { offsets } = this.#queries
    if (offsets !== undefined) return offsets[query] - key ** 2 / 2
    return this.#metric === 'euclidean' ? -key : key
  }

  /** Brings the best of the next rows in among those that there are: both are in order. */
  #merge(
    query: number,
    keys: Float64Array,
    indices: Int32Array,
    count: number,
    ids: readonly string[] | undefined,
  ): void {
    const k = this.#k
    const start = query * k
    const [oldKeys, oldRows] = [this.#keys.slice(start, start + k), this.#rows.slice(start, start + k)]
    const oldIds = ids && this.#ids.slice(start, start + k)
    let [from, old] = [query * count, 0]
    const last = from + count
    for (let at = start; at < start + k; at++) {
      const isOld = oldRows[old] !== NONE && (from === last || oldKeys[old] >= keys[from])
      if (!isOld && from === last) return
      this.#keys[at] = isOld ? oldKeys[old] : keys[from]
      this.#rows[at] = isOld ? oldRows[old] : this.#seen + indices[from]
      if (ids !== undefined && oldIds !== undefined) this.#ids[at] = isOld ? oldIds[old] : ids[indices[from]]
      if (isOld) old++
      else from++
    }
  }
}
