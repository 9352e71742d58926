import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { openNpz } from '../../src/cli/data/npz.js'
import { openInput } from '../../src/cli/data/input.js'
import { writeNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'
import { registerScore } from '../../src/score/index.js'
import { nearest } from '../../src/search/index.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})
registerScore()

const [A, B] = pairedModalities(200, [6, 5], 4, 0.3)
const [a, b] = [sandbox.npy('a.npy', A), sandbox.npy('b.npy', B)]
const model = new PerfectAlignment({ nComponents: 4, selection: 'balanced' }).fit([A, B])
const file = sandbox.file('m.safetensors', model.toBytes())
const byModel = ['--model', file, '--from', '1']
const single = (X: Matrix) => new Matrix(X.rows, X.cols, Float32Array.from(X.data))
const text = (name: string) => readFileSync(sandbox.path(name), 'utf8')

interface Json {
  results: { query: string | number; rows?: number[]; ids?: string[]; scores?: number[]; distances?: number[] }[]
  metric: string
  k: number
  queries: number
  gallery: number
}

async function sought(argv: readonly string[], stdin?: Uint8Array): Promise<Json> {
  const { code, stdout, stderr } = await collimate(['nearest', ...argv, '--json'], { ...(stdin && { stdin }) })
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Json
}

describe('collimate nearest', () => {
  it.each(['cosine', 'dot', 'euclidean'] as const)(
    'finds by %s what the library finds, with a model and without',
    async (metric) => {
      const latents = [A, B].map((X, m) => model.transform(X, m))
      for (const [argv, [Q, G]] of [
        [
          [b, a, ...byModel],
          [latents[1], latents[0]],
        ],
        [
          [a, a, '--rows', '5:9,0:2', '--gallery-rows', '::2'],
          [A, A],
        ],
      ] as const) {
        const [q, g] = argv.length > 5 && argv.includes('--rows') ? [[5, 6, 7, 8, 0, 1], [...Array(100).keys()].map((i) => 2 * i)] : [[...Array(200).keys()], [...Array(200).keys()]] // prettier-ignore
        const pick = (X: Matrix, rows: readonly number[]) => Matrix.from(rows.map((row) => Array.from(X.row(row))))
        const expected = nearest(pick(Q, q), pick(G, g), 7, { metric })
        const found = await sought([...argv, '-k', '7', '--metric', metric])
        expect(found).toMatchObject({ metric, k: 7, queries: q.length, gallery: g.length })
        expect(found.results.flatMap(({ rows }) => rows)).toEqual(Array.from(expected.indices))
        const values = (metric === 'euclidean' ? expected.distances : expected.scores) as Float64Array
        found.results.forEach((one, i) => {
          expect(one.query).toBe(i)
          expect(metric === 'euclidean' ? one.distances : one.scores).toEqual(
            Array.from(values.subarray(7 * i, 7 * i + 7)),
          )
        })
      }
    },
  )

  it.each(['likelihood', 'normalised'] as const)('scores by %s as similarity does', async (metric) => {
    const scores = model.similarity(B, 1, A, 0, { metric })
    const found = await sought([b, a, ...byModel, '--metric', metric, '-k', '200'])
    found.results.forEach(({ rows = [], scores: own = [] }, i) => {
      const best = [...Array(200).keys()].sort((x, y) => scores.get(i, y) - scores.get(i, x))
      expect(rows.slice(0, 20)).toEqual(best.slice(0, 20))
      rows.forEach((row, l) => {
        expect(Math.abs(own[l] - scores.get(i, row))).toBeLessThan(1e-9 * (1 + Math.abs(own[l])))
      })
    })
  })

  it('gives ids, of both sides or of one', async () => {
    const ids = (X: Matrix, name: string, key: string) => sandbox.file(name, X.toArray().map((embedding, i) => `${JSON.stringify({ [key]: `item ${i}`, embedding })}\n`).join('')) // prettier-ignore
    const [qs, gs] = [ids(A, 'q.jsonl', 'name'), ids(A, 'g.jsonl', 'sku')]
    const both = await sought([qs, gs, '--id', 'name', '--id', 'sku', '-k', '2', '--rows', '3:5'])
    expect(both.results.map(({ query, ids: found }) => [query, found?.[0]])).toEqual([['item 3', 'item 3'], ['item 4', 'item 4']]) // prettier-ignore
    const one = await sought([a, gs, '--id', '', '--id', 'sku', '-k', '1', '--rows', '3:5'])
    expect(one.results).toMatchObject([
      { query: 3 - 3, ids: ['item 3'] },
      { query: 1, ids: ['item 4'] },
    ])
    const table = await collimate(['nearest', qs, gs, '--id', 'name', '--id', 'sku', '-k', '1', '--rows', '7:8'])
    expect(table.stdout).toBe('query   rank      id  score\nitem 7     1  item 7  1.000\n')
  })

  it('takes queries some at a time, and a gallery that comes once', async () => {
    // So many neighbours that all queries are not held together.
    const many = ['-k', '60000']
    const rows = async (argv: readonly string[], stdin?: Uint8Array) => (await sought(argv, stdin)).results.map((one) => one.rows?.slice(0, 9)) // prettier-ignore
    for (const [query, gallery, more] of [
      [A, A, []],
      [B, A, byModel],
    ] as const) {
      const q = sandbox.npy('q.npy', single(query))
      const expected = await rows([q, sandbox.npy('g.npy', single(gallery)), ...more, '-k', '9'])
      expect(await rows([q, sandbox.path('g.npy'), ...more, ...many])).toEqual(expected)
      expect(await rows([q, '-', ...more, ...many], writeNpy(single(gallery)))).toEqual(expected)
      expect(await rows(['-', sandbox.path('g.npy'), ...more, ...many], writeNpy(single(query)))).toEqual(expected)
    }
  })

  it('writes .csv, .tsv, .jsonl and .npz', async () => {
    const write = async (name: string, ...more: string[]) => {
      const done = await collimate([
        'nearest',
        a,
        a,
        '-k',
        '3',
        '--metric',
        'euclidean',
        ...more,
        '-o',
        sandbox.path(name),
      ])
      expect(done).toEqual({ code: 0, stderr: '', stdout: `${sandbox.path(name)}: 200 queries, the 3 nearest of 200 each, by euclidean\n` }) // prettier-ignore
    }
    const { indices, distances } = nearest(A, A, 3, { metric: 'euclidean' })
    await write('f.csv')
    await write('f.tsv', '--decimal', ',')
    await write('f.jsonl')
    await write('f.npz')
    const lines = text('f.csv').trimEnd().split('\n').map((line) => line.split(',')) // prettier-ignore
    expect(lines.shift()).toEqual(['query', 'rank', 'row', 'distance'])
    expect(lines.map((cells) => Number(cells[2]))).toEqual(Array.from(indices))
    expect(lines.map((cells) => Number(cells[3]))).toEqual(Array.from(distances))
    expect(text('f.tsv').split('\n')[2].split('\t')).toEqual(['0', '2', String(indices[1]), String(distances[1]).replace('.', ',')]) // prettier-ignore
    expect(JSON.parse(text('f.jsonl').split('\n')[4])).toEqual({ query: 4, rows: Array.from(indices.subarray(12, 15)), distances: Array.from(distances.subarray(12, 15)) }) // prettier-ignore
    const context = {
      stdout: { write: () => 0 },
      stderr: { write: () => 0 },
      env: {},
      signal: new AbortController().signal,
    }
    for (const [name, expected] of [
      ['rows', Array.from(indices)],
      ['distances', Array.from(distances)],
    ] as const) {
      const stream = await openNpz(await openInput(`${sandbox.path('f.npz')}:${name}`, context), {
        signal: context.signal,
      })
      for await (const { matrix } of stream.chunks({ from: 0, rows: 1000 })) expect([matrix.cols, Array.from(matrix.data)]).toEqual([3, expected]) // prettier-ignore
      await stream.close()
    }
  })

  it('has ids as texts in .npz', async () => {
    const g = sandbox.file('g.csv', A.toArray().map((row, i) => `x${i},${row.join(',')}\n`).join('')) // prettier-ignore
    await collimate(['nearest', a, g, '--id', '', '--id', '0', '-k', '1', '-o', sandbox.path('ids.npz')])
    const bytes = readFileSync(sandbox.path('ids.npz'))
    expect(bytes.toString('latin1')).toContain("'descr': '<U4', 'fortran_order': False, 'shape': (200, 1)")
  })

  it('puts what comes first first of equals, across pieces of the gallery', async () => {
    // More rows than are compared at a time.
    const equal = sandbox.npy('equal.npy', new Matrix(20_000, 2, new Float32Array(40_000).fill(1)))
    const { results } = await sought([equal, equal, '--rows', '0:1', '--metric', 'dot', '-k', '3'])
    expect(results[0]).toEqual({ query: 0, rows: [0, 1, 2], scores: [2, 2, 2] })
    const { results: last } = await sought([equal, equal, '--rows', '0:1', '--gallery-rows', '19998:', '-k', '3'])
    expect(last[0].rows).toEqual([0, 1])
  })

  it('hides control bytes of ids', async () => {
    const evil = 'x\u001b]0;t\u0007\u009b1m'
    const g = sandbox.file('evil.jsonl', `${JSON.stringify({ id: evil, embedding: [1, 2] })}\n`)
    const controlled = (words: string) => Array.from(words).some((c) => /\p{Cc}/u.test(c) && c !== '\n')
    for (const more of [[], ['--json']]) {
      const { stdout } = await collimate(['nearest', g, g, '--id', 'id', ...more])
      expect([stdout.includes('x'), controlled(stdout)]).toEqual([true, false])
      if (more.length > 0) expect((JSON.parse(stdout) as Json).results[0].ids).toEqual([evil])
    }
    const written: Uint8Array[] = []
    await collimate(['nearest', g, g, '--id', 'id', '-o', '-', '--format', 'csv'], { isTTY: true, written })
    expect(controlled(Buffer.concat(written).toString())).toBe(false)
  })

  it('of no queries is nothing', async () => {
    const none = sandbox.npy('none.npy', new Matrix(0, 6))
    expect(await sought([none, a])).toEqual({ results: [], metric: 'cosine', k: 10, queries: 0, gallery: 200 })
    expect((await collimate(['nearest', none, a, '-o', sandbox.path('n.csv')])).code).toBe(0)
    expect(text('n.csv')).toBe('query,rank,row,score\n')
  })

  const nan = sandbox.npy('nan.npy', Matrix.from([[1, 2, 3, 4, NaN, 6]]))
  const empty = sandbox.npy('empty.npy', new Matrix(0, 6))
  it.each([
    [[a, b], /b\.npy has 5: without --model both must have the same/],
    [[a, b, '--model', file], /--from is needed/],
    [[a, b, '--model', file, '--from', '2'], /--from 2: the model has 2 modalities/],
    [[b, a, '--model', file, '--from', '0'], /b\.npy has 5 columns, modality 0 of the model has 6/],
    [[a, a, '--model', file, '--from', '0', '--to', '0', '--metric', 'normalised'], /two different modalities/],
    [[a, a, '--from', '0'], /give --model/],
    [[a, a, '--metric', 'likelihood'], /give --model/],
    [[a, a, '-k', '0'], /must be an integer from 1 to 65536/],
    [[a, a, '-k', '1e9'], /must be an integer from 1 to 65536/],
    [[a, a, '--metric', 'csls'], /'csls' is invalid/],
    [[a, nan], /nan\.npy: entry \(0, 4\) is NaN/],
    [[nan, a], /nan\.npy: entry \(0, 4\) is NaN/],
    [[a, empty], /empty\.npy has no rows: there is nothing to find/],
    [[a, a, '--gallery-rows', '100:300'], /goes beyond .*a\.npy, which has 200 rows/],
    [[a, a, '-o', sandbox.path('x.parquet')], /neighbours are written as \.csv/],
    [[a, a, '--json', '-o', sandbox.path('x.jsonl')], /--json is for the standard output/],
    [[a, a, '--format', 'csv'], /--format is for --out/],
    [[a, a, '-o', a, '--format', 'csv'], /it is the input file/],
    [['-', '-'], /no standard input/],
    [[a], /missing required argument 'gallery'/],
  ])('%j is refused', async (argv, message) => {
    const { code, stdout, stderr } = await collimate(['nearest', ...argv])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^collimate: [^\n]+\n$/)
  })

  it('says that a model has no rho', async () => {
    const last = sandbox.file('last.safetensors', new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit([A, B]).toBytes()) // prettier-ignore
    const { code, stderr } = await collimate([
      'nearest',
      a,
      b,
      '--model',
      last,
      '--from',
      '0',
      '--metric',
      'likelihood',
    ])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no rho/)])
  })

  it('is stopped by Ctrl-C', async () => {
    expect(await collimate(['nearest', a, a], { signal: AbortSignal.abort() })).toMatchObject({ code: 130, stdout: '' })
  })
})
