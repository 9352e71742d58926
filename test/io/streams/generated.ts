import { npyHeaderBytes, type NpyDtype } from '../../../src/io/npy-header.js'
import type { RandomAccess } from '../../../src/io/index.js'
import { Matrix } from '../../../src/matrix.js'
import { isFloat32 } from '../../../src/typed-arrays.js'

/** A file that is nowhere: its bytes are made when they are read, and what is read is counted. */
export interface Generated extends RandomAccess {
  readonly count: { reads: number; bytes: number; largest: number; closed: number }
}

/** The value at row i and column j: exact in float32, and other in every corner. */
export const valueAt = (i: number, j: number): number => (i % 8191) * 1024 + j

/** A .npy file of float32 in C order, rows x cols, whose entries are {@link valueAt}. */
export function generatedNpy(rows: number, cols: number, dtype: NpyDtype = 'f4', lacking = 0): Generated {
  return generated(npyHeaderBytes(dtype, [rows, cols]), rows, cols, lacking)
}

/** Behind `header`. */
export function generated(header: Uint8Array, rows: number, cols: number, lacking = 0): Generated {
  const count = { reads: 0, bytes: 0, largest: 0, closed: 0 }
  const size = header.length + rows * cols * 4 - lacking
  return {
    size,
    count,
    read(offset, length) {
      count.reads++
      count.bytes += length
      count.largest = Math.max(count.largest, length)
      if (offset + length > size) throw new Error('beyond the end')
      const bytes = new Uint8Array(length)
      bytes.set(header.subarray(offset, offset + length))
      const view = new DataView(bytes.buffer)
      let at = Math.max(0, header.length - offset)
      for (let element = (offset + at - header.length) / 4; at + 4 <= length; at += 4, element++) {
        view.setFloat32(at, valueAt(Math.floor(element / cols), element % cols), true)
      }
      return Promise.resolve(bytes)
    },
    close() {
      count.closed++
    },
  }
}

/** Bytes in pieces of some length, as a stream gives them. */
export async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length))
}

/** Chunks on top of each other, in the precision that they have. */
export function stacked(chunks: readonly Matrix[]): Matrix {
  const [{ cols, data }] = chunks
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0)
  const all = chunks.flatMap((chunk) => Array.from(chunk.data))
  return new Matrix(rows, cols, isFloat32(data) ? Float32Array.from(all) : Float64Array.from(all))
}
