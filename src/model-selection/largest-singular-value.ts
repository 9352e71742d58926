import { singularValueSteps } from '../align/singular-vectors.js'
import { multiplySteps } from '../linalg/matmul.js'
import { Matrix } from '../matrix.js'
import type { RandomStream } from '../random/random-stream.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../runtime/steps.js'
import { orthogonalDirection } from './gram-schmidt.js'

/** Steps of the Lanczos process. */
const STEPS = 24

/**
 * The norm of X from a Krylov space of X^T X and a random start (Lanczos, orthogonalised in full), from below: some products with X where an
 * SVD costs d^3. Exact for up to 24 columns.
 */
export function* largestSingularValueSteps(engine: Engine, X: Matrix, { normal }: RandomStream): Steps<number> {
  const basis: Float64Array[] = []
  const images: Matrix[] = []
  let next = orthogonalDirection(Float64Array.from({ length: X.cols }, normal), basis, 0)
  while (next !== undefined && basis.length < STEPS) {
    basis.push(next)
    const image = yield* multiplySteps(engine, X, new Matrix(X.cols, 1, next))
    images.push(image)
    const again = yield* multiplySteps(engine, X, image, { transposeA: true })
    next = orthogonalDirection(again.data, basis, Number.EPSILON * X.cols)
  }
  const rows = new Matrix(images.length, X.rows)
  images.forEach((image, i) => {
    rows.row(i).set(image.data)
  })
  return (yield* singularValueSteps(engine, rows))[0]
}
