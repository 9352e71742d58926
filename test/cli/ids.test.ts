import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { writeNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const ROWS = 60
const [A, B] = pairedModalities(ROWS, [5, 4])
const numbers = (row: ArrayLike<number>) => Array.from(row).join(',')
const text = (path: string) => readFileSync(path, 'utf8')
const idOf = (i: number) => `item ${String(i).padStart(3, '0')}`

/** The rows of a matrix as CSV, in the given order, with a column of ids called `key` in the middle. */
function csv(name: string, X: Matrix, rows: readonly number[], key = 'key'): string {
  const line = (first: string, rest: string, id: string) => `${first},${id},${rest}\n`
  const names = Array.from({ length: X.cols }, (_, j) => `f${j}`)
  const body = rows.map((i) => line(String(X.get(i, 0)), numbers(X.row(i).subarray(1)), idOf(i)))
  return sandbox.file(name, line(names[0], names.slice(1).join(','), key) + body.join(''))
}

const all = Array.from({ length: ROWS }, (_, i) => i)
const backwards = [...all].reverse()
const out = sandbox.path('model.safetensors')
const fit = (...more: string[]) => collimate(['fit', ...more, '-k', '3', '-o', out])
const maps = () => loadAlignment(new Uint8Array(readFileSync(out))).maps.map(({ data }) => data)

async function expected(rows: readonly number[]): Promise<Float64Array[]> {
  const part = (X: Matrix) =>
    new Matrix(
      rows.length,
      X.cols,
      rows.flatMap((i) => [...X.row(i)]),
    )
  const files = [A, B].map((X, m) => sandbox.npy(`whole ${m}.npy`, part(X)))
  expect(await fit(...files)).toMatchObject({ code: 0 })
  return maps() as Float64Array[]
}

describe('--id', () => {
  it('joins files whose rows come in another order, and takes no part in the fit', async () => {
    const wanted = await expected(all)
    expect(await fit(csv('a.csv', A, all), csv('b.csv', B, backwards), '--id', 'key')).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(maps()).toEqual(wanted)
  })

  it('leaves out rows that are in one file only, and says how many and why', async () => {
    const wanted = await expected(all.slice(10, 50))
    const files = [csv('a.csv', A, all.slice(0, 50)), csv('b.csv', B, backwards.slice(0, 50))]
    const { code, stderr } = await fit(...files, '--id', 'key')
    expect(code).toBe(0)
    expect(stderr).toBe(
      `note: 10 of 50 rows of ${files[0]} are left out: 10 not in ${files[1]}\n` +
        `note: 10 of 50 rows of ${files[1]} are left out: 10 not in ${files[0]}\n`,
    )
    expect(maps()).toEqual(wanted)
  })

  it('may have another name or number in each file', async () => {
    const wanted = await expected(all)
    const files = [csv('a.csv', A, all), csv('b.csv', B, all, 'other')]
    expect(await fit(...files, '--id', 'key', '--id', 'other')).toMatchObject({ code: 0 })
    expect(maps()).toEqual(wanted)
    expect(await fit(...files, '--id', '1')).toMatchObject({ code: 0 })
    expect(maps()).toEqual(wanted)
    expect(await fit(...files, '--id', 'key')).toMatchObject({ code: 2, stderr: expect.stringMatching(/--id key: .*b\.csv has no such column; it has f0, other, f1/) as string }) // prettier-ignore
    expect(await fit(...files, '--id', '1', '--id', '1', '--id', '1')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/given 3 times/) as string,
    })
  })

  it('reads ids of .npy files to all 64 bits', async () => {
    const big = 2n ** 60n
    const ids = new BigInt64Array([big, 5n, 1n, big + 1n, 6n, 2n, big + 2n, 8n, 0n])
    const file = sandbox.file('ids.npy', writeNpy({ shape: [3, 3], data: ids }))
    const other = sandbox.file('ids.csv', `name,x\n${big + 2n},3\n${big},1\n${big + 1n},4\n`)
    expect(await collimate(['fit', file, other, '--id', '0', '-k', '1', '-o', out])).toMatchObject({ code: 0 })
    const model = loadAlignment(new Uint8Array(readFileSync(out)))
    expect(model.means).toEqual([new Float64Array([19 / 3, 1]), new Float64Array([8 / 3])])
  })

  it.each([
    ['error', 2, /id 'a' stands in line 2 and in line 4: --on-duplicate first or mean/],
    ['first', 0, /1 rows of .*x\.csv have an id that came before: left out/],
    ['mean', 0, /1 rows of .*x\.csv have an id that came before: each id has the mean/],
  ])('with duplicates: %s', async (rule, code, message) => {
    const x = sandbox.file('x.csv', 'id,v\na,1\nb,2\na,5\nc,7\n')
    const y = sandbox.file('y.csv', 'id,v\nb,2\na,1\nc,3\n')
    const done = await collimate(['fit', x, y, '--id', 'id', '--on-duplicate', rule, '-k', '1', '-o', out])
    expect(done).toMatchObject({ code, stderr: expect.stringMatching(message) as string })
    if (code === 0) {
      const [[mean]] = loadAlignment(new Uint8Array(readFileSync(out))).means
      expect(mean).toBeCloseTo(rule === 'first' ? 10 / 3 : 4, 14)
    }
  })

  it('joins labels too', async () => {
    await fit(csv('a.csv', A, all), csv('b.csv', B, all), '--id', 'key')
    const labels = all.map((i) => `${idOf(i)},${i % 3 === 0 ? 'red' : 'blue'}\n`)
    const [forwards, shuffled] = [labels, [...labels].reverse()].map((lines, i) => sandbox.file(`labels ${i}.csv`, `key,colour\n${lines.join('')}`)) // prettier-ignore
    const evaluate = (file: string) =>
      collimate([
        'evaluate',
        out,
        sandbox.path('a.csv'),
        sandbox.path('b.csv'),
        '--id',
        'key',
        '--labels',
        file,
        '--json',
      ])
    const [one, other] = [await evaluate(forwards), await evaluate(shuffled)]
    expect(one.code).toBe(0)
    expect(one.stdout).toContain('meanAveragePrecision')
    expect(other).toEqual(one)
    const plain = sandbox.file('plain.csv', all.map(() => 'red\n').join(''))
    expect(await evaluate(plain)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected two: its id and its label/) as string,
    })
  })

  it('goes into the file that is written, and comes back from there', async () => {
    await fit(csv('a.csv', A, all), csv('b.csv', B, all), '--id', 'key')
    const argv = ['transform', out, sandbox.path('b.csv'), '-m', '1', '--id', 'key', '--rows', '58:', '-o']
    expect(await collimate([...argv, sandbox.path('z.csv')])).toMatchObject({ code: 0 })
    const [names, ...lines] = text(sandbox.path('z.csv')).trim().split('\n')
    expect(names).toBe('key,z0,z1,z2')
    expect(lines.map((line) => line.split(',')[0])).toEqual(['item 058', 'item 059'])
    expect(await collimate([...argv, sandbox.path('z.npy')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has no place for ids/) as string,
    })
    const predicted = ['translate', out, sandbox.path('z.csv'), '--from', '0', '--to', '1', '--id', 'key', '-o']
    expect(await collimate([...predicted, sandbox.path('y.tsv')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/3 columns/) as string,
    })
  })

  it('quotes ids that need it', async () => {
    const x = sandbox.file('x.csv', 'id,v,w\n"a, ""b""",1,2\nc,2,4\n')
    const y = sandbox.file('y.csv', 'id,v\n"a, ""b""",1\nc,5\n')
    await collimate(['fit', x, y, '--id', 'id', '-k', '1', '-o', out])
    await collimate(['transform', out, x, '-m', '0', '--id', 'id', '-o', sandbox.path('z.csv')])
    expect(text(sandbox.path('z.csv'))).toMatch(/^id,z0\n"a, ""b""",/)
  })

  it.each([
    [
      'no id in common',
      'id,v\na,1\nb,2\n',
      'id,v\nc,1\nd,2\n',
      /no id is in all files .* has 'a', 'b', .* has 'c', 'd'/,
    ],
    ['a row without one', 'id,v\na,1\n,2\n', 'id,v\na,1\nb,2\n', /line 3 has no id/],
    ['two columns of that name', 'id,v,id\na,1,b\n', 'id,v\na,1\n', /several columns of that name: give the number/],
    ['no other column', 'id\na\nb\n', 'id,v\na,1\nb,2\n', /no column of .*x\.csv is left as a feature, of 1/],
    ['no names', '1,2\n3,4\n', '1,2\n3,4\n', /has no names of columns: give the number/],
  ])('refuses files with %s', async (_, x, y, message) => {
    const files = [sandbox.file('x.csv', x), sandbox.file('y.csv', y)]
    const done = await collimate(['fit', ...files, '--id', 'id', '-k', '1', '-o', sandbox.path('never.safetensors')])
    expect(done).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) as string })
  })
})

describe('--columns and --skip', () => {
  const columns = async (file: string, ...more: string[]) => {
    const done = await collimate(['fit', file, sandbox.path('b.npy'), ...more, '-k', '1', '-o', out])
    return done.code === 0 ? loadAlignment(new Uint8Array(readFileSync(out))).means[0].length : done.stderr
  }
  const b = sandbox.npy('b.npy', B)

  it('choose by name, number and slice, and cut embeddings of nested lengths', async () => {
    const named = sandbox.file('named.csv', `p,q,"r:s",t,u\n${all.map((i) => numbers(A.row(i))).join('\n')}\n`)
    const plain = sandbox.npy('a.npy', A)
    expect(await columns(named, '--columns', 'q,u', '--columns', '0:4')).toBe(2)
    expect(await columns(named, '--columns', 'r:s,-1', '--columns', ':')).toBe(2)
    expect(await columns(named, '--skip', 'p', '--skip', '0')).toBe(4)
    expect(await columns(plain, '--columns', '0:2')).toBe(2)
    expect(await columns(plain, '--columns', '::2')).toBe(3)
    expect(await columns(plain, '--skip', '-1')).toBe(4)
    const wanted = new Matrix(
      ROWS,
      2,
      all.flatMap((i) => [A.get(i, 4), A.get(i, 1)]),
    )
    await collimate(['fit', sandbox.npy('cut.npy', wanted), b, '-k', '2', '-o', out])
    const found = maps()
    await collimate(['fit', plain, b, '--columns', '4,1', '--columns', '0:4', '-k', '2', '-o', out])
    expect(maps()).toEqual(found)
  })

  it.each([
    ['--columns', '5', /--columns 5: .* has 5 columns, from 0 on/],
    ['--columns', '0:9', /--columns 0:9 goes beyond .*, which has 5 columns/],
    ['--columns', 'x', /has no names of columns/],
    ['--columns', '1,1', /--columns has column 1 of .* twice/],
    ['--skip', ':', /no column of .* is left as a feature/],
    ['--columns', '1:2:0', /--columns must be slices such as/],
  ])('%s %s is refused', async (flag, list, message) => {
    expect(await columns(sandbox.npy('a.npy', A), flag, list)).toMatch(message)
  })

  it('what is left out need be no number', async () => {
    const file = sandbox.file(
      'words.csv',
      `name,p,q\n${all.map((i) => `n${i},${A.get(i, 0)},${A.get(i, 1)}`).join('\n')}\n`,
    )
    expect(await columns(file)).toMatch(/line 2, column 1: 'n0' is no number: --id 0 takes such a column as ids/)
    expect(await columns(file, '--skip', '0', '--skip', '0')).toBe(2)
  })

  it('what remains is called by its place in the file, or by its name', async () => {
    const cells = (i: number) => [-i, i, ...A.row(i).map((x, j) => (j === 3 ? 1e6 * x : x))]
    const rows = all.map((i) => cells(i).join(','))
    const named = sandbox.file('far.csv', `left,count,p,q,r,s,t\n${rows.join('\n')}\n`)
    const plain = sandbox.file('plain.csv', `${rows.join('\n')}\n`)
    const npy = sandbox.npy('far.npy', new Matrix(ROWS, 7, all.flatMap(cells)))
    const told = async (file: string, skip: string) =>
      (await collimate(['fit', file, b, '--skip', skip, '--skip', ':1', '-k', '1', '-o', out])).stderr
    expect(await told(named, 'left')).toMatch(/column 'count' of .* rises[^]* 's' of .*far\.csv has more than 100/)
    expect(await told(plain, '0')).toMatch(/column 1 of .* rises[^]*column 5 of .*plain\.csv has more than 100/)
    expect(await told(npy, '0')).toMatch(/column 1 of .* rises[^]*column 5 of .*far\.npy has more than 100/)
    const missing = sandbox.file('missing.csv', `${rows.join('\n').replace(/[^,]+$/, '')}\n`)
    expect(await columns(missing, '--skip', '0:2', '--skip', ':1')).toMatch(
      /missing\.csv: line \d+, column 7 is missing/,
    )
  })
})

describe('tables as they are found', () => {
  it('a column that counts rows is named on stderr, once a file', async () => {
    const counted = (name: string, X: Matrix) =>
      sandbox.file(name, `id,${X.row(0).map((_, j) => j).join(',f')}\n${all.map((i) => `${i},${numbers(X.row(i))}`).join('\n')}\n`) // prettier-ignore
    const [a, b] = [counted('a.csv', A), counted('b.csv', B)]
    const { stderr } = await collimate(['fit', a, b, '--header', '-k', '2', '--scale', 'false', '-o', out])
    expect(stderr.match(/note: column 'id' of .* rises from row to row/g)).toHaveLength(2)
    expect((await collimate(['fit', a, b, '--id', 'id', '-k', '2', '-o', out])).stderr).toBe('')
  })

  it('an index that pandas wrote is ids or nothing, with names of columns or without', async () => {
    for (const names of [',0,1', ',p,q']) {
      const a = sandbox.file('a.csv', `${names}\n0,1,2\n1,3,5\n2,4,4\n`)
      const b = sandbox.file('b.csv', `${names}\n2,1,2\n1,3,5\n0,4,4\n`)
      expect(await collimate(['fit', a, b, '-k', '1', '-o', out])).toMatchObject({ code: 2, stderr: expect.stringMatching(/as an index of rows that pandas wrote: --id 0/) as string }) // prettier-ignore
      for (const flag of ['--id', '--skip']) {
        expect(await collimate(['fit', a, b, flag, '0', '-k', '1', '-o', out])).toMatchObject({ code: 0 })
        expect(loadAlignment(new Uint8Array(readFileSync(out))).means[0]).toHaveLength(2)
      }
    }
  })

  it('a first line that names fewer columns than there are is refused', async () => {
    const a = sandbox.file('a.csv', 'p,q\nr1,1,2\nr2,3,4\n')
    const done = await collimate(['fit', a, a, '-k', '1', '-o', out])
    expect(done).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/the first line names 2 columns, line 2 has 3; R writes it so/) as string,
    })
  })
})

describe('files of other kinds', () => {
  it.each([
    ['x.h5', '\x89HDF\r\n\x1a\n', /is an HDF5 file: save its dataset/],
    ['x.npy', 'version https://git-lfs.github.com/spec/v1\n', /stand-in of a file in Git LFS: .* git lfs pull/],
    ['x.npy', '<!DOCTYPE html>', /is a web page/],
    ['x.csv', 'PAR1\x15\x04', /x\.csv is no sound Parquet file: the file ends early/],
    ['x.csv', '\xff\xfea\0,\0', /is text in UTF-16: save it in UTF-8/],
    ['x.bin', 'IxFI\x04\0\0\0', /is a Faiss index: .*reconstruct_n/],
    ['x.npz', 'PK\x03\x04', /is no sound zip archive: it has no directory at its end/],
    ['x.pkl', '\x80\x04\x95', /is a pickle of Python: load it in Python, where it comes from/],
  ])('%s beginning %j is named, with the way out', async (name, content, message) => {
    const file = sandbox.file(name, Buffer.from(content, 'latin1'))
    expect(await fit(file, file)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) as string })
  })

  it.each(['PAR1', 'PARE', 'ARROW1', 'BZh9', 'ORC', 'IxFI', 'RIFF', 'MATLAB', '<x>', 'version https'])(
    'a column may be called %s',
    async (name) => {
      const file = sandbox.file('x.csv', `${name},b\n${all.map((i) => numbers(A.row(i).subarray(0, 2))).join('\n')}\n`)
      expect(await fit(file, sandbox.npy('b.npy', B))).toMatchObject({ code: 0 })
    },
  )

  it.each(['z.json', 'z.h5', 'z.csv.bz2', 'z.xlsx', 'z.PT'])('rows are not written to %s', async (name) => {
    await fit(sandbox.npy('a.npy', A), sandbox.npy('b.npy', B))
    const done = await collimate(['transform', out, sandbox.path('a.npy'), '-m', '0', '-o', sandbox.path(name)])
    expect(done).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/rows are written as \.npy, \.npz, /) as string,
    })
  })
})
