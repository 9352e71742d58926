import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'
import * as features from '../src/features/index.js'
import { PerfectAlignment } from '../src/index.js'
import * as collimate from '../src/index.js'
import * as io from '../src/io/index.js'
import * as migration from '../src/migration/index.js'
import * as modelSelection from '../src/model-selection/index.js'
import * as serve from '../src/serve/index.js'
import * as synthetic from '../src/synthetic/index.js'
import { readSource } from './support/source-files.js'

/** A realm with typed arrays, errors and promises of its own, as a frame of a page or a test runner has them. */
const realm = createContext({ WebAssembly, performance, AbortController, AbortSignal, atob, btoa, console })

interface Outcome {
  readonly passed: number
  readonly failed: string[]
}

test('the conformance suite, with arrays of another realm', async () => {
  const source = readSource('test/runtimes/suite/conformance.js').replace('export async function', 'async function')
  const conformance = runInContext(`${source}\nconformance`, realm) as (
    load: () => Promise<object>,
    input: { golden: unknown[] },
  ) => Promise<Outcome>
  expect(runInContext('new Float64Array(1)', realm)).not.toBeInstanceOf(Float64Array)
  const { cases } = JSON.parse(readSource('test/golden/svd.json')) as { cases: unknown[] }
  const load = () =>
    Promise.resolve({ ...collimate, ...io, ...synthetic, ...modelSelection, ...features, ...migration, serve })
  const { passed, failed } = await conformance(load, { golden: cases })
  expect(failed).toEqual([])
  expect(passed).toBeGreaterThan(40)
})

/** Pairs of exact rank 4, rounded to float32: the null space is seen only with the tolerance of float32. */
function lowRank(array: typeof Float32Array) {
  let state = 7
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5
  const n = 120
  const Z = Array.from({ length: n }, () => Array.from({ length: 4 }, next))
  return [12, 10].map((cols) => {
    const S = Array.from({ length: cols }, () => Array.from({ length: 4 }, next))
    const X = Z.flatMap((z) => S.map((s) => s.reduce((sum, x, l) => sum + x * z[l], 0)))
    return { rows: n, cols, data: array.from(X) }
  })
}

test.each(['auto', 'informative'] as const)(
  'a float32 fit of another realm is the fit of this one: %s',
  (selection) => {
    const [here, there] = [Float32Array, runInContext('Float32Array', realm) as typeof Float32Array].map((array) =>
      new PerfectAlignment({ nComponents: 4, selection }).fit(lowRank(array)),
    )
    const double = new PerfectAlignment({ nComponents: 4, selection }).fit(
      lowRank(Float64Array as unknown as typeof Float32Array),
    )
    expect(there.selected).toBe(here.selected)
    expect(there.maps).toEqual(here.maps)
    expect(there.selected).toBe(double.selected)
  },
)
