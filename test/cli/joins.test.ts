import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { npyToMatrix, readNpy, writeNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

// More than a chunk of rows, so that what is joined lies in several.
const ROWS = 20_000
const [A, B] = pairedModalities(ROWS, [3, 2])
const all = Array.from({ length: ROWS }, (_, i) => i)
const shuffled = all.map((i) => (i * 7919) % ROWS)

/** A .npy file with a column of ids in front. */
const withIds = (X: Matrix, rows: readonly number[]) =>
  writeNpy(new Matrix(rows.length, X.cols + 1, Float64Array.from(rows.flatMap((i) => [i, ...X.row(i)]))))
const csvOf = (X: Matrix, rows: readonly number[]) =>
  `key,${X.row(0).map((_, j) => j).join(',f')}\n${rows.map((i) => `${i},${X.row(i).join(',')}\n`).join('')}` // prettier-ignore
const out = sandbox.path('out.part')

async function factored(files: readonly string[], id: readonly string[], stdin?: Uint8Array) {
  const flags = id.flatMap((name) => ['--id', name])
  const done = await collimate(['factor', ...files, ...flags, '-o', out], { ...(stdin && { stdin }) })
  const factor = done.code === 0 ? JointFactor.fromBytes(new Uint8Array(readFileSync(out))) : undefined
  return { ...done, factor }
}

function expectSame(one: JointFactor | undefined, other: JointFactor): void {
  expect(one?.rows).toBe(other.rows)
  expect(Array.from(one?.means().flatMap((x) => [...x]) ?? [])).toEqual(other.means().flatMap((x) => [...x]))
  const [R, S] = [one?.R ?? new Matrix(0, 0), other.R]
  S.data.forEach((x, i) => {
    expect(Math.abs(R.data[i] - x)).toBeLessThan(1e-9)
  })
}

describe('files that are joined', () => {
  const a = sandbox.file('a.npy', withIds(A, all))
  const expected = new JointFactor([3, 2]).update([A, B])

  it('in another order, from files of any kind and from a pipe, are read a chunk at a time', async () => {
    const other = withIds(B, shuffled)
    const text = csvOf(B, shuffled)
    for (const [file, id, stdin] of [
      [sandbox.file('b.npy', other), '0', undefined],
      [sandbox.file('b.csv', text), 'key', undefined],
      [sandbox.file('b.npy.gz', gzipSync(other)), '0', undefined],
      ['-', '0', other],
    ] as const) {
      const { code, stderr, factor } = await factored([a, file], ['0', id], stdin)
      expect([code, stderr]).toEqual([0, ''])
      expectSame(factor, expected)
    }
    const { factor } = await factored(['-', a], ['0', '0'], other)
    const turned = Matrix.from(shuffled.map((i) => Array.from(B.row(i))))
    expectSame(factor, new JointFactor([2, 3]).update([turned, Matrix.from(shuffled.map((i) => Array.from(A.row(i))))]))
  })

  it('have the mean of rows with one id, in whatever chunks they are', async () => {
    const halves = new Matrix(2 * ROWS, 3, Float64Array.from([...all, ...shuffled].flatMap((i, at) => [i, B.get(i, 0) + (at < ROWS ? 1 : -1), B.get(i, 1)]))) // prettier-ignore
    const done = await collimate(['factor', a, sandbox.npy('halves.npy', halves), '--id', '0', '--on-duplicate', 'mean', '-o', out]) // prettier-ignore
    expect(done).toMatchObject({ code: 0, stderr: expect.stringMatching(/20000 rows of .* each id has the mean of its rows/) as string }) // prettier-ignore
    const factor = JointFactor.fromBytes(new Uint8Array(readFileSync(out)))
    factor.means()[1].forEach((x, j) => {
      expect(x).toBeCloseTo(expected.means()[1][j], 9)
    })
    const first = await collimate(['convert', sandbox.path('halves.npy'), '--id', '0', '--on-duplicate', 'mean', '--rows', '3:5', '-o', sandbox.path('m.csv')]) // prettier-ignore
    expect(first.code).toBe(0)
    const lines = readFileSync(sandbox.path('m.csv'), 'utf8').trimEnd().split('\n').slice(1).map((line) => line.split(',').map(Number)) // prettier-ignore
    expect(lines.map(([id]) => id)).toEqual([3, 4])
    lines.forEach(([id, x, y]) => {
      expect(x).toBeCloseTo(B.get(id, 0), 12)
      expect(y).toBeCloseTo(B.get(id, 1), 12)
    })
  })

  it('of one file are passed on as they come', async () => {
    const done = await collimate(['convert', sandbox.file('one.csv', csvOf(B, shuffled)), '--id', 'key', '-o', sandbox.path('one.npz')]) // prettier-ignore
    expect(done).toMatchObject({ code: 0, stderr: '' })
    const again = await collimate(['convert', sandbox.path('one.npz'), '--rows', '19990:', '-o', sandbox.path('x.npy')])
    expect(again.code).toBe(0)
    const { data } = npyToMatrix(readNpy(readFileSync(sandbox.path('x.npy'))))
    expect(Array.from(data)).toEqual(shuffled.slice(19_990).flatMap((i) => Array.from(B.row(i))))
    const twice = sandbox.file('twice.csv', `${csvOf(B, shuffled.slice(0, 17_000))}${shuffled[3]},1,2\n`)
    expect(await collimate(['convert', twice, '--id', 'key', '-o', sandbox.path('never.csv')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/id '3757' stands in line 5 and in line 17002: --on-duplicate/) as string,
    })
  })
})

describe('--rows @file', () => {
  const listed = [17_003, 2, 5, 19_999, 0]
  const expected = (X: Matrix, rows: readonly number[]) => rows.flatMap((i) => Array.from(X.row(i)))
  const b = sandbox.npy('plain.npy', B)
  const taken = async (rows: string, input = b) => {
    const done = await collimate(['convert', input, '--rows', rows, '-o', sandbox.path('taken.npy')])
    if (done.code !== 0) return done.stderr
    return Array.from(npyToMatrix(readNpy(readFileSync(sandbox.path('taken.npy')))).data)
  }

  it('takes the rows that a file lists, in its order', async () => {
    const npy = sandbox.file('split.npy', writeNpy({ shape: [5], data: BigInt64Array.from(listed, BigInt) }))
    const text = sandbox.file('split.txt', listed.map((i) => `${i}\n`).join('')) // prettier-ignore
    const csv = sandbox.file('split.csv', `set,row\n${listed.map((i) => `x,${i}\n`).join('')}`)
    const plain = sandbox.file('plain.csv', B.toArray().map((row) => `${row.join(',')}\n`).join('')) // prettier-ignore
    for (const list of [npy, text, `${csv}:row`, `${csv}:1`]) {
      expect(await taken(`@${list}`)).toEqual(expected(B, listed))
      expect(await taken(`@${list}`, plain)).toEqual(expected(B, listed))
    }
    const sorted = [...listed].sort((x, y) => x - y)
    const ascending = sandbox.file('ascending.txt', `row\n${sorted.join('\n')}\n`)
    for (const input of [b, plain]) expect(await taken(`@${ascending}`, input)).toEqual(expected(B, sorted))
  })

  it('takes those of a mask, and those of a value', async () => {
    const flags = all.map((i) => i % 1999 === 1)
    const rows = all.filter((i) => flags[i])
    const mask = sandbox.file('mask.npy', writeNpy({ shape: [ROWS], data: Uint8Array.from(flags, Number), dtype: 'b1' })) // prettier-ignore
    const words = sandbox.file('set.csv', `id,set\n${all.map((i) => `${i},${flags[i] ? 'test' : 'train'}\n`).join('')}`)
    expect(await taken(`@${mask}`)).toEqual(expected(B, rows))
    expect(await taken(`@${words}:set=test`)).toEqual(expected(B, rows))
  })

  it('counts joined rows', async () => {
    const list = sandbox.file('joined.txt', '4\n1\n')
    const files = [sandbox.file('ja.npy', withIds(A, all)), sandbox.file('jb.npy', withIds(B, shuffled))]
    await collimate(['factor', ...files, '--id', '0', '--rows', `@${list}`, '-o', out])
    const means = JointFactor.fromBytes(new Uint8Array(readFileSync(out))).means()
    const wanted = [A, B].flatMap((X) => Array.from(X.row(4), (x, j) => (x + X.get(1, j)) / 2))
    means
      .flatMap((x) => [...x])
      .forEach((x, j) => {
        expect(x).toBeCloseTo(wanted[j], 12)
      })
  })

  it.each([
    ['@missing.txt', '', /cannot read missing\.txt/],
    ['split', '5\n20000\n', /has row 20000, .*plain\.npy has 20000, from 0 on/],
    ['split', '-1\n', /row 0 is '-1', expected the number of a row/],
    ['split', '1.5\n', /row 0 is '1\.5', expected/],
    ['split', 'row\n', /lists no rows/],
    ['split', '1,2\n', /has 2 columns: say which, as in .*split\.csv:1/],
    [':x', '1,2\n', /has no column x/],
    [':set=test', 'set\ntrain\n', /lists no rows/],
    [':set=test', 'set\ntrain\ntest\n', /says of 2 rows whether they are taken, .* has 20000/],
  ])('%s of %j is refused', async (suffix, content, message) => {
    const file = content === '' ? undefined : sandbox.file('split.csv', content)
    const rows = file === undefined ? suffix : `@${file}${suffix === 'split' ? '' : suffix}`
    expect(await taken(rows)).toMatch(message)
  })
})
