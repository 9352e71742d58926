import { Matrix } from '../../matrix.js'
import type { CancelSignal } from '../../steps.js'
import { isFloat32 } from '../../typed-arrays.js'
import { allFinite } from '../../validation.js'
import type { PageSpan, StoreMigration, VectorCollection, VectorMap, VectorPage, VectorRows } from './vector-store.js'

/** Pages with the new vectors. The next is read while one is mapped. */
export async function* mappedPages(
  { map, source }: Pick<StoreMigration, 'map' | 'source'>,
  span: PageSpan,
  signal: CancelSignal | undefined,
): AsyncGenerator<VectorPage> {
  const pages = source.pages(span)[Symbol.asyncIterator]()
  try {
    let next = pages.next()
    for (;;) {
      const step = await next
      signal?.throwIfAborted()
      if (step.done === true) return
      next = pages.next()
      // It is waited for after this page.
      next.catch(() => undefined)
      yield { ...step.value, vectors: await mappedVectors(map, source, step.value, signal) }
    }
  } finally {
    await pages.return?.()
  }
}

/** New vectors of the rows that the target lacks. */
export async function* lackingRows(
  { map, source, target }: StoreMigration,
  limit: number,
  signal: CancelSignal | undefined,
): AsyncGenerator<VectorRows> {
  for await (const page of source.pages({ limit })) {
    signal?.throwIfAborted()
    const held = new Set((await target.fetch(page.ids)).ids)
    const rows = rowsWhere(page, map.from, (id) => !held.has(id))
    if (rows.ids.length > 0) yield { ids: rows.ids, vectors: await mappedVectors(map, source, rows, signal) }
  }
}

/** Those of the rows whose id fulfils a condition. */
function rowsWhere({ ids, vectors }: VectorRows, width: number, holds: (id: string) => boolean): VectorRows {
  const chosen = ids.flatMap((id, i) => (holds(id) ? [i] : []))
  const out = new Float32Array(chosen.length * width)
  chosen.forEach((row, i) => {
    out.set(vectors.subarray(row * width, (row + 1) * width), i * width)
  })
  return { ids: chosen.map((i) => ids[i]), vectors: out }
}

/** @throws RangeError if a vector is not finite, before or after */
export async function mappedVectors(
  map: VectorMap,
  { name }: VectorCollection,
  { ids, vectors }: VectorRows,
  signal: CancelSignal | undefined,
): Promise<Float32Array> {
  const check = (numbers: Float32Array, width: number, what: string) => {
    if (allFinite(numbers)) return
    const at = numbers.findIndex((x) => !Number.isFinite(x))
    const row = Math.floor(at / width)
    throw new RangeError(`${name}: ${what} of the row with id ${ids[row]} has ${numbers[at]} at ${at % width}: every number must be finite`) // prettier-ignore
  }
  check(vectors, map.from, 'the vector')
  const { data } = await map.map(new Matrix(ids.length, map.from, vectors), { copy: false, signal })
  const mapped = isFloat32(data) ? data : Float32Array.from(data)
  check(mapped, map.to, 'the new vector')
  return mapped
}
