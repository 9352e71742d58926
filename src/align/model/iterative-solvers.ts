const registered: Record<string, unknown> = {}

/** From now on the estimators find these, by the names that options have for them. */
export function register(solvers: Readonly<Record<string, unknown>>): void {
  Object.assign(registered, solvers)
}

/**
 * The solver of that name. Which function that is its file says: whoever calls it takes its type from there.
 *
 * @throws RangeError unless `collimate/solvers` has registered it: few pages need one, and all would carry it
 */
export function iterativeSolver(name: string): unknown {
  if (name in registered) return registered[name]
  throw new RangeError(
    `'${name}' is in an entry of its own: import { registerSolvers } from 'collimate/solvers' and call it once, before the fit`,
  )
}
