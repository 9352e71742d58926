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
