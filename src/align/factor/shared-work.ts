import type { Matrix } from '../../matrix.js'
import type { Steps } from '../../steps.js'

/** What has been found for a factor, by its triangle; nothing for one that is fitted once. */
const known = new WeakMap<Matrix, Map<string, unknown>>()

/** From now on fits of this factor share what they have in common, and keep it as long as the factor lives: for many fits of one factor. */
export function shareWork(R: Matrix): void {
  known.set(R, new Map())
}

/** Fits of a factor that was made from another share their work if those of the other do. */
export function shareAlike(from: Matrix, to: Matrix): void {
  if (known.has(from) && !known.has(to)) shareWork(to)
}

/**
 * What `make` finds, once for all fits that share the work of this factor, and for each of the others by itself.
 *
 * @param R - triangle of the joint factor that is fitted
 * @param what - the same for all that may share it
 * @param suits - whether what was found is enough, where that depends on who asks: `make` is called again if not
 */
export function* sharedSteps<T extends object>(
  R: Matrix,
  what: string,
  make: () => Steps<T>,
  suits: (found: T) => boolean = () => true,
): Steps<T> {
  const shared = known.get(R)
  const found = shared?.get(what) as T | undefined
  if (found !== undefined && suits(found)) return found
  const made = yield* make()
  shared?.set(what, made)
  return made
}
