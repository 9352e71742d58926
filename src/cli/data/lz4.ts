import { FileFormatError } from '../../errors.js'

const MAGIC = 0x184d2204
const MIN_MATCH = 4
const broken = (what: string): FileFormatError => new FileFormatError(`its LZ4 data are broken: ${what}`, 0)

/**
 * Unpacks a block of LZ4 (lz4_Block_format.md) into `out` from `start` on; matches may reach back into what is there before.
 *
 * @returns where it ends in `out`
 * @throws FileFormatError if it is broken, or longer than `out`
 */
export function readLz4Block(packed: Uint8Array, out: Uint8Array, start: number): number {
  let [at, end] = [0, start]
  const long = (length: number): number => {
    if (length < 15) return length
    for (let more = 255; more === 255; length += more) {
      if (at >= packed.length) throw broken('a length ends early')
      more = packed[at++]
    }
    return length
  }
  while (at < packed.length) {
    const token = packed[at++]
    const literals = long(token >> 4)
    if (literals > packed.length - at || literals > out.length - end) throw broken('literals go beyond the end')
    out.set(packed.subarray(at, at + literals), end)
    at += literals
    end += literals
    // The last sequence has literals alone.
    if (at === packed.length) return end
    if (at + 2 > packed.length) throw broken('a match ends early')
    const offset = packed[at] | (packed[at + 1] << 8)
    at += 2
    const length = long(token & 15) + MIN_MATCH
    if (offset === 0 || offset > end) throw broken('a match begins before the data')
    if (length > out.length - end) throw broken('a match goes beyond the end')
    // Within reach of itself a match repeats what it has just written.
    if (offset >= length) out.copyWithin(end, end - offset, end - offset + length)
    else for (let i = 0; i < length; i++) out[end + i] = out[end + i - offset]
    end += length
  }
  return end
}

/** Unpacks a frame of LZ4 (lz4_Frame_format.md) of `length` bytes. Checksums are not looked at. @throws FileFormatError if it is none, or broken */
export function readLz4Frame(packed: Uint8Array, length: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  if (packed.length < 7 || view.getUint32(0, true) !== MAGIC) throw broken('no frame begins there')
  const flags = packed[4]
  const has = (bit: number) => (flags >> bit) & 1
  const [hasBlockSum, hasSize, hasDictionary] = [has(4), has(3), has(0)]
  if (flags >> 6 !== 1 || hasDictionary) throw broken('they are of another version, or need a dictionary')
  const out = new Uint8Array(length)
  let at = 7 + 8 * hasSize
  let end = 0
  for (;;) {
    if (at + 4 > packed.length) throw broken('a block ends early')
    const size = view.getUint32(at, true) & 0x7fffffff
    const isStored = view.getUint32(at, true) >= 2 ** 31
    at += 4
    if (size === 0) break
    if (size > packed.length - at) throw broken('a block ends early')
    const block = packed.subarray(at, at + size)
    if (!isStored) end = readLz4Block(block, out, end)
    else if (size > length - end) throw broken('a block goes beyond the end')
    else {
      out.set(block, end)
      end += size
    }
    at += size + 4 * hasBlockSum
  }
  if (end !== length) throw broken(`${length} bytes were expected, ${end} are there`)
  return out
}
