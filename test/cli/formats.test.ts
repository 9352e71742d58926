import { readFileSync, writeFileSync } from 'node:fs'
import { deflateRawSync, gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { crc32 } from '../../src/cli/data/zip.js'
import { readMatrix } from '../../src/cli/matrices.js'
import type { ReadOptions } from '../../src/cli/sources.js'
import { parseRows } from '../../src/cli/rows.js'
import { readSafetensors, writeNpy, writeSafetensors } from '../../src/io/index.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const silent = { write: () => undefined }
const context = { stdout: silent, stderr: silent, env: {}, signal: new AbortController().signal }
const read = (name: string, content: string | Uint8Array, options: ReadOptions = {}) => {
  sandbox.file(name.replace(/(npz|safetensors):.*/, '$1'), content)
  return readMatrix(sandbox.path(name), context, options)
}
const numbers = async (...args: Parameters<typeof read>) => (await read(...args)).matrix.toArray()
const ROWS = [
  [1, 2.5],
  [-3, 4],
]
const X = Matrix.from(ROWS)

/** Python's zipfile and struct are not here; a zip archive of deflated members by hand. */
function zip(members: Record<string, Uint8Array>, method: 0 | 8 = 8): Uint8Array {
  const [locals, entries]: [Buffer[], Buffer[]] = [[], []]
  let start = 0
  for (const [name, bytes] of Object.entries(members)) {
    const packed = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(method, 4)
    fields.writeUInt32LE(crc32(bytes), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(bytes.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(start, 10)
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.alloc(2), fields, tail, Buffer.from(name)]))
    locals.push(local)
    start += local.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(start, 12)
  return new Uint8Array(Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]))
}

describe('JSON', () => {
  const vectorIn64 = (row: number[]) => Buffer.from(Float32Array.from(row).buffer).toString('base64')

  it.each<[string, string, string, ReadOptions?]>([
    ['objects by lines', 'x.jsonl', '{"embedding":[1,2.5],"id":7}\n{"embedding":[-3,4],"id":8}\n'],
    ['with blank lines and another field', 'x.ndjson', '{"v":{"w":[1,2.5]}}\n\n{"v":{"w":[-3,4]}}', { field: ['v.w'] }],
    ['bare arrays', 'x.jsonl', '[1,2.5]\n[-3,4]\n'],
    ['a document of arrays', 'x.json', '[\n [1, 2.5],\n [-3, 4]]'],
    ['a document of objects', 'x.json', '[{"embedding":[1,2.5]},{"embedding":[-3,4]}]'],
    ['an answer of OpenAI, out of order', 'x.json', '{"object":"list","data":[{"index":1,"embedding":[-3,4]},{"index":0,"embedding":[1,2.5]}]}'],
    ['a batch of OpenAI', 'x.jsonl', '{"custom_id":"a","error":null,"response":{"status_code":200,"body":{"data":[{"index":0,"embedding":[1,2.5]}]}}}\n{"custom_id":"b","response":{"body":{"data":[{"index":0,"embedding":[-3,4]}]}}}\n'],
    ['an answer of Cohere', 'x.json', '{"id":"x","texts":["a","b"],"embeddings":[[1,2.5],[-3,4]]}'],
    ['one of its second version', 'x.json', '{"id":"x","embeddings":{"float":[[1,2.5],[-3,4]]}}'],
    ['base64', 'x.jsonl', `{"embedding":"${vectorIn64(ROWS[0])}"}\n{"embedding":"${vectorIn64(ROWS[1])}"}\n`],
    ['lines under a name that says document', 'x.json', '{"embedding":[1,2.5]}\n{"embedding":[-3,4]}\n'],
  ])('%s', async (_, name, text, options = {}) => {
    expect(await numbers(name, text, options)).toEqual(ROWS)
  }) // prettier-ignore

  it('has ids in the object or around it, one each', async () => {
    const batch = '{"custom_id":"a","response":{"body":{"data":[{"index":1,"embedding":[-3,4]},{"index":0,"embedding":[1,2.5]}]}}}\n{"custom_id":"b","response":{"body":{"data":[{"index":0,"embedding":[0,0]}]}}}\n' // prettier-ignore
    expect((await read('x.jsonl', batch, { id: ['custom_id'] })).ids).toEqual(['a', 'a:1', 'b'])
    expect((await read('x.jsonl', '{"embedding":[1],"id":7}\n{"embedding":[2],"id":"x"}', { id: ['id'] })).ids).toEqual(['7', 'x']) // prettier-ignore
  })

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"embedding":[1,2]}\n{"embedding":[1,\n', /x\.jsonl: line 2 is no JSON/],
    [
      'no vector',
      '{"embedding":[1,2]}\n{"vector":[1,2]}\n',
      /line 2 has no field 'embedding' with a vector; it has vector/,
    ],
    [
      'another length',
      '{"embedding":[1,2]}\n{"embedding":[1,2,3]}\n',
      /line 2: a vector has 3 numbers, the first has 2/,
    ],
    ['a text within', '{"embedding":[1,"2"]}\n', /entry 1 of a vector is no number/],
    ['a null within', '{"embedding":[1,null]}\n', /entry 1 of a vector is no number/],
    ['no base64', '{"embedding":"a b"}\n', /'a b' is no vector: neither/],
    ['a request that failed', '{"custom_id":"a","response":null,"error":{"message":"rate limit"}}\n', /line 1: the request failed: rate limit/], // prettier-ignore
    ['nothing', '\n', /x\.jsonl holds no numbers/],
  ])('is refused with %s', async (_, text, message) => {
    await expect(read('x.jsonl', text)).rejects.toThrow(message)
  })
})

describe('other files of vectors', () => {
  const lengthFirst = (kind: 'f' | 'i' | 'b') => {
    const view = new DataView(new ArrayBuffer(kind === 'b' ? 12 : 24))
    const size = kind === 'b' ? 1 : 4
    ROWS.forEach((row, i) => {
      const at = i * (4 + 2 * size)
      view.setInt32(at, 2, true)
      row.forEach((x, j) => {
        if (kind === 'f') view.setFloat32(at + 4 + 4 * j, x, true)
        else if (kind === 'i') view.setInt32(at + 4 + 4 * j, x, true)
        else view.setUint8(at + 4 + j, x)
      })
    })
    return new Uint8Array(view.buffer)
  }
  const fbin = Buffer.concat([Buffer.from(Uint32Array.of(2, 2).buffer), Buffer.from(Float32Array.from(ROWS.flat()).buffer)]) // prettier-ignore

  it('.fvecs, .ivecs, .bvecs and .fbin', async () => {
    expect(await numbers('x.fvecs', lengthFirst('f'))).toEqual(ROWS)
    expect(await numbers('x.ivecs', lengthFirst('i'))).toEqual([[1, 2], [-3, 4]]) // prettier-ignore
    expect(await numbers('x.bvecs', lengthFirst('b'))).toEqual([[1, 2], [253, 4]]) // prettier-ignore
    expect(await numbers('x.fbin', fbin)).toEqual(ROWS)
    expect(await numbers('x.fbin', fbin, { rows: parseRows('-1:') })).toEqual([ROWS[1]])
    expect(await numbers('x.fvecs', lengthFirst('f'), { rows: parseRows('1:') })).toEqual([ROWS[1]])
    await expect(read('x.fvecs', lengthFirst('f').subarray(0, 20))).rejects.toThrow(/x\.fvecs ends within vector 1/)
    const bad = lengthFirst('f')
    bad[12] = 3
    await expect(read('x.fvecs', bad)).rejects.toThrow('vector 1 has 3 numbers, the first has 2')
    await expect(read('x.fvecs', fbin.subarray(8))).rejects.toThrow(/is no file of vectors/)
    await expect(read('x.fbin', fbin.subarray(0, 20))).rejects.toThrow(/takes 16 bytes, but 12 follow/)
    await expect(read('x.fbin', new Uint8Array(3))).rejects.toThrow(/is no \.fbin file/)
  })

  it('of words, as text and binary: the words are ids', async () => {
    const options = { id: ['word'] }
    for (const [name, text] of [
      ['glove.txt', 'cat 1 2.5\ndog -3 4\n'],
      ['ft.vec', '2 2\ncat 1 2.5\ndog -3 4\n'],
    ] as const) {
      const { matrix, ids } = await read(name, text, options)
      expect([matrix.toArray(), ids]).toEqual([ROWS, ['cat', 'dog']])
      expect(await numbers(name, text)).toEqual(ROWS)
    }
    const floats = (row: number[]) => Buffer.from(Float32Array.from(row).buffer)
    for (const end of ['', '\n']) {
      const binary = Buffer.concat([Buffer.from('2 2\ncat '), floats(ROWS[0]), Buffer.from(`${end}dög `), floats(ROWS[1])]) // prettier-ignore
      expect(await read('w.bin', binary, options)).toEqual({ matrix: new Matrix(2, 2, Float32Array.from(ROWS.flat())), ids: ['cat', 'dög'] }) // prettier-ignore
      await expect(read('w.bin', binary.subarray(0, -1))).rejects.toThrow(/w\.bin ends within word 1 of 2/)
    }
    expect(await numbers('spaced.txt', '1 2.5\n-3 4\n')).toEqual(ROWS)
    await expect(read('glove.txt', 'cat 1 2\ndog 1 x\n')).rejects.toThrow(/line 2: 'x' is no number/)
    await expect(read('glove.txt', 'cat 1 2\ndog 1\n')).rejects.toThrow(/line 2: a vector has 1 numbers/)
    await expect(read('glove.txt', 'cat 1 2\n', { id: ['name'] })).rejects.toThrow(/are called 'word'/)
  })

  it('in brackets in a cell of a CSV file', async () => {
    const text = 'id,text,vector\na,"x, y","[1, 2.5]"\nb,z,"[-3 4]"\n'
    expect(await read('x.csv', text, { id: ['id'] })).toEqual({ matrix: X, ids: ['a', 'b'] })
    expect(await numbers('x.csv', text, { field: ['vector'] })).toEqual(ROWS)
    await expect(read('x.csv', text, { field: ['other'] })).rejects.toThrow(/has no such column/)
    await expect(read('x.csv', 'v\n"[1, x]"\n')).rejects.toThrow(/line 2: .* is no vector of numbers/)
  })
})

describe('arrays in a file of several', () => {
  it('.npz, packed or not: its one array, or one by name, and ids', async () => {
    const ids = Buffer.from('\x93NUMPY\x01\x00v\x00' + "{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }".padEnd(117) + '\n' + 'a\0\0\0\0\0\0\0\0\0\0\0b\0\0\0c\0\0\0d\0\0\0', 'latin1') // prettier-ignore
    for (const method of [0, 8] as const) {
      const one = zip({ 'x.npy': writeNpy(X), 'ids.npy': ids }, method)
      expect(await numbers('x.npz', one)).toEqual(ROWS)
      expect((await read('x.npz', one, { id: ['ids'] })).ids).toEqual(['a', 'bcd'])
      const two = zip({ 'x.npy': writeNpy(X), 'y.npy': writeNpy(new Matrix(1, 1, [5])) }, method)
      expect(await numbers('x.npz:y', two)).toEqual([[5]])
      await expect(read('x.npz', two)).rejects.toThrow(/has several arrays, x, y: give .*x\.npz:NAME/)
      await expect(read('x.npz:z', two)).rejects.toThrow(/has no array 'z'; it has x, y/)
      await expect(read('x.npz', one.subarray(0, -30))).rejects.toThrow(/is no sound zip archive/)
    }
    await expect(read('x.npz', zip({ 'data.pkl': X.data as never }))).rejects.toThrow(/without arrays, as PyTorch/)
  })

  it('safetensors: its one tensor, or one by name', async () => {
    const file = writeSafetensors({ tensors: [['x', X], ['y', new Matrix(1, 1, [5])]], metadata: { ids: '["a","b"]' } }) // prettier-ignore
    expect(await read('t.safetensors:x', file, { id: ['ids'] })).toEqual({ matrix: X, ids: ['a', 'b'] })
    expect(await numbers('t.safetensors:y', file)).toEqual([[5]])
    await expect(read('t.safetensors', file)).rejects.toThrow(/several tensors could be meant/)
  })

  it('shards are one file, in the order of their numbers', async () => {
    for (let i = 0; i < 12; i++) sandbox.npy(`part-${i}.npy`, new Matrix(2, 1, [2 * i, 2 * i + 1]))
    const all = Array.from({ length: 24 }, (_, i) => [i])
    expect((await readMatrix(sandbox.path('part-*.npy'), context)).matrix.toArray()).toEqual(all)
    expect((await readMatrix(sandbox.path('part-?.npy'), context, { rows: parseRows('3:5,-1:') })).matrix.toArray()).toEqual([[3], [4], [19]]) // prettier-ignore
    await expect(readMatrix(sandbox.path('none-*.npy'), context)).rejects.toThrow('no file is called so')
    sandbox.npy('part-3.npy', new Matrix(2, 2))
    await expect(readMatrix(sandbox.path('part-*.npy'), context)).rejects.toThrow(/part-3\.npy has 2 columns/)
  })
})

describe('what is written is read back the same', () => {
  const [A] = pairedModalities(40, [6])
  const model = new PerfectAlignment({ nComponents: 3 }).fit([A, A])
  const file = sandbox.file('m.safetensors', model.toBytes())
  const expected = model.transform(A, 0)
  const named = `name,${A.row(0).map((_, j) => j).join(',f')}\n${A.toArray().map((row, i) => `n${i},${row.join(',')}\n`).join('')}` // prettier-ignore
  const ids = A.toArray().map((_, i) => `n${i}`)
  const a = sandbox.file('a.csv', named)

  it.each([
    ['z.npz', 'ids'],
    ['z.safetensors', 'ids'],
    ['z.jsonl', 'name'],
    ['z.csv', 'name'],
    ['z.vec', 'word'],
    ['z.csv.gz', 'name'],
    ['z.jsonl.gz', 'name'],
  ])('%s, with ids', async (name, id) => {
    const out = sandbox.path(name)
    expect(await collimate(['transform', file, a, '-m', '0', '--id', 'name', '--precision', 'f64', '-o', out])).toMatchObject({ code: 0 }) // prettier-ignore
    const found = await readMatrix(out, context, { id: [id] })
    expect(found.ids).toEqual(ids)
    expect(Array.from(found.matrix.data)).toEqual(Array.from(expected.data, name === 'z.vec' ? Math.fround : Number))
  })

  it.each([
    'z.npy',
    'z.npz',
    'z.safetensors',
    'z.jsonl',
    'z.tsv',
    'z.fvecs',
    'z.fbin',
    'z.npy.gz',
    'z.npz:latents',
    'z.parquet:latents',
    'z.arrow',
  ])('%s, without', async (name) => {
    const x = sandbox.npy('a.npy', A)
    const out = sandbox.path(name)
    expect(await collimate(['transform', file, x, '-m', '0', '--precision', 'f32', '-o', out])).toMatchObject({ code: 0, stderr: '' }) // prettier-ignore
    const found = (await readMatrix(out, context)).matrix
    expect(Float32Array.from(found.data)).toEqual(Float32Array.from(expected.data))
  })

  it('a .npz file has the checks of its members, and a packed one what gunzip unpacks', () => {
    const bytes = readFileSync(sandbox.path('z.npz'))
    const [entry, array] = [bytes.lastIndexOf('PK\x01\x02'), bytes.indexOf('\x93NUMPY', 'latin1')]
    expect(bytes.readUInt32LE(entry + 16)).toBe(crc32(bytes.subarray(array, array + 128 + 40 * 3 * 4)))
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
    expect(new Uint8Array(gunzipSync(readFileSync(sandbox.path('z.npy.gz'))))).toEqual(new Uint8Array(readFileSync(sandbox.path('z.npy')))) // prettier-ignore
    expect([...readSafetensors(new Uint8Array(readFileSync(sandbox.path('z.safetensors')))).tensors.keys()]).toEqual(['embeddings']) // prettier-ignore
  })

  it('is refused where the name says another format, or an input is in the same file', async () => {
    writeFileSync(sandbox.path('in.npz'), zip({ 'x.npy': writeNpy(A) }))
    const argv = ['transform', file, sandbox.path('in.npz:x'), '-m', '0', '-o']
    expect((await collimate([...argv, sandbox.path('in.npz:y')])).stderr).toMatch(/it is the input file/)
    expect((await collimate([...argv, sandbox.path('z.json')])).stderr).toMatch(/rows are written as .*, not as \.json/)
    expect((await collimate([...argv, sandbox.path('z.xlsx')])).code).toBe(2)
  })
})
