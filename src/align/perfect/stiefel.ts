import { multiplySteps } from '../../linalg/matmul.js'
import { qrSteps } from '../../linalg/qr.js'
import { svdSteps } from '../../linalg/svd.js'
import { Matrix } from '../../matrix.js'
import { randomStream } from '../../random/random-stream.js'
import type { Seed } from '../../random/seed.js'
import type { Engine } from '../../runtime/engine.js'
import type { Steps } from '../../steps.js'
import { dot, difference, scaleColumns, multiple } from '../../dense/arithmetic.js'
import { norm } from '../../dense/norms.js'
import { atStage } from '../../progress.js'

/** When to stop, and where to start. */
export interface DescentOptions {
  /** Of the random start. */
  readonly seed: Seed
  readonly maxIterations: number
  /** It stops at ||gradient||_F <= gradientTolerance ||B||_F ||A B^T||_F. */
  readonly gradientTolerance: number
}

/** How a descent went. */
export interface Descent {
  /** The loss at the start and after every iteration; never increasing. */
  readonly lossHistory: Float64Array
  /** Whether it stopped by itself, and not at maxIterations. */
  readonly converged: boolean
}

/** A point of the manifold, its loss and half its gradient. */
interface Point {
  /** k x d, orthonormal rows. */
  readonly A: Matrix
  /** A B^T, k x r. */
  readonly Y: Matrix
  /** ||Y||_F^2 */
  readonly loss: number
  /** Half the gradient of the loss, projected to the tangent space. */
  readonly G: Matrix
}

// Armijo's constant, as usual: any decrease in proportion to the step will do.
const SUFFICIENT_DECREASE = 1e-4
// Halvings of a step of 1 / ||B||^2 or so that lowers nothing before the loss counts as standing still: below 2^-40 of it,
// rounding decides.
const MAX_HALVINGS = 40

/**
 * Minimises ||A B^T||_F^2 over A (k x d) with orthonormal rows by gradient descent on the Stiefel manifold: a step along the
 * projected gradient G = E - (E A^T) A, E = (A B^T) B, back onto the manifold by QR; lengths of Barzilai and Borwein (1988),
 * halved until the loss falls (Armijo). The minimum is the sum of the k smallest sigma^2 of B, and there is no other; but what
 * the gradient sees is sigma^2, so that directions with sigma below the root of the tolerance are told apart slowly or never.
 * At the end the rows are rotated to the singular vectors of A B^T, largest first.
 *
 * 4 k r d operations an iteration. Source: Absil, Mahony and Sepulchre, "Optimization Algorithms on Matrix Manifolds", 2008,
 * sections 3.6 and 4.2; Wen and Yin 2013 for the lengths.
 *
 * @param B - r x d, entries of size 1 or so
 * @param zero - losses up to its square count as zero
 */
export function* descentSteps(
  engine: Engine,
  B: Matrix,
  k: number,
  zero: number,
  options: DescentOptions,
): Steps<Descent & { readonly A: Matrix }> {
  const size = norm(B.data)
  const stage = (done: number) => ({ phase: 'descent', done, total: options.maxIterations })
  let point = yield* atStage(stage(0), startSteps(engine, B, k, options.seed))
  let length = size > 0 ? 1 / size ** 2 : 1
  const history = [point.loss]
  for (let iteration = 0; ; iteration++) {
    const misalignment = Math.sqrt(point.loss)
    let converged = misalignment <= zero || norm(point.G.data) <= options.gradientTolerance * size * misalignment
    let next: Point | undefined
    if (!converged && iteration < options.maxIterations) {
      next = yield* atStage(stage(iteration), lineSearchSteps(engine, B, point, length))
      converged = next === undefined
    }
    if (next === undefined) {
      const A = yield* atStage(stage(iteration), rotatedSteps(engine, point))
      return { A, lossHistory: Float64Array.from(history), converged }
    }
    length = barzilaiBorwein(difference(next.A, point.A), difference(next.G, point.G), iteration) ?? length
    point = next
    history.push(point.loss)
  }
}

function* pointSteps(engine: Engine, B: Matrix, A: Matrix, Y: Matrix): Steps<Point> {
  const E = yield* multiplySteps(engine, Y, B)
  const S = yield* multiplySteps(engine, Y, Y, { transposeB: true })
  const G = difference(E, yield* multiplySteps(engine, S, A))
  return { A, Y, loss: norm(Y.data) ** 2, G }
}

/** From length on, halved until the loss is low enough; undefined if no length lowers it. */
function* lineSearchSteps(engine: Engine, B: Matrix, { A, G, loss }: Point, length: number): Steps<Point | undefined> {
  const slope = 2 * norm(G.data) ** 2
  for (let halving = 0; halving < MAX_HALVINGS; halving++, length /= 2) {
    const moved = yield* retractedSteps(engine, difference(A, multiple(G, length)))
    const Y = yield* multiplySteps(engine, moved, B, { transposeB: true })
    const next = norm(Y.data) ** 2
    if (next < loss && next <= loss - SUFFICIENT_DECREASE * length * slope)
      return yield* pointSteps(engine, B, moved, Y)
  }
  return undefined
}

/** The orthonormal rows that Gram and Schmidt make of those of X: the Q of X^T = Q R with a positive diagonal of R. */
function* retractedSteps(engine: Engine, X: Matrix): Steps<Matrix> {
  const { Q, R } = yield* qrSteps(engine, X.transpose())
  const signs = Float64Array.from({ length: R.rows }, (_, i) => (R.get(i, i) < 0 ? -1 : 1))
  return scaleColumns(Q, signs).transpose()
}

function* startSteps(engine: Engine, B: Matrix, k: number, seed: Seed): Steps<Point> {
  const { normal } = randomStream(seed, 'start')
  const start = Float64Array.from({ length: k * B.cols }, () => normal())
  const A = yield* retractedSteps(engine, new Matrix(k, B.cols, start))
  return yield* pointSteps(engine, B, A, yield* multiplySteps(engine, A, B, { transposeB: true }))
}

/** <s, s> / |<s, y>| and |<s, y>| / <y, y> in turn, s the step and y the change of the gradient. */
function barzilaiBorwein(s: Matrix, y: Matrix, iteration: number): number | undefined {
  const along = Math.abs(dot(s.data, y.data))
  const length = iteration % 2 === 0 ? dot(s.data, s.data) / along : along / dot(y.data, y.data)
  return Number.isFinite(length) && length > 0 ? length : undefined
}

/** A with its rows rotated so that those of A B^T are orthogonal, the longest first. */
function* rotatedSteps(engine: Engine, { A, Y }: Point): Steps<Matrix> {
  const { U } = yield* svdSteps(engine, Y, { U: 'full', V: 'none' })
  return yield* multiplySteps(engine, U, A, { transposeA: true })
}
