import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { openInput } from '../../src/cli/data/input.js'
import { readMatrix } from '../../src/cli/matrices.js'
import { parseRows } from '../../src/cli/rows.js'
import { openSource, type ReadOptions } from '../../src/cli/sources.js'
import { arrowWriter } from '../../src/cli/data/arrow-writer.js'
import { openParquet } from '../../src/cli/data/parquet.js'
import { parquetWriter } from '../../src/cli/data/parquet-writer.js'
import type { Sink, Writing } from '../../src/cli/data/row-writer.js'
import type { RandomAccess } from '../../src/io/streams/byte-reader.js'
import { writeNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const FOLDER = 'test/fixtures/columnar'
const silent = { write: () => undefined }
const context = { stdout: silent, stderr: silent, env: {}, signal: new AbortController().signal }
const read = (name: string, options: ReadOptions = {}) => readMatrix(`${FOLDER}/${name}`, context, options)

// What make.py writes.
const X = Array.from({ length: 10 }, (_, i) => Array.from({ length: 4 }, (_, j) => i + j / 8))
const NAMES = X.map((_, i) => `row ${i}`)
const NUMBERS = X.map((_, i) => String(2n ** 53n + BigInt(i)))

/** Files with X, its ids by a name, and whether float32 holds them. */
const SOUND: readonly (readonly [file: string, id: string, ids: readonly string[], isSingle: boolean])[] = [
  ['lists.parquet', 'id', NAMES, true],
  ['pages.parquet', 'id', NAMES, false],
  ['halves.parquet', 'n', NUMBERS, true],
  ['brotli.parquet', 'id', NAMES, true],
  ['lz4.parquet', 'id', NAMES, true],
  ['split.parquet', 'id', NAMES, true],
  ['delta.parquet', 'n', NUMBERS, true],
  ['delta.parquet', 'id', NAMES, true],
  ['nested.parquet', 's.name', NAMES, true],
  ['two.parquet:a', 'tokens', [], true],
  ['two.parquet:b', 'tokens', [], false],
  ['lists.arrow', 'id', NAMES, true],
  ['lists.arrows', 'id', NAMES, false],
  ['halves.arrows', 'n', NUMBERS, true],
  ['views.arrow', 'id', NAMES, true],
  ['replaced.arrows', 'id', NAMES, true],
  ['added.arrows', 'id', NAMES, true],
]

describe.each(SOUND)('%s with ids in %s', (file, id, ids, isSingle) => {
  const asked = ids.length === 0 ? {} : { id: [id] }

  it('has its vectors, each with its id', async () => {
    const { matrix, ids: found } = await read(file, asked)
    expect(matrix.toArray()).toEqual(X)
    expect(matrix.data).toBeInstanceOf(isSingle ? Float32Array : Float64Array)
    if (ids.length > 0) expect(found).toEqual(ids)
  })

  it('has some rows and columns, in chunks of any size', async () => {
    expect((await read(file, { rows: parseRows('5:8,-1:'), columns: ['2,0'] })).matrix.toArray()).toEqual(
      [5, 6, 7, 9].map((i) => [X[i][2], X[i][0]]),
    )
    for (const [from, to, rows] of [
      [0, 10, 3],
      [3, 9, 4],
      [7, 8, 1],
      [2, 10, 100],
    ]) {
      // prettier-ignore
      const stream = await openSource(`${FOLDER}/${file}`, context, asked)
      const chunks = []
      for await (const chunk of stream.chunks({ from, to, rows })) chunks.push(chunk)
      expect(chunks.flatMap(({ matrix }) => matrix.toArray())).toEqual(X.slice(from, to))
      expect(chunks.slice(0, -1).every(({ matrix }) => matrix.rows === rows)).toBe(true)
      if (ids.length > 0) expect(chunks.flatMap((chunk) => chunk.ids ?? [])).toEqual(ids.slice(from, to))
      await stream.close()
    }
  })
})

describe('columns of numbers', () => {
  const all = X.map((_, i) => [i, i, i % 2 === 0 ? 1 : 0, i === 7 ? NaN : i / 2, i])

  it('are a table: ids and what is left out by name', async () => {
    const stream = await openSource(`${FOLDER}/table.parquet`, context, { id: ['id'] })
    const rows = []
    for await (const { matrix, ids } of stream.chunks({ from: 0, rows: 4 })) rows.push([matrix.toArray(), ids])
    expect(rows).toEqual([0, 4, 8].map((at) => [all.slice(at, at + 4), NAMES.slice(at, at + 4)]))
    await stream.close()
    expect((await read('table.parquet', { columns: ['b,1'] })).matrix.toArray()).toEqual(X.map((_, i) => [i, i]))
    expect((await read('table.arrow', { skip: ['id,d'] })).matrix.toArray()).toEqual(X.map((_, i) => [i, i]))
    expect((await read('table.parquet:a')).matrix.data).toEqual(Float32Array.from(X.keys()))
  })

  it.each<[string, ReadOptions, RegExp]>([
    ['table.parquet', {}, /column 'id' of .* holds no numbers: --id id takes such a column as ids/],
    ['table.parquet', { id: ['id'] }, /entry \(7, 3\) is NaN/],
    ['table.parquet:x', {}, /has no column 'x'; it has id, a, b, c, d, e/],
    ['table.parquet:id', {}, /column 'id' of .* holds neither vectors nor numbers/],
    ['lists.parquet', { id: ['name'] }, /--id name: .* has no such column; it has id, text, embedding/],
    ['lists.parquet', { id: ['embedding'] }, /--id embedding: that column of .* holds vectors/],
    ['lists.parquet', { columns: ['0:5'] }, /goes beyond .*lists\.parquet, which has 4 columns/],
    ['two.parquet', {}, /has several columns of vectors, a, b: give .*two\.parquet:NAME/],
    ['bytes.parquet', {}, /no column of floating-point vectors, but lists of integers in v/],
    ['null-vector.parquet', {}, /row 6 has no vector in 'v': drop such rows first/],
    ['null-entry.parquet', {}, /row 6: entry 1 of 'v' is null/],
    ['null-id.parquet', { id: ['id'] }, /row 6 has no id/],
    ['ragged.parquet', {}, /row 6 has a vector of 3 numbers/],
    ['empty-vector.parquet', {}, /row 6 has an empty vector in 'v'/],
    ['no-rows.parquet', {}, /holds no rows/],
    ['null-vector.arrow', {}, /row 6 has no vector in 'v'/],
    ['null-entry.arrow', {}, /row 6: entry 1 of 'v' is null/],
    ['ragged.arrow', {}, /row 6 has a vector of 3 numbers, the first has 4/],
  ])('%s with %j is refused', async (name, options, message) => {
    await expect(read(name, options)).rejects.toThrow(message)
  })

  it('of small integers are vectors if they are named', async () => {
    const bytes = X.map((_, i) => [i - 5, i, i === 0 ? 0 : -i, 127])
    for (const name of ['bytes.parquet:v', 'bytes.arrow:v']) {
      expect((await read(name)).matrix.toArray()).toEqual(bytes)
      expect((await read(name, { dtype: ['int8'] })).matrix.toArray()).toEqual(bytes)
    }
  })
})

it('buffers of Arrow that LZ4 or zstd has packed', async () => {
  const rows = Array.from({ length: 64 }, (_, i) => Array.from({ length: 64 }, (_, j) => (i % 7) + j / 8))
  for (const codec of ['lz4', 'zstd']) {
    const { matrix, ids } = await read(`${codec}.feather`, { id: ['id'] })
    expect(matrix.toArray()).toEqual(rows)
    expect(ids).toEqual(rows.map((_, i) => String(i)))
  }
  const { matrix } = await read('linked.feather')
  expect(matrix.toArray()).toEqual(Array.from({ length: 40 }, (_, i) => Array.from({ length: 1024 }, (_, j) => (i % 2) + (j % 5) / 8))) // prettier-ignore
})

describe('of a Parquet file', () => {
  /** A file that counts what is read of it. */
  async function counted(name: string, options: { id?: string } = {}) {
    const input = await openInput(name, context)
    const file = input.file as RandomAccess
    let bytes = 0
    const read = (offset: number, length: number) => {
      bytes += length
      return file.read(offset, length)
    }
    const stream = await openParquet({ ...input, file: { size: file.size, read } }, { ...options, signal: context.signal }) // prettier-ignore
    return { stream, bytes: () => bytes, size: file.size }
  }

  it('what is not asked for is not read', async () => {
    const wide = sandbox.path('wide.parquet')
    const x = new Matrix(
      600,
      8,
      Float32Array.from({ length: 4800 }, (_, i) => i),
    )
    const ids = Array.from({ length: 600 }, (_, i) => `${i}`.padStart(600, '-'))
    sandbox.file('wide.csv', ['id', ...Array.from({ length: 8 }, (_, j) => `x${j}`)].join() + '\n' + x.toArray().map((row, i) => [ids[i], ...row].join()).join('\n')) // prettier-ignore
    expect(await collimate(['convert', sandbox.path('wide.csv'), '--id', 'id', '--precision', 'f32', '-o', wide])).toMatchObject({ code: 0 }) // prettier-ignore
    const vectors = await counted(wide)
    for await (const { matrix } of vectors.stream.chunks({ from: 0, rows: 600 })) expect(matrix.data).toEqual(x.data)
    // The numbers and their levels twice, since the first tells how wide they are, and the footer.
    expect(vectors.bytes()).toBeLessThan(2 * 600 * (8 * 4 + 4) + 4000)
    const both = await counted(wide, { id: 'id' })
    for await (const chunk of both.stream.chunks({ from: 0, rows: 600 })) expect(chunk.ids).toEqual(ids)
    expect(both.bytes() - vectors.bytes()).toBeGreaterThan(600)
    await Promise.all([vectors, both].map(({ stream }) => stream.close()))
  })

  it('row groups that have none of the rows are not read', async () => {
    const { stream, bytes } = await counted(`${FOLDER}/lists.parquet`)
    const before = bytes()
    const chunks = []
    for await (const { matrix } of stream.chunks({ from: 8, to: 10, rows: 2 })) chunks.push(matrix.toArray())
    expect(chunks).toEqual([X.slice(8)])
    const last = bytes() - before
    for await (const { matrix } of stream.chunks({ from: 0, rows: 10 })) expect(matrix.rows).toBe(10)
    expect(bytes() - before).toBeGreaterThan(3 * last)
    await stream.close()
  })
})

describe('what is written', () => {
  const wide = new Matrix(
    700,
    5,
    Float64Array.from({ length: 3500 }, (_, i) => Math.fround(Math.sin(i))),
  )
  const ids = Array.from({ length: 700 }, (_, i) => `id ${i}`)

  it.each(['z.parquet', 'z.arrow', 'z.feather', 'z.arrows'])('%s is read back, ids and all', async (name) => {
    sandbox.file('in.csv', `name,${'abcde'.split('').join()}\n` + wide.toArray().map((row, i) => [ids[i], ...row].join()).join('\n')) // prettier-ignore
    const input = sandbox.path('in.csv')
    for (const precision of ['f32', 'f64']) {
      const out = sandbox.path(name)
      expect(await collimate(['convert', input, '--id', 'name', '--precision', precision, '-o', out])).toMatchObject({ code: 0 }) // prettier-ignore
      const found = await readMatrix(out, context, { id: ['name'] })
      expect(found.matrix.data).toEqual(precision === 'f32' ? Float32Array.from(wide.data) : wide.data)
      expect(found.ids).toEqual(ids)
      expect(await collimate(['convert', input, '--skip', 'name', '-o', out])).toMatchObject({ code: 0 })
      expect((await readMatrix(out, context)).matrix.data).toEqual(wide.data)
    }
  })

  it('by several row groups and record batches', async () => {
    const batch = new Matrix(
      5,
      3,
      Float32Array.from({ length: 15 }, (_, i) => i),
    )
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const [name, open] of [
      ['many.parquet', (sink: Sink, writing: Writing) => parquetWriter(sink, writing, 36)],
      ['many.arrow', arrowWriter],
      ['many.arrows', arrowWriter],
    ] as const) {
      const pieces: Uint8Array[] = []
      const sink = { write: (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes.slice())) }
      const writing = { path: name, name, rows: 10, cols: 3, precision: 'f32', id: 'id', prefix: 'x' } as const
      const writer = await open(sink, writing)
      for (let i = 0; i < 2; i++) await writer.add(batch, names)
      await writer.end()
      const file = sandbox.file(name, Buffer.concat(pieces))
      const stream = await openSource(file, context, { id: ['id'] })
      const chunks = []
      for await (const chunk of stream.chunks({ from: 1, to: 9, rows: 3 })) chunks.push(chunk)
      expect(chunks.flatMap(({ ids: own }) => own)).toEqual([...names, ...names].slice(1, 9))
      expect(chunks.flatMap(({ matrix }) => matrix.toArray())).toEqual(
        [...batch.toArray(), ...batch.toArray()].slice(1, 9),
      )
      await stream.close()
    }
  })

  it('streams of Arrow are what comes and goes by pipes', async () => {
    const written: Uint8Array[] = []
    const stdin = new Uint8Array(readFileSync(`${FOLDER}/replaced.arrows`))
    const argv = ['convert', '-', '--id', 'id', '--format', 'arrow', '-o', '-']
    expect(await collimate(argv, { stdin, written })).toMatchObject({ code: 0 })
    const out = new Uint8Array(Buffer.concat(written))
    expect(Array.from(out.subarray(0, 4))).toEqual([255, 255, 255, 255])
    const { matrix, ids: names } = await readMatrix(sandbox.file('piped', out), context, { id: ['id'] })
    expect([matrix.toArray(), names]).toEqual([X, NAMES])
    // A file that comes by a pipe is a stream with something around it.
    const file = new Uint8Array(readFileSync(`${FOLDER}/lists.arrow`))
    const again: Uint8Array[] = []
    expect(await collimate(['convert', '-', '--rows', '2:', '--format', 'csv', '-o', '-'], { stdin: file, written: again })).toMatchObject({ code: 0 }) // prettier-ignore
    expect(Buffer.concat(again).toString().split('\n')[0]).toBe('2,2.125,2.25,2.375')
    const parquet = await collimate(['convert', '-', '-o', '-'], {
      written,
      stdin: new Uint8Array(readFileSync(`${FOLDER}/lists.parquet`)),
    })
    expect(parquet).toMatchObject({ code: 2, stderr: expect.stringMatching(/is said at its end: give the file itself/) as string }) // prettier-ignore
  })
})

describe('shards and files under other names', () => {
  it('take the column of each file', async () => {
    for (const i of [1, 2, 10]) sandbox.file(`part-${i}.parquet`, readFileSync(`${FOLDER}/two.parquet`))
    const { matrix } = await readMatrix(`${sandbox.path('part-*.parquet')}:b`, context)
    expect(matrix.toArray()).toEqual([...X, ...X, ...X])
  })

  it('are known by what they begin with, or told', async () => {
    for (const name of ['lists.parquet', 'lists.arrow', 'lists.arrows']) {
      const file = sandbox.file('nameless', readFileSync(`${FOLDER}/${name}`))
      expect((await readMatrix(file, context)).matrix.toArray()).toEqual(X)
    }
    const table = sandbox.file('table.dat', '1;2\n3;4\n')
    expect((await readMatrix(table, context, { inputFormat: ['csv'] })).matrix.toArray()).toEqual([[1, 2], [3, 4]]) // prettier-ignore
    const wrong = await collimate(['info', table, '--input-format', 'xlsx'])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/Allowed choices are npy, npz, parquet, arrow/) as string }) // prettier-ignore
  })
})

describe('bytes of embeddings', () => {
  // Signs of deviates, packed as numpy.packbits(x > 0) does.
  const signs = Array.from({ length: 64 }, (_, i) => Array.from({ length: 64 }, (_, j) => (Math.sin((i * 64 + j) ** 2) > 0 ? 1 : -1))) // prettier-ignore
  const packed = Uint8Array.from({ length: 64 * 8 }, (_, at) => signs[at >> 3].slice(8 * (at & 7), 8 * (at & 7) + 8).reduce((byte, sign) => 2 * byte + (sign > 0 ? 1 : 0), 0)) // prettier-ignore
  const ubinary = () => sandbox.file('u.npy', writeNpy({ shape: [64, 8], data: packed }))
  const binary = () => sandbox.file('b.npy', writeNpy({ shape: [64, 8], data: Int8Array.from(packed, (x) => x - 128) }))

  it('are unpacked, if that is asked for', async () => {
    expect((await readMatrix(ubinary(), context, { dtype: ['ubinary'] })).matrix.toArray()).toEqual(signs)
    expect((await readMatrix(binary(), context, { dtype: ['binary'] })).matrix.toArray()).toEqual(signs)
    expect((await readMatrix(ubinary(), context, { dtype: ['uint8'] })).matrix.data).toEqual(Float64Array.from(packed))
    const rows = await readMatrix(ubinary(), context, { dtype: ['ubinary'], rows: parseRows('3:5'), columns: ['1'] })
    expect(rows.matrix.toArray()).toEqual(signs.slice(3, 5).map((row) => row.slice(8, 16)))
  })

  it('are asked about where they look like packed bits', async () => {
    await expect(readMatrix(ubinary(), context)).rejects.toThrow(/u\.npy has bytes that look like packed bits, eight columns each: --dtype ubinary takes every bit as \+1 or -1 \(8 x 8 = 64 columns\), --dtype uint8 takes/) // prettier-ignore
    await expect(readMatrix(binary(), context)).rejects.toThrow(/--dtype binary takes every bit/)
  })

  it.each([
    ['int8', (x: number) => Int8Array.of(Math.round(40 * x))[0]],
    ['uint8', (x: number) => 128 + Math.round(40 * x)],
    ['histograms', (x: number) => Math.min(255, Math.round(Math.exp(1.5 * x + 2.5)))],
  ])('are not where they are %s', async (name, quantised) => {
    const deviate = (i: number) => [1, 2, 3, 4, 5, 6].reduce((sum, k) => sum + Math.sin((i + 1) ** 2 * k) / 1.7, 0)
    const values = Array.from({ length: 4096 }, (_, i) => quantised(Math.max(-3, Math.min(3, deviate(i)))))
    const data = name === 'int8' ? Int8Array.from(values) : Uint8Array.from(values)
    const { matrix } = await readMatrix(sandbox.file('q.npy', writeNpy({ shape: [128, 32], data })), context)
    expect(Array.from(matrix.data)).toEqual(values)
  })

  it('are bytes', async () => {
    const csv = sandbox.file('x.csv', '1,2\n3,300\n')
    await expect(readMatrix(csv, context, { dtype: ['ubinary'] })).rejects.toThrow(/--dtype ubinary: .*x\.csv has 300 in row 1, which is no such byte/) // prettier-ignore
    const done = await collimate(['info', csv, '--dtype', 'float16'])
    expect(done.stderr).toMatch(/Allowed choices are int8, uint8, binary, ubinary/)
  })

  it('of Cohere are those of the type that is asked for', async () => {
    const json = sandbox.file(
      'c.json',
      JSON.stringify({ id: 'x', embeddings: { int8: [[1, -2]], ubinary: [[128, 1]] } }),
    )
    expect((await readMatrix(json, context, { dtype: ['int8'] })).matrix.toArray()).toEqual([[1, -2]])
    const bits = (await readMatrix(json, context, { dtype: ['ubinary'] })).matrix.toArray()
    expect(bits).toEqual([[1, ...new Array<number>(14).fill(-1), 1]])
    await expect(readMatrix(json, context)).rejects.toThrow(/has embeddings of type int8, ubinary: --dtype says which/)
  })
})
