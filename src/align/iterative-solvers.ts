import type { infoNceModelSteps } from './infonce-model.js'
import type { descentSteps } from './stiefel.js'
import type { sumcorDirections } from './sumcor.js'

/** Methods that iterate, by the names that options have for them. */
export interface IterativeSolvers {
  readonly infonce: typeof infoNceModelSteps
  readonly gradient: typeof descentSteps
  readonly sumcor: typeof sumcorDirections
}

let registered: IterativeSolvers | undefined

/** From now on the estimators find them. */
export function register(solvers: IterativeSolvers): void {
  registered = solvers
}

/** The solver of that name. @throws RangeError unless `collimate/solvers` has registered it: few pages need one, and all would carry it */
export function iterativeSolver<Name extends keyof IterativeSolvers>(name: Name): IterativeSolvers[Name] {
  if (registered !== undefined) return registered[name]
  throw new RangeError(
    `'${name}' is in an entry of its own: import { registerSolvers } from 'collimate/solvers' and call it once, before the fit`,
  )
}
