import type { DataFactor } from '../align/factor/data-factor.js'
import { multiplySteps } from '../linalg/matmul.js'
import { svdSteps } from '../linalg/svd.js'
import type { MatrixLike } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { taken } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { pairSteps, pairOf } from './comparison-factor.js'
import { unitBlockSteps } from './linear-cka.js'

/**
 * Procrustes disparity, as `scipy.spatial.procrustes` defines it: both sets centred and scaled to norm 1, the least norm(X - s Y R)^2 over
 * orthogonal R and factors s. 0 if one is the other moved, rotated, reflected and scaled. It is 1 - (sum of the singular values of
 * Y^T X)^2, but is taken from the difference, which keeps digits near 0. Where SciPy refuses sets without variance, as of latents that
 * collapsed or one sample, it is 1, the worst.
 *
 * @memory max((1 + 2 d)^2, 5 d^2) + 1200 (1 + d) doubles and 2 MiB
 * @param X - n x d
 * @param Y - n x d, row i the same sample as row i of X
 * @returns a number from 0 to 1, lower is better. 8 n d^2 operations
 * @throws TypeError if an argument is no matrix
 * @throws RangeError if the shapes differ (pad the narrower set with columns of zeros), either is empty, or an entry is not finite
 * @see Gower, "Generalized Procrustes analysis", Psychometrika 40, 1975
 */
export function procrustesDisparity(X: MatrixLike, Y: MatrixLike): number {
  return perform(disparityWork(X, Y))
}

/**
 * {@link procrustesDisparity} with turns for the event loop; `onProgress` is called between pieces of some milliseconds.
 *
 * @throws as {@link procrustesDisparity}, and the reason of `signal` on an abort: the promise rejects
 */
export async function procrustesDisparityAsync(
  X: MatrixLike,
  Y: MatrixLike,
  options: AsyncOptions = {},
): Promise<number> {
  return performAsync(disparityWork(taken(X, 'X', options), taken(Y, 'Y', options)), options)
}

function disparityWork(X: MatrixLike, Y: MatrixLike): Work<number> {
  const pair = pairOf(X, Y)
  const [d1, d2] = pair.map(({ cols }) => cols)
  if (d1 !== d2) {
    throw new RangeError(`X has ${d1} columns and Y has ${d2}: pad the narrower one with columns of zeros`)
  }
  return (engine) => pairSteps(engine, pair, procrustesDisparitySteps)
}

/** Between two sets of a centred factor, of one width. */
export function* procrustesDisparitySteps(engine: Engine, data: DataFactor, a: number, b: number): Steps<number> {
  const [X, Y] = [yield* unitBlockSteps(data, a), yield* unitBlockSteps(data, b)]
  if (X === undefined || Y === undefined) return 1
  const { U, S, V } = yield* svdSteps(engine, yield* multiplySteps(engine, Y, X, { transposeA: true }), {
    U: 'thin',
    V: 'thin',
  })
  const scale = S.reduce((sum, sigma) => sum + sigma, 0)
  const turned = yield* multiplySteps(engine, yield* multiplySteps(engine, Y, U), V, {
    transposeB: true,
  })
  let squares = 0
  for (let i = 0; i < X.data.length; i++) squares += (X.data[i] - scale * turned.data[i]) ** 2
  return Math.min(1, squares)
}
