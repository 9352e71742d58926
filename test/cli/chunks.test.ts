import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { chunkRows } from '../../src/cli/data/row-stream.js'
import { npyToMatrix, readNpy, writeNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

// Wide, so that few rows are more than a chunk.
const WIDE = 7000
const ROWS = 300
const [narrow] = pairedModalities(ROWS, [4])
const wide = new Matrix(
  ROWS,
  WIDE,
  Float32Array.from({ length: ROWS * WIDE }, (_, i) => narrow.data[(i % 4) + 4 * Math.floor(i / WIDE)] + Math.sin(i)),
)
const [x, y] = [sandbox.npy('wide.npy', wide), sandbox.npy('narrow.npy', narrow)]
const out = sandbox.path('out')
const bytes = (name: string) => new Uint8Array(readFileSync(sandbox.path(name)))
const arrayOf = (name: string) => npyToMatrix(readNpy(bytes(name)))
const run = async (...argv: string[]) => {
  const done = await collimate(argv)
  expect([done.code, done.stderr]).toEqual([0, ''])
}

describe('rows by the chunk', () => {
  const [A, B] = pairedModalities(17_000, [6, 5])
  const [a, b] = [sandbox.npy('a.npy', A), sandbox.npy('b.npy', B)]
  const csv = (name: string, X: Matrix) => sandbox.file(name, X.toArray().map((row) => `${row.join(',')}\n`).join('')) // prettier-ignore

  it('fit as all of them at once do', async () => {
    expect(A.rows).toBeGreaterThan(chunkRows(11))
    await run('fit', a, b, '-k', '3', '--selection', 'balanced', '-o', out)
    const fitted = PerfectAlignment.fromBytes(bytes('out'))
    const expected = new PerfectAlignment({ nComponents: 3, selection: 'balanced' }).fit([A, B])
    for (const [m, map] of expected.maps.entries()) {
      const largest = Math.max(...map.data.map(Math.abs))
      map.data.forEach((entry, i) => {
        expect(Math.abs(fitted.maps[m].data[i] - entry) / largest).toBeLessThan(1e-9)
      })
    }
  })

  it('of CSV files too, which tell how many there are at their end', async () => {
    const [C, D] = pairedModalities(A.rows, [2, 1], 1)
    await run('fit', sandbox.npy('c.npy', C), sandbox.npy('d.npy', D), '-k', '1', '-o', out)
    const expected = bytes('out')
    await run('fit', csv('a.csv', C), csv('b.csv', D), '-k', '1', '-o', out)
    expect(bytes('out')).toEqual(expected)
    const short = csv('short.csv', new Matrix(16_500, 1, D.data.subarray(0, 16_500)))
    const done = await collimate(['fit', sandbox.path('a.csv'), short, '-k', '1', '-o', out])
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(/short\.csv has 16500 rows, .*a\.csv has 17000/) as string }) // prettier-ignore
  })

  it('an InfoNCE model has them all', async () => {
    await run('fit', a, b, '--method', 'linear-contrastive', '--solver', 'infonce', '-k', '2', '--epochs', '1', '--batch-size', '64', '-o', out) // prettier-ignore
    expect(loadAlignment(bytes('out')).maps.map(({ cols }) => cols)).toEqual([6, 5])
  })

  it('what cannot be fitted is refused before all are read', async () => {
    const broken = bytes('a.npy')
    new DataView(broken.buffer).setFloat64(broken.length - 8, NaN, true)
    const file = sandbox.file('late.npy', broken)
    expect((await collimate(['fit', file, b, '-k', '12', '-o', out])).stderr).toMatch(/--components is 12, expected at most 11/) // prettier-ignore
    expect((await collimate(['fit', file, b, '-k', '3', '-o', out])).stderr).toMatch(
      /late\.npy: entry \(16999, 5\) is NaN/,
    )
  })
})

describe('what is mapped a chunk at a time', () => {
  it('is what the library maps, wherever rows are selected', async () => {
    expect(ROWS).toBeGreaterThan(chunkRows(WIDE))
    const model = new PerfectAlignment({ nComponents: 2 }).fit([new Matrix(ROWS, 6, wide.data.slice(0, ROWS * 6)), narrow]) // prettier-ignore
    const file = sandbox.file('m.safetensors', model.toBytes())
    const first = ['--columns', '0:6']
    const whole = model.transform(new Matrix(ROWS, 6, Float32Array.from({ length: ROWS * 6 }, (_, i) => wide.get(Math.floor(i / 6), i % 6))), 0) // prettier-ignore
    for (const [rows, picked] of [
      ['', Array.from({ length: ROWS }, (_, i) => i)],
      ['-3:', [297, 298, 299]],
      ['290:,0:2', [290, 291, 292, 293, 294, 295, 296, 297, 298, 299, 0, 1]],
      ['1::100', [1, 101, 201]],
      ['0:10:400', [0]],
    ] as const) {
      await run('transform', file, x, '-m', '0', ...first, ...(rows === '' ? [] : ['--rows', rows]), '-o', sandbox.path('z.npy')) // prettier-ignore
      const z = arrayOf('z.npy')
      expect(z.rows).toBe(picked.length)
      picked.forEach((row, i) => {
        for (let j = 0; j < 2; j++) expect(z.get(i, j)).toBeCloseTo(whole.get(row, j), 5)
      })
    }
  })

  it('is float32 where the input is, unless told otherwise', async () => {
    const model = new PerfectAlignment({ nComponents: 2 }).fit([narrow, narrow])
    const file = sandbox.file('n.safetensors', model.toBytes())
    const single = sandbox.npy('single.npy', new Matrix(ROWS, 4, Float32Array.from(narrow.data)))
    const dtype = async (input: string, ...more: string[]) => {
      await run('transform', file, input, '-m', '0', ...more, '-o', sandbox.path('z.npy'))
      return readNpy(bytes('z.npy')).dtype
    }
    expect([await dtype(single), await dtype(y)]).toEqual(['f4', 'f8'])
    expect([await dtype(single, '--precision', 'f64'), await dtype(y, '--precision', 'f32')]).toEqual(['f8', 'f4'])
  })

  it('from CSV to .npy has the rows that there were, and as many in its header', async () => {
    const model = new PerfectAlignment({ nComponents: 1 }).fit([narrow, narrow])
    const file = sandbox.file('n.safetensors', model.toBytes())
    const text = narrow.toArray().map((row) => `${row.join(',')}\n`).join('') // prettier-ignore
    await run('transform', file, sandbox.file('n.csv', text), '-m', '0', '-o', sandbox.path('z.npy'))
    expect(bytes('z.npy')).toEqual(writeNpy(model.transform(narrow, 0)))
    for (const [rows, count] of [
      ['5:9,20:', 284],
      ['-7:', 7],
      ['9:12,0:1', 4],
    ] as const) {
      // prettier-ignore
      await run('transform', file, sandbox.path('n.csv'), '-m', '0', '--rows', rows, '-o', sandbox.path('z.npy'))
      expect(arrayOf('z.npy').rows).toBe(count)
    }
    const beyond = await collimate(['transform', file, sandbox.path('n.csv'), '-m', '0', '--rows', '0:301', '-o', sandbox.path('never.npy')]) // prettier-ignore
    expect(beyond).toMatchObject({ code: 2, stderr: expect.stringMatching(/--rows 0:301 goes beyond .*n\.csv, which has 300 rows/) as string }) // prettier-ignore
  })

  it('leaves nothing where the input ends early', async () => {
    const model = sandbox.file('n.safetensors', new PerfectAlignment({ nComponents: 1 }).fit([narrow, narrow]).toBytes()) // prettier-ignore
    const packed = gzipSync(bytes('narrow.npy')).subarray(0, -2000)
    const done = await collimate(['transform', model, sandbox.file('cut.npy.gz', packed), '-m', '0', '-o', sandbox.path('never.npy')]) // prettier-ignore
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(/cut\.npy\.gz cannot be unpacked: unexpected end/) as string }) // prettier-ignore
    expect(() => bytes('never.npy')).toThrow('ENOENT')
  })
})

describe('gzip', () => {
  it('around .npy and CSV is read', async () => {
    await run('fit', y, y, '-k', '2', '-o', out)
    const expected = bytes('out')
    const npy = sandbox.file('n.npy.gz', gzipSync(bytes('narrow.npy')))
    const text = narrow.toArray().map((row) => `${row.join(',')}\n`).join('') // prettier-ignore
    const csv = sandbox.file('n.csv.gz', gzipSync(text))
    await run('fit', npy, csv, '-k', '2', '-o', out)
    expect(bytes('out')).toEqual(expected)
  })

  it('of rows that go back is put aside', async () => {
    const rows = ['-k', '2', '--rows', '5:90,0:5', '-o', out]
    await run('fit', y, y, ...rows)
    const expected = bytes('out')
    await run('fit', sandbox.file('n.npy.gz', gzipSync(bytes('narrow.npy'))), y, ...rows)
    expect(bytes('out')).toEqual(expected)
  })
})
