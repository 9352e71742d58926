import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'
import type { Candidate } from './candidates.js'
import { isotonic, valueAt, type Isotonic } from './isotonic.js'
import { judgeSteps, type Truth } from './judge.js'

/** How far mapped cosines are from those that embedding again would give. */
export interface CalibrationError {
  /** Mean difference of the cosines as they are, of held-out pairs. */
  readonly raw: number
  /** The same of calibrated ones, by a curve that has not seen these pairs. */
  readonly calibrated: number
}

/** Pairs that each query is looked at with: its nearest by the map, and some of all others. */
const [NEAREST, OTHERS] = [32, 96]

/**
 * From cosines by way of a map to those that embedding again would give, by isotonic regression on held-out pairs. Pairs are chosen by their mapped
 * cosine alone, or the curve would be that of what was chosen by the truth; a query and its own item are none, as its text need not be in a collection.
 *
 * @param halves - queries to fit the curve by, and others to say how well it fits; then it is fitted to all
 */
export function* calibrationSteps(
  engine: Engine,
  candidate: Candidate,
  pairs: readonly Matrix[],
  truth: Truth,
  halves: readonly [Uint32Array, Uint32Array],
): Steps<{ curve: Isotonic; error: CalibrationError }> {
  const side = new Uint8Array(truth.rows)
  for (const query of halves[1]) side[query] = 1
  const parts = [pairsList(), pairsList()]
  const progress = { phase: 'calibration', done: 0, total: 1 }
  yield* judgeSteps(engine, candidate, pairs, truth, progress, (query, cosines) => {
    const to = parts[side[query]]
    for (const j of lookedAt(cosines, query)) {
      to.scores.push(cosines[j])
      to.values.push(truth.cosines[query * truth.rows + j])
    }
  })
  const [fitted, judged] = parts
  const half = isotonic(fitted.scores, fitted.values)
  const error = {
    raw: meanDifference(judged.scores, judged.values),
    calibrated: meanDifference(
      judged.scores.map((score) => valueAt(half, score)),
      judged.values,
    ),
  }
  const curve = isotonic([...fitted.scores, ...judged.scores], [...fitted.values, ...judged.values])
  return { curve, error }
}

const pairsList = (): { scores: number[]; values: number[] } => ({ scores: [], values: [] })

/** The nearest of a query, and others at even distances in its ranking. */
function lookedAt(cosines: Float64Array, query: number): number[] {
  const order = Array.from(cosines.keys())
    .filter((j) => j !== query)
    .sort((a, b) => cosines[b] - cosines[a])
  const rest = order.length - NEAREST
  const others = Math.min(OTHERS, Math.max(0, rest))
  return [
    ...order.slice(0, NEAREST),
    ...Array.from({ length: others }, (_, i) => order[NEAREST + Math.floor((i * rest) / others)]),
  ]
}

function meanDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0) / a.length
}
