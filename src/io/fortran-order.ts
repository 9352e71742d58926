// Both sides of a tile of 8-byte elements take 2 x 8 KiB: they fit an L1 cache of 32 KiB.
const TILE = 32

type Words = Uint8Array | Uint16Array | Uint32Array

/**
 * Brings an array from Fortran order (first index fastest) to C order (last index fastest), as a new array.
 *
 * With shape (s_0, ..., s_e), element (i_0, ..., i_e) goes from i_0 + s_0 (i_1 + s_1 (i_2 + ...)) to
 * i_e + s_e (i_(e-1) + s_(e-1) (i_(e-2) + ...)). Reads run along axis 0 and writes along axis e, so each plane of these
 * two is transposed by tiles. The elements stay bit patterns: integers moved as floats could be changed as NaNs are.
 *
 * @param bytes product(shape) elements of `sizeBytes` each, aligned
 */
export function fromFortranOrder(
  bytes: Uint8Array<ArrayBuffer>,
  sizeBytes: number,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  // An axis of length 1 moves nothing; without them there are at most 53 axes, however many the header claims.
  const axes = shape.filter((length) => length !== 1)
  if (axes.length < 2 || bytes.length === 0) return bytes
  const out = new Uint8Array(bytes.length)
  const wordBytes = Math.min(sizeBytes, 4)
  const source = asWords(bytes, wordBytes)
  const target = asWords(out, wordBytes)
  const wordsPerElement = sizeBytes / wordBytes
  forEachPlane(axes, (sourceStart, targetStart, plane) => {
    transposePlane(source, target, sourceStart, targetStart, plane, wordsPerElement)
  })
  return out
}

function asWords(bytes: Uint8Array<ArrayBuffer>, wordBytes: number): Words {
  if (wordBytes === 1) return bytes
  return wordBytes === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer)
}

interface Plane {
  /** Lengths of the first and of the last axis. */
  readonly rows: number
  readonly cols: number
  /** Elements from one row to the next in the target, and from one column to the next in the source. */
  readonly targetStride: number
  readonly sourceStride: number
}

/** Visits every plane of the first and last axis, in the order of the target: its start in the source and the target. */
function forEachPlane(axes: number[], visit: (sourceStart: number, targetStart: number, plane: Plane) => void): void {
  const count = axes.reduce((product, length) => product * length, 1)
  const rows = axes[0]
  const cols = axes[axes.length - 1]
  const plane = { rows, cols, targetStride: count / rows, sourceStride: count / cols }
  const middle = axes.slice(1, -1)
  const strides = middle.map((_, axis) => middle.slice(0, axis).reduce((stride, length) => stride * length, rows))
  const index = middle.map(() => 0)
  let sourceStart = 0
  for (let targetStart = 0; targetStart < plane.targetStride; targetStart += cols) {
    visit(sourceStart, targetStart, plane)
    sourceStart += advance(index, middle, strides)
  }
}

/** Steps a C-order index on, and returns how far that moves in an array of the given strides. */
function advance(index: number[], lengths: readonly number[], strides: readonly number[]): number {
  let moved = 0
  for (let axis = lengths.length - 1; axis >= 0; axis--) {
    index[axis]++
    moved += strides[axis]
    if (index[axis] < lengths[axis]) break
    index[axis] = 0
    moved -= lengths[axis] * strides[axis]
  }
  return moved
}

function transposePlane(
  source: Words,
  target: Words,
  sourceStart: number,
  targetStart: number,
  { rows, cols, targetStride, sourceStride }: Plane,
  words: number,
): void {
  for (let i0 = 0; i0 < rows; i0 += TILE) {
    const i1 = Math.min(i0 + TILE, rows)
    for (let j0 = 0; j0 < cols; j0 += TILE) {
      const j1 = Math.min(j0 + TILE, cols)
      for (let i = i0; i < i1; i++) {
        for (let j = j0; j < j1; j++) {
          const from = (sourceStart + i + j * sourceStride) * words
          const to = (targetStart + i * targetStride + j) * words
          for (let word = 0; word < words; word++) target[to + word] = source[from + word]
        }
      }
    }
  }
}
