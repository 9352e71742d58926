import { singularValueSteps } from '../linalg/singular-vectors.js'
import { Matrix } from '../matrix.js'
import type { RandomStream } from '../random/random-stream.js'
import type { Engine } from '../runtime/engine.js'
import { allocateColumns, readTransposedSteps, writeTransposedSteps } from '../runtime/marshal.js'
import type { Steps } from '../steps.js'

/**
 * Steps of the Lanczos process. Measured on what unrelated modalities give (60 and 200 columns each, of deviations 1 to 1 / j^2, 40 to 10,000
 * samples; 3 draws), the strength falls short by 1e-9 at most; with 64 steps by 2.4e-4, with 48 by .02. The draws themselves deviate by .002
 * to .04 from each other.
 */
const STEPS = 96

/**
 * The norm of X from a Krylov space of X^T X and a random start (Lanczos, orthogonalised in full), from below: some products with X where an
 * SVD costs d^3. Exact for up to 96 columns.
 */
export function* largestSingularValueSteps(
  engine: Engine,
  X: Matrix,
  random: RandomStream,
  steps = STEPS,
): Steps<number> {
  return (yield* singularValueSteps(
    engine,
    yield* engine.scopeSteps(() => imageSteps(engine, X, random, Math.min(steps, X.cols))),
  ))[0]
}

/** X v for an orthonormal basis of the Krylov space, one a row, in the present scope. */
function* imageSteps(engine: Engine, X: Matrix, { normal }: RandomStream, steps: number): Steps<Matrix> {
  const { rows, cols } = X
  const { kernels } = engine
  const { x, basis, images, c } = engine.together(() => ({
    x: allocateColumns(engine, cols, rows),
    basis: allocateColumns(engine, cols, steps + 1),
    images: allocateColumns(engine, rows, steps),
    c: engine.allocateDoubles(steps),
  }))
  // In memory, x is X^T by columns.
  yield* writeTransposedSteps(engine, X, x)
  const vector = (j: number) => basis.pointer + 8 * j * basis.stride
  const view = engine.doubles(basis.pointer, basis.stride * (steps + 1)).fill(0)
  for (let i = 0; i < cols; i++) view[i] = normal()
  let found = 0
  for (let before = Infinity; found < steps; found++) {
    const next = vector(found)
    // Twice (Kahan in Parlett 1980): what the first pass leaves of the basis is rounding, but may be most of what is left.
    for (let pass = 0; pass < 2; pass++) {
      kernels.dgemvTransposed(cols, found, basis.pointer, basis.stride, next, c)
      kernels.xscal(found, -1, c)
      kernels.dgemv(cols, found, basis.pointer, basis.stride, c, next)
    }
    const length = kernels.xnrm2(cols, next)
    if (!(length > Number.EPSILON * cols * (found === 0 ? 0 : before))) break
    kernels.xscal(cols, 1 / length, next)
    const image = images.pointer + 8 * found * images.stride
    kernels.dgemvTransposed(cols, rows, x.pointer, x.stride, next, image)
    kernels.dgemv(cols, rows, x.pointer, x.stride, image, vector(found + 1))
    before = kernels.xnrm2(cols, vector(found + 1))
    yield
  }
  return yield* readTransposedSteps(engine, images, rows, found)
}
