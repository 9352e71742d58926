/** Bits that levels or indices up to `most` take. */
export const bitsOf = (most: number): number => 32 - Math.clz32(most)

// With the 7 bits before it in its first byte an integer is then within four bytes; dictionaries are smaller by far.
const MOST_BITS = 24

/**
 * Fills `out` with integers of `bits` bits each, in runs of one value or packed by eight (the hybrid of Parquet's encodings).
 *
 * @throws RangeError if the bytes end before
 */
export function readRuns(bytes: Uint8Array, bits: number, out: Uint8Array | Uint32Array): void {
  if (bits > MOST_BITS) throw new RangeError(`integers of ${bits} bits are too wide`)
  let at = 0
  let seen = 0
  const next = (): number => {
    if (at >= bytes.length) throw new RangeError(`${out.length} integers were expected, ${seen} are there`)
    return bytes[at++]
  }
  while (seen < out.length) {
    let header = 0
    for (let scale = 1, byte = 0x80; byte >= 0x80; scale *= 0x80) header += ((byte = next()) & 0x7f) * scale
    const length = Math.floor(header / 2)
    const isPacked = header % 2 === 1
    const run = out.subarray(seen, seen + Math.min(out.length - seen, isPacked ? 8 * length : length))
    if (isPacked) {
      unpack(bytes, at, bits, run)
      at += length * bits
    } else {
      let value = 0
      for (let shift = 0; shift < bits; shift += 8) value |= next() << shift
      run.fill(value)
    }
    seen += run.length
  }
}

/** Integers of `bits` bits each, the least significant first. */
function unpack(bytes: Uint8Array, start: number, bits: number, out: Uint8Array | Uint32Array): void {
  // A writer may leave out the rest of the last eight.
  if (start + Math.ceil((out.length * bits) / 8) > bytes.length) throw new RangeError('packed integers end early')
  const mask = 2 ** bits - 1
  for (let i = 0, from = 0; i < out.length; i++, from += bits) {
    const at = start + (from >> 3)
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    out[i] = (four >>> (from & 7)) & mask
  }
}
