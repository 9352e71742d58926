import { expect, test } from 'vitest'
import {
  CanonicalCorrelation,
  LeastSquares,
  LinearContrastive,
  OrthogonalProcrustes,
  PerfectAlignment,
} from '../../src/index.js'
import { crossValidateAsync, spectrumAsync } from '../../src/model-selection/index.js'
import { expecting, partsOf } from '../../src/progress.js'
import { run, type AsyncOptions, type Progress, type Steps } from '../../src/steps.js'
import { sharedLatents } from './support.js'

const nComponents = 20
const modalities = sharedLatents(500, [90, 110], 20, 0.3, 5)
const WORK: [name: string, work: (options: AsyncOptions) => Promise<unknown>][] = [
  ['auto', (o) => new PerfectAlignment({ nComponents }).fitAsync(modalities, o)],
  ['last', (o) => new PerfectAlignment({ nComponents, selection: 'last' }).fitAsync(modalities, o)],
  ['canonical correlation', (o) => new CanonicalCorrelation({ nComponents, regularization: 'oas' }).fitAsync(modalities, o)],
  ['least squares', (o) => new LeastSquares().fitAsync(modalities, o)],
  ['ridge', (o) => new LeastSquares({ ridge: 10, target: 0 }).fitAsync(modalities, o)],
  ['gcv', (o) => new LeastSquares({ ridge: 'gcv' }).fitAsync(modalities, o)],
  ['procrustes', (o) => new OrthogonalProcrustes({ nComponents }).fitAsync(modalities, o)],
  ['contrastive', (o) => new LinearContrastive({ nComponents }).fitAsync(modalities, o)],
  ['spectrum', (o) => spectrumAsync(modalities, { draws: 3, ...o })],
  ['crossValidate', (o) => crossValidateAsync(PerfectAlignment, modalities, { grid: { nComponents: [4, 8] }, folds: 3 }, o)],
] // prettier-ignore

// Pieces are bounded, and so about as long as each other.
test.each(WORK)(
  '%s: the share of the expected time never falls, ends at 1, and does not stand still',
  async (_name, work) => {
    const seen: { share: number; pieces: number }[] = []
    let pieces = 0
    await work({
      signal: {
        throwIfAborted: () => {
          pieces++
        },
      },
      onProgress: ({ share = NaN }) => seen.push({ share, pieces }),
    })
    const shares = seen.map(({ share }) => share)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(shares[0]).toBeGreaterThanOrEqual(0)
    expect(shares[0]).toBeLessThan(0.1)
    expect(shares[shares.length - 1]).toBe(1)
    expect(Math.max(...shares.map((share, i) => share - (shares[i - 1] ?? 0)))).toBeLessThan(0.5)
    const waits = seen.map((report, i) => report.pieces - (seen[i - 1]?.pieces ?? 0))
    expect(Math.max(...waits, pieces - seen[seen.length - 1].pieces)).toBeLessThan(0.25 * pieces)
  },
)

/** Reports n of n. */
function* counting(n: number, share?: number): Steps<void> {
  for (let done = 1; done <= n; done++) yield { phase: 'count', done, total: n, ...(share !== undefined && { share }) }
}

function sharesOf(steps: Steps<unknown>): (number | undefined)[] {
  const shares: (number | undefined)[] = []
  for (let step = steps.next(); step.done !== true; step = steps.next()) shares.push(step.value?.share)
  return shares
}

test('parts of a whole have the shares of their costs, and those of parts of theirs', () => {
  const inner = function* (): Steps<void> {
    const part = partsOf(1, 3)
    yield* part(counting(1))
    yield* part(counting(3))
  }
  const whole = function* (): Steps<void> {
    const part = partsOf(10, 30)
    yield* part(counting(2))
    yield* part(inner())
    yield* part(counting(1))
  }
  expect(sharesOf(whole())).toEqual([1 / 8, 1 / 4, 7 / 16, 10 / 16, 13 / 16, 1, 1])
})

test('work that takes longer than expected moves on all the same, and stays below 1', () => {
  const shares = sharesOf(expecting(10, counting(1000))) as number[]
  expect(shares.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7].map((i) => i / 10))
  shares.forEach((share, i) => {
    expect(share).toBeGreaterThan(shares[i - 1] ?? 0)
  })
  expect(shares[999]).toBeLessThan(1)
})

test('the result of a part comes through', () => {
  const steps = function* (): Steps<number> {
    yield { phase: 'count', done: 1, total: 1 } satisfies Progress
    return 7
  }
  expect(run(partsOf(1)(steps()))).toBe(7)
})
