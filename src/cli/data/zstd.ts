import * as zlib from 'node:zlib'

/** What Node has from 22.15 on. */
const { createZstdDecompress, zstdDecompressSync } = zlib as {
  createZstdDecompress?: () => NodeJS.ReadWriteStream
  zstdDecompressSync?: (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array
}

/** The runtime's own stream that unpacks zstd, if it has one. */
export const nativeZstd = createZstdDecompress

/** What unpacks so many bytes: the runtime, or JavaScript where that has no zstd. It throws an Error if they are broken, or more. */
export async function zstdUnpacker(): Promise<(packed: Uint8Array, length: number) => Uint8Array> {
  if (zstdDecompressSync !== undefined) {
    return (packed, length) => zstdDecompressSync(packed, { maxOutputLength: Math.max(1, length) })
  }
  const { decompress } = await import('fzstd')
  return (packed, length) => decompress(packed, new Uint8Array(length))
}

/** Unpacks what comes in pieces, in JavaScript. @throws Error if it is broken */
export async function* zstdPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd')
  const unpacked: Uint8Array[] = []
  const stream = new Decompress((piece) => unpacked.push(piece))
  for await (const piece of pieces) {
    stream.push(piece)
    yield* unpacked.splice(0)
  }
  stream.push(new Uint8Array(0), true)
  yield* unpacked
}
