import type { Context } from './context.js'
import { chunkRows } from './data/row-stream.js'
import type { Detail } from './details.js'
import { openMatrix, type ReadOptions } from './matrices.js'

// A fingerprint takes some 100 bytes; of more rows it is not looked whether two are the same.
const MOST_COMPARED = 2 ** 21

/**
 * What a file of rows holds: shape, type, lengths of its rows, and what is wrong with it. All of it is read, a chunk at a time.
 *
 * @throws InputError if it is none, or broken
 */
export async function describeData(path: string, context: Context, options: ReadOptions): Promise<readonly Detail[]> {
  const stream = await openMatrix(path, context, options)
  try {
    const { cols } = stream
    let [rows, missing, infinite, zero, duplicates] = [0, 0, 0, 0, 0]
    let [least, most, sum, finite] = [Infinity, 0, 0, 0]
    const seen = new Set<string>()
    for await (const { matrix } of stream.chunks({ from: 0, rows: chunkRows(cols) })) {
      context.signal.throwIfAborted()
      for (let i = 0; i < matrix.rows; i++) {
        const row = matrix.row(i)
        const norm = Math.hypot(...split(row))
        rows++
        for (const x of row) {
          if (Number.isNaN(x)) missing++
          else if (!Number.isFinite(x)) infinite++
        }
        if (norm === 0) zero++
        if (Number.isFinite(norm)) {
          least = Math.min(least, norm)
          most = Math.max(most, norm)
          sum += norm
          finite++
        }
        if (rows > MOST_COMPARED) continue
        const print = fingerprint(row)
        if (seen.has(print)) duplicates++
        else seen.add(print)
      }
    }
    return [
      { key: 'rows', value: rows },
      { key: 'columns', value: cols },
      { key: 'precision', value: stream.precision, label: 'numbers', text: stream.precision === 'f32' ? 'float32 or less' : 'float64' }, // prettier-ignore
      ...(stream.names === undefined ? [] : [{ key: 'names', value: stream.names, text: `${stream.names.slice(0, 8).join(', ')}${stream.names.length > 8 ? ', ...' : ''}` }]), // prettier-ignore
      ...(finite > 0
        ? [{ key: 'norms', value: { least, mean: sum / finite, most }, label: 'lengths', text: `${[least, sum / finite, most].map((x) => x.toPrecision(4)).join(', ')}: least, mean, most` }] // prettier-ignore
        : []),
      { key: 'notANumber', value: missing, label: 'missing or NaN' },
      { key: 'infinite', value: infinite },
      { key: 'zeroRows', value: zero, label: 'rows of zeros' },
      { key: 'duplicates', value: duplicates, label: 'rows that came before', text: rows > MOST_COMPARED ? `${duplicates} of the first ${MOST_COMPARED}` : String(duplicates) }, // prettier-ignore
    ]
  } finally {
    await stream.close()
  }
}

/** Lengths of parts: so many arguments as a row has numbers are more than a call takes. */
function split(row: Float32Array | Float64Array): number[] {
  const PART = 1024
  const parts: number[] = []
  for (let at = 0; at < row.length; at += PART) parts.push(Math.hypot(...row.subarray(at, at + PART)))
  return parts
}

/** Equal rows have the same, others hardly ever: four sums of 32 bits. */
function fingerprint(row: Float32Array | Float64Array): string {
  const words = new Uint32Array(Float64Array.from(row).buffer)
  let [a, b] = [0x811c9dc5, 0x1b873593]
  let [c, d] = [0x9e3779b9, 0x85ebca6b]
  for (const word of words) {
    a = Math.imul(a ^ word, 0x01000193)
    b = Math.imul(b + word, 0xcc9e2d51) ^ (b >>> 15)
    c = Math.imul(c ^ (word >>> 3), 0x85ebca6b) ^ (c >>> 13)
    d = Math.imul(d + (word ^ a), 0xc2b2ae35)
  }
  return [a, b, c, d].map((x) => (x >>> 0).toString(36)).join()
}
