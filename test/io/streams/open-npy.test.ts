import fc from 'fast-check'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../../src/align/perfect/perfect-alignment.js'
import {
  FileFormatError,
  fromFileHandle,
  npyToMatrix,
  openNpy,
  readNpy,
  writeNpy,
  type RowFile,
  type RowSource,
} from '../../../src/io/index.js'
import { Matrix } from '../../../src/matrix.js'
import { fileBytes, NUMPY_FILES } from '../numpy-files.js'
import { generatedNpy, inPieces, stacked, valueAt } from './generated.js'

const ROWS: Matrix = new Matrix(
  7,
  3,
  Float32Array.from({ length: 21 }, (_, i) => i / 4),
)
const FILE = writeNpy(ROWS)

async function all(source: RowSource, options: Parameters<RowSource['chunks']>[0] = {}): Promise<Matrix[]> {
  const chunks: Matrix[] = []
  for await (const chunk of source.chunks(options)) chunks.push(chunk)
  return chunks
}

/** The same bytes as everything that a file may be. */
const KINDS: Record<string, (bytes: Uint8Array) => RowFile> = {
  bytes: (bytes) => bytes,
  'an ArrayBuffer': (bytes) => bytes.slice().buffer,
  'a Blob': (bytes) => new Blob([bytes as Uint8Array<ArrayBuffer>]),
  'a stream of single bytes': (bytes) => inPieces(bytes, 1),
  'a stream of one piece': (bytes) => inPieces(bytes, bytes.length),
  'a ReadableStream': (bytes) => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
  'random access': (bytes) => ({ size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length) }),
}
const NAMES = Object.keys(KINDS)

describe('openNpy', () => {
  it.each(NAMES)('gives the rows of %s', async (kind) => {
    const source = await openNpy(KINDS[kind](FILE))
    expect([source.rows, source.cols, source.dtype, source.ids]).toEqual([7, 3, 'f4', undefined])
    const chunks = await all(source, { rows: 3 })
    expect(chunks.map(({ rows }) => rows)).toEqual([3, 3, 1])
    expect(stacked(chunks)).toEqual(ROWS)
    await source.close()
  })

  const MATRICES = Object.entries(NUMPY_FILES).filter(([name]) => !['scalar', 'i8', 'u8BigEndian'].includes(name))

  it.each(MATRICES)('reads what NumPy wrote as readNpy does, by single rows: %s', async (_, base64) => {
    const bytes = fileBytes(base64)
    const expected = npyToMatrix(readNpy(bytes), 'array', { flatten: true })
    for (const kind of ['bytes', 'a Blob', 'random access']) {
      const source = await openNpy(KINDS[kind](bytes))
      expect([source.rows, source.cols]).toEqual([expected.rows, expected.cols])
      const chunks = await all(source, { rows: 1 })
      expect(chunks).toHaveLength(expected.rows)
      if (chunks.length > 0) expect(stacked(chunks)).toEqual(expected)
    }
  })

  it('reads rows of an array in Fortran order, in strips and chunks of any size', async () => {
    const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(shape, fc.integer({ min: 1, max: 4 }), fc.nat(), async (lengths, rows, at) => {
        const count = lengths.reduce((a, b) => a * b, 1)
        const data = Float64Array.from({ length: count }, (_, i) => i)
        const bytes = writeNpy({ shape: lengths, data })
        const text = new TextDecoder('latin1').decode(bytes)
        const place = text.indexOf('False')
        bytes.set(new TextEncoder().encode('True '), place)
        const expected = npyToMatrix(readNpy(bytes), 'array', { flatten: true })
        const from = at % lengths[0]
        const chunks = await all(await openNpy(bytes), { from, rows })
        expect(stacked(chunks).data).toEqual(expected.data.slice(from * expected.cols))
      }),
      { numRuns: 60 },
    )
  })

  it('refuses a stream in Fortran order before it waits for all of it', async () => {
    await expect(openNpy(inPieces(fileBytes(NUMPY_FILES.fortran2d), 7))).rejects.toThrow(
      /in Fortran order.*ascontiguousarray/,
    )
  })

  it('reads some rows, and again, and by two at once', async () => {
    const source = await openNpy(FILE)
    const [a, b] = await Promise.all([all(source, { from: 2, to: 5 }), all(source, { from: 4 })])
    expect(stacked(a).data).toEqual(ROWS.data.slice(6, 15))
    expect(stacked(b).data).toEqual(ROWS.data.slice(12))
    expect(await all(source, { from: 7 })).toEqual([])
    await expect(all(source, { to: 8 })).rejects.toThrow(RangeError)
    await expect(all(source, { from: 3, to: 2 })).rejects.toThrow(RangeError)
    await expect(all(source, { rows: 0 })).rejects.toThrow('rows must be an integer')
    await expect(all(source, { row: 1 } as object)).rejects.toThrow(TypeError)
  })

  it('skips to rows of a stream, which is read once', async () => {
    const source = await openNpy(inPieces(FILE, 5))
    expect(stacked(await all(source, { from: 5, rows: 1 })).data).toEqual(ROWS.data.slice(15))
    await expect(all(source)).rejects.toThrow('a stream cannot go back')
  })

  it('gives chunks that partialFit takes', async () => {
    const other = new Matrix(
      7,
      2,
      Float64Array.from({ length: 14 }, (_, i) => Math.sin(i * i)),
    )
    const noise = new Matrix(
      7,
      3,
      Float64Array.from({ length: 21 }, (_, i) => Math.cos(i * i)),
    )
    const [a, b] = [await openNpy(writeNpy(noise)), await openNpy(inPieces(writeNpy(other), 30))]
    const second = b.chunks({ rows: 2 })
    const model = new PerfectAlignment({ nComponents: 1 })
    for await (const x of a.chunks({ rows: 2 })) model.partialFit([x, (await second.next()).value as Matrix])
    const whole = new PerfectAlignment({ nComponents: 1 }).fit([noise, other])
    const difference = model.transform(noise, 0).data.map((x, i) => Math.abs(x - whole.transform(noise, 0).data[i]))
    expect(Math.max(...difference)).toBeLessThan(1e-12)
  })
})

describe('memory and positions', () => {
  it('holds a chunk of 200,000 rows at a time, and reads every byte once', async () => {
    const file = generatedNpy(200_000, 32)
    const source = await openNpy(file)
    const rows = 1000
    let seen = 0
    for await (const chunk of source.chunks({ rows })) {
      expect(chunk.data.buffer.byteLength).toBe(rows * 32 * 4)
      expect(chunk.data[5 * 32 + 7]).toBe(valueAt(seen + 5, 7))
      seen += chunk.rows
    }
    expect(seen).toBe(200_000)
    expect(file.count.largest).toBe(rows * 32 * 4)
    expect(file.count.bytes).toBe(file.size)
    await source.close()
    expect(file.count.closed).toBe(1)
  })

  it('reads ten rows of 12 GiB, beyond 4 GiB, without the others', async () => {
    const rows = 4_194_304
    const file = generatedNpy(rows, 768)
    expect(file.size).toBeGreaterThan(12 * 2 ** 30)
    const source = await openNpy(file)
    const [chunk] = await all(source, { from: rows - 10 })
    expect([chunk.rows, chunk.data[0], chunk.data[9 * 768 + 767]]).toEqual([10, valueAt(rows - 10, 0), valueAt(rows - 1, 767)]) // prettier-ignore
    expect(file.count.bytes).toBe(file.size - (rows - 10) * 768 * 4)
  })

  it('reads strips of a large file in Fortran order, each column once a strip', async () => {
    const bytes = new Map<number, number>()
    const rows = 200_000
    const cols = 16
    const header = new TextEncoder().encode(
      `\u0001\u0000v\u0000${`{'descr': '<f4', 'fortran_order': True, 'shape': (${rows}, ${cols}), }`.padEnd(117)}\n`,
    )
    const whole = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...header)
    let held = 0
    const source = await openNpy({
      size: 128 + rows * cols * 4,
      read(offset, length) {
        held = Math.max(held, length)
        bytes.set(offset, length)
        return offset < 128 ? whole.slice(offset, offset + length) : new Uint8Array(length)
      },
    })
    let seen = 0
    for await (const chunk of source.chunks()) seen += chunk.rows
    expect(seen).toBe(rows)
    expect(bytes.size).toBe(2 + cols * Math.ceil(rows / 2 ** 17))
    expect(held).toBe(2 ** 19)
  })
})

describe('files that are not whole', () => {
  it.each(NAMES)('is said of %s', async (kind) => {
    const cut = KINDS[kind](FILE.slice(0, -5))
    const reading = openNpy(cut).then((source) => all(source))
    await expect(reading).rejects.toThrow(FileFormatError)
    await expect(openNpy(KINDS[kind](new Uint8Array(0)))).rejects.toThrow(FileFormatError)
    await expect(openNpy(KINDS[kind](FILE.slice(0, 50)))).rejects.toThrow(FileFormatError)
    const more = openNpy(KINDS[kind](Uint8Array.of(...FILE, 0))).then((source) => all(source))
    await expect(more).rejects.toThrow(FileFormatError)
  })

  it('nor are those that shrink while they are read', async () => {
    const file = generatedNpy(100, 4)
    const source = await openNpy({ size: file.size, read: async (at, length) => (await file.read(at, length)).subarray(at > 100 ? 3 : 0) }) // prettier-ignore
    await expect(all(source)).rejects.toThrow(/the file ends within an array of shape \[100, 4\]/)
  })

  it('does not allocate what a header claims', async () => {
    const text = "{'descr': '<f8', 'fortran_order': False, 'shape': (4, 100000000000), }".padEnd(117)
    const header = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0, ...new TextEncoder().encode(`${text}\n`)) // prettier-ignore
    await expect(openNpy(header)).rejects.toThrow(/takes 3200000000000 bytes, but 0 follow/)
    await expect(openNpy(inPieces(header, 9)).then((source) => all(source))).rejects.toThrow(/0 came/)
    const long = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255, 0)
    await expect(openNpy(inPieces(long, 9))).rejects.toThrow(/the header claims 4294967307 bytes/)
  })

  it('refuses what are no rows and no file', async () => {
    await expect(openNpy(fileBytes(NUMPY_FILES.scalar))).rejects.toThrow(/a single number/)
    await expect(openNpy('x.npy' as never)).rejects.toThrow(/got a string: open the file/)
    await expect(openNpy(new Response('').clone() as never)).rejects.toThrow(/give its body/)
    await expect(openNpy({ size: 1.5, read: () => FILE })).rejects.toThrow(RangeError)
    await expect(openNpy({ size: 900, read: () => 'text' as never })).rejects.toThrow(/a Uint8Array, got a string/)
    await expect(openNpy(Uint8Array.of(1, 2, 3))).rejects.toThrow(/expected a .npy file/)
    const texts = (async function* () { yield await Promise.resolve('abc') })() // prettier-ignore
    await expect(openNpy(texts as never)).rejects.toThrow(/set no encoding/)
  })
})

describe('aborts', () => {
  it('end a stream that hangs', async () => {
    let returned = false
    const hanging = {
      [Symbol.asyncIterator]: () => ({
        sent: false,
        next(): Promise<IteratorResult<Uint8Array>> {
          if (this.sent) return new Promise(() => undefined)
          this.sent = true
          return Promise.resolve({ done: false as const, value: FILE.slice(0, 150) })
        },
        return(): Promise<IteratorResult<Uint8Array>> {
          returned = true
          return Promise.resolve({ done: true as const, value: undefined })
        },
      }),
    }
    const source = await openNpy(hanging)
    const abort = new AbortController()
    setTimeout(() => { abort.abort(new Error('enough')) }, 5) // prettier-ignore
    await expect(all(source, { signal: abort.signal })).rejects.toThrow('enough')
    await source.close()
    expect(returned).toBe(true)
  })

  it('end a file between two chunks', async () => {
    const file = generatedNpy(10_000, 4)
    const source = await openNpy(file)
    const abort = new AbortController()
    let seen = 0
    const reading = (async () => {
      for await (const chunk of source.chunks({ rows: 10, signal: abort.signal })) {
        seen += chunk.rows
        if (seen === 30) abort.abort()
      }
    })()
    await expect(reading).rejects.toThrow(/abort/)
    expect(seen).toBe(30)
  })
})

describe('fromFileHandle', () => {
  it('reads files that Node opened, and streams of them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'collimate-rows-'))
    const path = join(folder, 'a.npy')
    await writeFile(path, FILE)
    const handle = await open(path)
    const source = await openNpy(await fromFileHandle(handle))
    expect(stacked(await all(source, { rows: 2 }))).toEqual(ROWS)
    await source.close()
    expect(handle.fd).toBe(-1)
    expect(stacked(await all(await openNpy(createReadStream(path))))).toEqual(ROWS)
    await expect(openNpy((await open(path)) as never)).rejects.toThrow(/give await fromFileHandle/)
    await rm(folder, { recursive: true })
  })
})
