import { Matrix } from '../../matrix.js'
import { InputError } from '../errors.js'
import type { Dtype } from './reading.js'
import type { RowChunk, RowStream } from './row-stream.js'

const BITS = 8
// Fewer bytes look like anything.
const FEWEST_BYTES = 256
const FEWEST_COLUMNS = 8
// Packed signs of embeddings are set about as often as not and tell little of each other; of quantised numbers the second highest bit follows the highest, or
// both are seldom set. In bits, of the two highest: packed 0.70 of entropy or more and 0.006 shared at most; int8 and uint8 either 0.15 shared or more, or 0.68
// of entropy at most (CLIP texts, views of mfeat and Wikipedia, normal deviates; ranges of sentence-transformers' `quantize_embeddings`).
const LEAST_ENTROPY = 0.7
const MOST_SHARED = 0.1

/**
 * Rows whose bytes are what `dtype` says: packed bits become +1 and -1, the most significant bit of a byte first, as `numpy.packbits(x > 0)` has them;
 * `binary` is that less 128. Without, bytes that look like packed bits are refused.
 *
 * @throws InputError while rows are read: if numbers are no such bytes, or nobody said what bytes are that may be packed bits
 */
export function asBytes(stream: RowStream, dtype: Dtype | undefined): RowStream {
  const isPacked = dtype === 'binary' || dtype === 'ubinary'
  const cols = stream.cols * (isPacked ? BITS : 1)
  return {
    path: stream.path,
    columns: isPacked ? Array.from({ length: cols }, (_, j) => j) : stream.columns,
    cols,
    get rows() {
      return stream.rows
    },
    names: isPacked ? undefined : stream.names,
    precision: isPacked ? 'f32' : stream.precision,
    isForward: stream.isForward,
    async *chunks(span) {
      let { from } = span
      for await (const chunk of stream.chunks(span)) {
        if (dtype !== undefined) yield checkedBytes(chunk, dtype, stream.path, from)
        else if (from === span.from) yield unlikePackedBits(chunk, stream)
        else yield chunk
        from += chunk.matrix.rows
      }
    },
    close: () => stream.close(),
  }
}

function checkedBytes(chunk: RowChunk, dtype: Dtype, path: string, first: number): RowChunk {
  const { rows, cols, data } = chunk.matrix
  const least = dtype === 'int8' || dtype === 'binary' ? -128 : 0
  const bad = data.findIndex((x) => !(x >= least && x <= least + 255) || !Number.isInteger(x))
  if (bad >= 0) throw new InputError(`--dtype ${dtype}: ${path} has ${data[bad]} in row ${first + Math.floor(bad / cols)}, which is no such byte`) // prettier-ignore
  if (dtype === 'int8' || dtype === 'uint8') return chunk
  const bits = new Float32Array(data.length * BITS)
  for (let i = 0; i < data.length; i++) {
    const byte = data[i] - least
    for (let j = 0; j < BITS; j++) bits[i * BITS + j] = (byte >> (BITS - 1 - j)) & 1 ? 1 : -1
  }
  return { ...chunk, matrix: new Matrix(rows, cols * BITS, bits) }
}

function unlikePackedBits(chunk: RowChunk, { path, bytes, cols }: RowStream): RowChunk {
  const { data } = chunk.matrix
  if (cols < FEWEST_COLUMNS || data.length < FEWEST_BYTES) return chunk
  const counts = [0, 0, 0, 0]
  for (const x of data) counts[(x & 0xff) >> 6]++
  const entropy = (...parts: number[]) => parts.reduce((sum, n) => (n === 0 ? sum : sum - (n / data.length) * Math.log2(n / data.length)), 0) // prettier-ignore
  const [none, low, high, both] = counts
  const [first, second] = [entropy(none + low, high + both), entropy(none + high, low + both)]
  const shared = first + second - entropy(none, low, high, both)
  if (Math.min(first, second) < LEAST_ENTROPY || shared > MOST_SHARED) return chunk
  const packed = bytes === 'int8' ? 'binary' : 'ubinary'
  throw new InputError(
    `${path} has bytes that look like packed bits, eight columns each: --dtype ${packed} takes every bit as +1 or -1 (${cols} x 8 = ${cols * BITS} columns), --dtype ${bytes} takes the bytes as numbers`,
  )
}
