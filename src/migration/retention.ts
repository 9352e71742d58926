import { mean } from '../dense/norms.js'
import type { Matrix } from '../matrix.js'
import type { Seed } from '../random/seed.js'
import { perform } from '../runtime/work.js'
import { Bootstrap, type Interval } from './bootstrap.js'
import { judgeSteps, truthSteps } from './judge.js'

/** What a search among rows that were mapped keeps. */
export interface HeldRetention {
  readonly rows: number
  readonly neighbours: number
  readonly retention: number
  readonly interval: Interval
}

/**
 * Of the neighbours of each row among the vectors of the new model, the share that is found by queries among what is stored now.
 *
 * @param renewed - n x d_new, of the new model
 * @param queries - n x k, the same where they are compared
 * @param stored - n x k, row i the same item
 * @throws RangeError for fewer than 2 rows
 */
export function heldRetention(renewed: Matrix, queries: Matrix, stored: Matrix, seed: Seed = 0): HeldRetention {
  const { rows } = renewed
  if (rows < 2) throw new RangeError(`got ${rows} rows, expected 2 or more: a row has no other beside it`)
  return perform(function* (engine) {
    const truth = yield* truthSteps(engine, renewed)
    const progress = { phase: 'retention', done: 0, total: 1 }
    const judged = yield* judgeSteps(
      engine,
      { stored: undefined, queries: undefined },
      [stored, queries],
      truth,
      progress,
    )
    const interval = (yield* Bootstrap.steps(rows, seed)).interval(judged.retention)
    return { rows, neighbours: truth.k, retention: mean(judged.retention), interval }
  })
}
