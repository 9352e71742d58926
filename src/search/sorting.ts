import type { BestK } from '../metrics/best-k.js'
import { inPieces, type Steps } from '../steps.js'

/** Puts what was found in order. */
export function* sortSteps(best: BestK): Steps<void> {
  yield* inPieces(best.keys.length / best.k, best.k, (from, to) => {
    best.sort(from, to)
  })
}
