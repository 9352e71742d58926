import { norm } from '../dense/norms.js'
import type { Context } from './context.js'
import { Fingerprints } from './data/fingerprints.js'
import { chunkRows } from './data/row-stream.js'
import type { Detail } from './details.js'
import { openSource, type ReadOptions } from './sources.js'
import { turns } from './turns.js'

// Of more rows it is not looked whether two are the same.
const MOST_COMPARED = 2 ** 21

/**
 * What a file of rows holds: shape, type, lengths of its rows, and what is wrong with it. All of it is read, a chunk at a time.
 *
 * @throws InputError if it is none, or broken
 */
export async function describeData(path: string, context: Context, options: ReadOptions): Promise<readonly Detail[]> {
  const stream = await openSource(path, context, options)
  try {
    const { cols } = stream
    let [rows, missing, infinite, zero, duplicates] = [0, 0, 0, 0, 0]
    let [least, most, sum, finite] = [Infinity, 0, 0, 0]
    const seen = new Fingerprints()
    const turn = turns(context.signal)
    const named = new Set<string>()
    for await (const { matrix, ids = [] } of stream.chunks({ from: 0, rows: chunkRows(cols) })) {
      context.signal.throwIfAborted()
      for (const id of ids) named.add(id)
      for (let i = 0; i < matrix.rows; i++) {
        await turn()
        const row = matrix.row(i)
        const length = norm(row)
        rows++
        for (const x of row) {
          if (Number.isNaN(x)) missing++
          else if (!Number.isFinite(x)) infinite++
        }
        if (length === 0) zero++
        if (Number.isFinite(length)) {
          least = Math.min(least, length)
          most = Math.max(most, length)
          sum += length
          finite++
        }
        if (rows <= MOST_COMPARED && seen.add(row)) duplicates++
      }
    }
    return [
      { key: 'rows', value: rows },
      ...(options.id === undefined ? [] : [{ key: 'ids', value: named.size, label: 'different ids' }]),
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
