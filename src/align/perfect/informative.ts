import { qrSteps } from '../../linalg/qr.js'
import type { Matrix } from '../../matrix.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { scaleRows } from '../../dense/arithmetic.js'
import type { DataFactor } from '../factor/data-factor.js'
import { evenFactorSteps, type EvenFactor } from '../factor/even-factor.js'
import { sharedSteps } from '../factor/shared-work.js'
import { lastSteps } from './last.js'
import { mostSignalSteps, nullSpaceSteps, surelyHasRankSteps, type NullSpace } from './null-space.js'
import type { Fitted, SelectedDirections, SelectionOptions } from './selection.js'

/** Of the data as it came, unless it is to be centred; 'last' where the null space is too small. */
export function* selectInformativeSteps(
  engine: Engine,
  { R, factorOf }: Fitted,
  options: SelectionOptions,
): Steps<SelectedDirections> {
  const centered = options.center === true
  const factor = yield* factorOf(centered)
  const A = yield* exactSteps(engine, R, factor, options, factor.R.cols)
  if (A !== undefined) return { A, selected: 'informative', centered }
  return { A: yield* lastSteps(engine, R, factor, options), selected: 'last', centered }
}

/**
 * The informative directions of the null space; nothing if there are fewer than k.
 *
 * @param R - triangle of the joint factor, whose fits may share the work
 * @param rankWithout - that of the stack if there are none
 * @param count - how many of the null space's directions there are to choose from; default all
 */
export function* exactSteps(
  engine: Engine,
  R: Matrix,
  factor: DataFactor,
  { nComponents: k, tolerance }: SelectionOptions,
  rankWithout: number,
  count?: (even: EvenFactor, nullSpace: NullSpace) => Steps<number>,
): Steps<Matrix | undefined> {
  const what = `${factor.R.rows} ${tolerance}`
  const even = yield* evenFactorSteps(factor)
  // A rank that leaves fewer than k directions is told more cheaply than those directions are found.
  const few = function* (): Steps<{ most: number; surely: boolean }> {
    return { most: k, surely: yield* surelyHasRankSteps(engine, even, rankWithout - k + 1, tolerance) }
  }
  // The first of several fits of one factor asks whether there are any directions at all.
  const { surely } = yield* sharedSteps(R, `rank ${rankWithout} ${what}`, few, (found) =>
    found.surely ? found.most <= k : found.most >= k,
  )
  if (surely) return undefined
  const nullSpace = yield* sharedSteps(R, `null space ${what}`, () => nullSpaceSteps(engine, even, tolerance))
  if (nullSpace.N.cols < k) return undefined
  if (count !== undefined && (yield* count(even, nullSpace)) < k) return undefined
  return yield* informativeSteps(engine, factor, even, nullSpace, k)
}

/**
 * Of all exact alignments the k that carry most signal. Any k independent vectors of the null space align exactly (Theorem
 * 2.2 of Kamboj and Do 2025), also those that map everything to zero; these have the largest mean latents.
 *
 * @param factor - in the units of the data
 * @param nullSpace - in those of `even`, with at least k columns
 * @returns k x d, orthonormal rows
 */
export function* informativeSteps(
  engine: Engine,
  factor: DataFactor,
  even: EvenFactor,
  nullSpace: NullSpace,
  k: number,
): Steps<Matrix> {
  const { Q: N } = yield* qrSteps(engine, scaleRows(nullSpace.N, even.scales))
  return yield* mostSignalSteps(engine, factor, N, k)
}
