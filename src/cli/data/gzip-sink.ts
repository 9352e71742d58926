import { createGzip } from 'node:zlib'
import type { Sink } from './row-writer.js'

/** What is written goes on packed, by gzip. `end` passes on the rest. */
export function gzipSink(sink: Sink): Sink & { end(): Promise<void> } {
  const gzip = createGzip()
  const packed: Buffer[] = []
  gzip.on('data', (piece: Buffer) => packed.push(piece))
  const passOn = async (): Promise<void> => {
    for (const piece of packed.splice(0)) await sink.write(piece)
  }
  return {
    async write(bytes) {
      await new Promise<void>((resolve, reject) => {
        gzip.write(bytes, (error) => {
          if (error) reject(error)
          else resolve()
        })
      })
      await passOn()
    },
    async end() {
      await new Promise<void>((resolve, reject) => {
        gzip.on('end', resolve).on('error', reject)
        gzip.end()
      })
      await passOn()
    },
  }
}
