import { norm } from '../../dense/norms.js'
import { Matrix } from '../../matrix.js'
import { overlapSteps } from '../../metrics/neighbour-overlap.js'
import { runAsync, type CancelSignal } from '../../steps.js'
import { heldRetention, type HeldRetention } from '../retention.js'
import { mappedVectors } from './mapped-pages.js'
import { checkWidths } from './migrate.js'
import type { StoreMigration, VectorRows, VectorSource } from './vector-store.js'

/** Options of {@link verifyStore}. */
export interface VerifyStoreOptions {
  /** Rows that are looked at; default 500. */
  readonly sample?: number | undefined
  /** Neighbours that are compared; default 10. */
  readonly k?: number | undefined
  /** Vectors that the new model itself gave, of some of the rows: what the stored ones are measured by. */
  readonly truth?: VectorSource | undefined
  readonly signal?: CancelSignal | undefined
}

/** Least, mean and largest. */
export interface Extent {
  readonly least: number
  readonly mean: number
  readonly most: number
}

/** A share of neighbours that are found again, among so many rows. */
export interface KeptNeighbours {
  readonly share: number
  readonly k: number
  readonly rows: number
}

/** What {@link verifyStore} found. */
export interface StoreVerification {
  /** Whether nothing is missing or different. */
  readonly ok: boolean
  /** Rows that have a vector. */
  readonly rows: { readonly source: number; readonly target: number }
  /** Rows looked at. */
  readonly sampled: number
  /** Those of them without a new vector. */
  readonly missing: readonly string[]
  /** Those of them whose new vector is not the map of their old one: the old one changed since, or somebody wrote the new one. */
  readonly different: readonly string[]
  /** The largest |stored - mapped| / |mapped| of the others: what the type of the store rounds off. */
  readonly largestError: number
  /** Lengths of the stored vectors, and of those that the map gives. */
  readonly norms: { readonly stored: Extent; readonly mapped: Extent }
  /** Neighbours of the mapped rows that the stored ones keep: what rounding costs; undefined if too few rows are there. */
  readonly kept: KeptNeighbours | undefined
  /** Of the neighbours among vectors of the new model, the share that its queries find among what is stored; undefined without such vectors. */
  readonly retention: HeldRetention | undefined
}

// Beyond what another order of summation in float32 does, and below what half precision rounds off.
const SAME_SINGLE = 1e-5
const SAME_HALF = 2 ** -9
const SAMPLE = 500
const NEIGHBOURS = 10

/**
 * Compares what a store holds with what it should: how many rows there are, and of a sample whether the new vector is the map of the old one, how long
 * both are, and which neighbours are found.
 *
 * O(sample^2 dimensions) time.
 *
 * @throws RangeError if the widths of source, map and target do not fit
 */
export async function verifyStore(
  migration: Omit<StoreMigration, 'ledger'>,
  options: VerifyStoreOptions = {},
): Promise<StoreVerification> {
  const { map, source, target } = migration
  const { sample = SAMPLE, k = NEIGHBOURS, truth, signal } = options
  checkWidths(migration)
  const rows = { source: await source.count(), target: await target.count() }
  const old = await source.sample(sample)
  const stored = byId(await target.fetch(old.ids), map.to)
  const mapped = byId({ ids: old.ids, vectors: await mappedVectors(map, source, old, signal) }, map.to)
  const missing = old.ids.filter((id) => !stored.has(id))
  const present = old.ids.filter((id) => stored.has(id))
  const errors = present.map((id) => errorOf(vectorOf(stored, id), vectorOf(mapped, id)))
  const same = target.precision === 'f16' ? SAME_HALF : SAME_SINGLE
  const different = present.filter((_, i) => errors[i] > same)
  return {
    ok: rows.source === rows.target && missing.length === 0 && different.length === 0,
    rows,
    sampled: old.ids.length,
    missing,
    different,
    largestError: Math.max(0, ...errors.filter((error) => error <= same)),
    norms: { stored: extentOf(stored, present), mapped: extentOf(mapped, old.ids) },
    kept: await keptNeighbours(mapped, stored, present, k, map.to, signal),
    retention: truth && (await retentionOf(migration, truth, sample, signal)),
  }
}

async function retentionOf(
  { map, target }: Omit<StoreMigration, 'ledger'>,
  truth: VectorSource,
  sample: number,
  signal: CancelSignal | undefined,
): Promise<HeldRetention | undefined> {
  if (map.queries === undefined && truth.dimensions !== map.to) {
    throw new RangeError(`${truth.name} has vectors of ${truth.dimensions} numbers, the map gives ${map.to}`)
  }
  const rows = await truth.sample(sample)
  const renewed = byId(rows, truth.dimensions)
  const stored = byId(await target.fetch(rows.ids), map.to)
  const present = rows.ids.filter((id) => stored.has(id))
  if (present.length < 2) return undefined
  const truths = matrixOf(renewed, present, truth.dimensions)
  const queries = (await map.queries?.(truths, { signal })) ?? truths
  return heldRetention(truths, queries, matrixOf(stored, present, map.to))
}

type ById = ReadonlyMap<string, Float32Array>

const byId = ({ ids, vectors }: VectorRows, width: number): ById =>
  new Map(ids.map((id, i) => [id, vectors.subarray(i * width, (i + 1) * width)]))

/** Of ids that are there. */
const vectorOf = (vectors: ById, id: string): Float32Array => vectors.get(id) ?? new Float32Array(0)

const errorOf = (stored: Float32Array, mapped: Float32Array): number => {
  const length = norm(mapped)
  const distance = norm(Float64Array.from(stored, (x, j) => x - mapped[j]))
  return distance === 0 ? 0 : distance / length
}

function extentOf(vectors: ById, ids: readonly string[]): Extent {
  const lengths = ids.map((id) => norm(vectorOf(vectors, id)))
  if (lengths.length === 0) return { least: 0, mean: 0, most: 0 }
  const sum = lengths.reduce((total, length) => total + length, 0)
  return { least: Math.min(...lengths), mean: sum / lengths.length, most: Math.max(...lengths) }
}

async function keptNeighbours(
  truth: ById,
  found: ById,
  ids: readonly string[],
  k: number,
  width: number,
  signal: CancelSignal | undefined,
): Promise<KeptNeighbours | undefined> {
  if (ids.length <= k) return undefined
  const steps = overlapSteps(matrixOf(truth, ids, width), matrixOf(found, ids, width), k, {
    metric: 'cosine',
    neighbours: NEIGHBOURS,
  })
  return { share: await runAsync(steps, { signal }), k, rows: ids.length }
}

function matrixOf(vectors: ById, ids: readonly string[], width: number): Matrix {
  const out = new Float32Array(ids.length * width)
  ids.forEach((id, i) => {
    out.set(vectorOf(vectors, id), i * width)
  })
  return new Matrix(ids.length, width, out)
}
