import type { CompressionCodec } from 'hyparquet'
import { snappyUncompress } from 'hyparquet/src/snappy.js'
import { FileFormatError } from '../../errors.js'
import { readLz4Block } from './lz4.js'
import { zstdUnpacker } from './zstd.js'

/** The bytes of a page before it was compressed. @throws Error if they are not as many as was said */
export async function unpackPage(packed: Uint8Array, length: number, codec: CompressionCodec): Promise<Uint8Array> {
  const bytes = codec === 'UNCOMPRESSED' ? packed : length === 0 ? new Uint8Array(0) : await unpacked(packed, length, codec) // prettier-ignore
  if (bytes.length === length) return bytes
  throw new FileFormatError(`a page of ${length} bytes has ${bytes.length}`, 0)
}

async function unpacked(packed: Uint8Array, length: number, codec: CompressionCodec): Promise<Uint8Array> {
  const out = (): Uint8Array => new Uint8Array(length)
  switch (codec) {
    case 'SNAPPY': {
      const page = out()
      snappyUncompress(packed, page)
      return page
    }
    case 'GZIP':
      return (await import('node:zlib')).gunzipSync(packed, { maxOutputLength: length })
    case 'BROTLI':
      return (await import('node:zlib')).brotliDecompressSync(packed, { maxOutputLength: length })
    case 'ZSTD':
      return (await zstdUnpacker())(packed, length)
    case 'LZ4_RAW': {
      const page = out()
      return page.subarray(0, readLz4Block(packed, page, 0))
    }
    case 'LZ4':
      return hadoopLz4(packed, out())
    default:
      throw new FileFormatError(`its compression, ${codec}, is not read: write it with snappy, zstd, gzip, brotli or LZ4_RAW`, 0) // prettier-ignore
  }
}

/** Blocks that begin with their lengths, as Hadoop has them, or one block alone, as others understood the same name. */
function hadoopLz4(packed: Uint8Array, out: Uint8Array): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  let [at, seen] = [0, 0]
  while (at + 8 <= packed.length) {
    const [length, packedLength] = [view.getUint32(at), view.getUint32(at + 4)]
    if (length > out.length - seen || packedLength > packed.length - at - 8) break
    const end = readLz4Block(packed.subarray(at + 8, at + 8 + packedLength), out, seen)
    seen = end
    at += 8 + packedLength
  }
  return at === packed.length ? out.subarray(0, seen) : out.subarray(0, readLz4Block(packed, out, 0))
}
