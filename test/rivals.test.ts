import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as collimate from '../src/index.js'
import { onEveryBinary } from './support/binaries.js'

interface Library {
  readonly name: string
}

interface Case {
  readonly name: string
}

/** The comparison is plain JavaScript, as all of bench/. */
async function load<T>(path: string): Promise<T> {
  return (await import(new URL(`../bench/accuracy/${path}`, import.meta.url).href)) as T
}

const { published, beyond, goldenCases } = await load<{
  published: Case[]
  beyond: Case[]
  goldenCases: (cases: unknown) => Case[]
}>('cases.js')
const { outcome, table } = await load<{
  outcome: (asked: Case, library: Library) => string
  table: (cases: Case[], golden: Case[], libraries: Library[]) => string
}>('compare.js')
const { collimateLibrary, mlMatrix, numpyTs, svdJs } = await load<{
  collimateLibrary: (module: typeof collimate) => Library
  mlMatrix: Library
  numpyTs: Library
  svdJs: Library
}>('libraries.js')

const { cases } = JSON.parse(readFileSync(new URL('golden/svd.json', import.meta.url), 'utf8')) as { cases: unknown }
const ours = collimateLibrary(collimate)

onEveryBinary(() => {
  describe("the cases of ml-matrix's tests, and some more", () => {
    test.each([...published, ...beyond])('$name', (asked) => {
      expect(outcome(asked, ours)).toBe('right')
    })
  })
})

type Rows = number[][]

/** The cases of ml-matrix's tests that are not in the table: through the same adapter. Its figures, to the digits it gives. */
describe("more cases of ml-matrix's tests", () => {
  const { svd, qr, lu, cholesky, eigh, lstsq, solve, det } = collimateLibrary(collimate) as unknown as {
    svd: (A: Rows) => { U: Rows; s: number[]; V: Rows }
    qr: (A: Rows) => { Q: Rows; R: Rows }
    lu: (A: Rows) => { L: Rows; U: Rows; pivots: number[] }
    cholesky: (A: Rows) => Rows
    eigh: (A: Rows) => { values: number[]; vectors: Rows }
    lstsq: (A: Rows, b: number[]) => number[]
    solve: (A: Rows, b: number[]) => number[]
    det: (A: Rows) => number
  }
  const columns = (A: Rows) => A[0].map((_, j) => A.map((row) => row[j]))
  const times = (A: Rows, B: Rows) =>
    A.map((row) => columns(B).map((column) => row.reduce((sum, x, p) => sum + x * column[p], 0)))
  const expectNear = (got: Rows, expected: Rows, digits = 12) => {
    expect(got.map((row) => row.length)).toEqual(expected.map((row) => row.length))
    got.forEach((row, i) => {
      row.forEach((x, j) => {
        expect(x).toBeCloseTo(expected[i][j], digits)
      })
    })
  }

  test('least squares, 5 x 2', () => {
    const A = [[10000, 10001], [10002, 10003], [10004, 10001], [10002, 10003], [10004, 10005]] // prettier-ignore
    const x = lstsq(A, [20001, 20003, 20005, 20007, 20009])
    expectNear([x], [[1, 0.9999]], 3)
  })

  test('a tridiagonal 4 x 4 has full rank', () => {
    const A = [[1.5, 1, 0, 0], [1, 0.5, 1, 0], [0, 1, 0.5, 1], [0, 0, 1, 1.5]] // prettier-ignore
    expect(collimate.matrixRank(A)).toBe(4)
    const { Q, R } = qr(A)
    expectNear(times(Q, R), A)
  })

  test('empty: no factors, and the determinant is 1', () => {
    expect(qr([])).toEqual({ Q: [], R: [] })
    expect(lu([])).toEqual({ L: [], U: [], pivots: [] })
    expect(cholesky([])).toEqual([])
    expect(eigh([])).toEqual({ values: [], vectors: [] })
    expect(det([])).toBe(1)
  })

  test('lu of 3 x 2, solve of 2 x 2', () => {
    const { L, U, pivots } = lu([[1, 2], [3, 4], [5, 6]]) // prettier-ignore
    expect([L.length, U[0].length]).toEqual([3, 2])
    expectNear(times(L, U), pivots.map((row) => [2 * row + 1, 2 * row + 2])) // prettier-ignore
    expectNear([solve([[4, 3], [6, 3]], [10, 12])], [[1, 2]]) // prettier-ignore
  })

  test('solve of a wide system says what shape it needs', () => {
    expect(() => solve([[1, 2, 3], [4, 5, 6]], [1, 2])).toThrow('needs a square matrix, got 2 x 3') // prettier-ignore
  })

  test('10 x 2 and its transpose exchange U and V', () => {
    const A = [[2.5, 2.4], [0.5, 0.7], [2.2, 2.9], [1.9, 2.2], [3.1, 3], [2.3, 2.7], [2, 1.6], [1, 1.1], [1.5, 1.6], [1.1, 0.9]] // prettier-ignore
    const [tall, wide] = [svd(A), svd(columns(A))]
    expectNear([wide.s], [tall.s])
    const magnitudes = (X: Rows) => X.map((row) => row.map(Math.abs))
    expectNear(magnitudes(wide.U), magnitudes(tall.V))
    expectNear(magnitudes(wide.V), magnitudes(tall.U))
  })

  test('vectors of 4 x 2, up to signs', () => {
    const { U, V } = svd([[1, 2], [3, 4], [5, 6], [7, 8]]) // prettier-ignore
    const expectedU = [
      [0.152483233310201, 0.822647472225661],
      [0.349918371807964, 0.42137528768458],
      [0.547353510305727, 0.0201031031435023],
      [0.74478864880349, -0.381169081397574],
    ]
    const expectedV = [[0.641423027995072, -0.767187395072177], [0.767187395072177, 0.641423027995072]] // prettier-ignore
    const signs = [0, 1].map((j) => Math.sign(U[0][j]))
    expectNear(U.map((row) => row.map((x, j) => x * signs[j])), expectedU, 11) // prettier-ignore
    expectNear(V.map((row) => row.map((x, j) => x * signs[j])), expectedV, 11) // prettier-ignore
  })

  test('symmetric eigenvalues, 12 x 12', () => {
    const A = Array.from({ length: 12 }, (_, i) =>
      Array.from({ length: 12 }, (_, j) => Math.sin(1 + i * j) + Math.cos(i + j)),
    )
    const { values, vectors } = eigh(A)
    const scaled = vectors.map((row) => row.map((x, j) => x * values[j]))
    expectNear(times(A, vectors), scaled, 12)
    expectNear(times(columns(vectors), vectors), A.map((_, i) => A.map((_, j) => Number(i === j)))) // prettier-ignore
  })
})

test('the checks tell a wrong answer from a right one', () => {
  const wrong = { ...ours, svd: () => ({ U: [[1]], s: [2], V: [[1]] }), det: () => 1, nullSpace: () => [[1], [0]] }
  const asked = [...published, ...beyond].filter(({ name }) => /^svd|determinant|null space|dependencies/.test(name))
  expect(asked.length).toBeGreaterThan(10)
  for (const one of asked) expect(outcome(one, wrong), one.name).not.toBe('right')
})

test('docs/numerics.md has the table that comes out', () => {
  const cells = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^\| *-/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()))
  const docs = readFileSync(new URL('../docs/numerics.md', import.meta.url), 'utf8')
  const [, listed] = /<!-- compare -->([\s\S]*?)<!-- \/compare -->/.exec(docs) ?? []
  const now = table([...published, ...beyond], goldenCases(cases), [ours, mlMatrix, numpyTs, svdJs])
  expect(cells(listed)).toEqual(cells(now))
})
