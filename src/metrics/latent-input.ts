import { wrongKind } from '../describe.js'
import { type Matrix } from '../matrix.js'
import { finiteMatrix } from '../validation.js'

const shape = (Z: Matrix): string => `${Z.rows} x ${Z.cols}`

/** Reads latents, one sample a row: finite, at least one sample and one component. */
export function latents(x: unknown, name: string): Matrix {
  const Z = finiteMatrix(x, name)
  if (Z.rows === 0 || Z.cols === 0) {
    throw new RangeError(`${name} must hold at least one sample and one component, got ${shape(Z)}`)
  }
  return Z
}

/** Reads a list of latents, one matrix per modality. */
export function latentsPerModality(xs: unknown, name: string, atLeast: number): Matrix[] {
  if (!Array.isArray(xs)) {
    throw wrongKind(name, 'an array of matrices, one per modality', xs)
  }
  if (xs.length < atLeast) {
    throw new RangeError(`${name} must hold at least ${atLeast} matrices, one per modality, got ${xs.length}`)
  }
  return xs.map((x: unknown, m) => latents(x, `${name}[${m}]`))
}

/** @throws RangeError with both shapes unless they are equal */
export function checkSameShape(Z1: Matrix, name1: string, Z2: Matrix, name2: string): void {
  if (Z1.rows === Z2.rows && Z1.cols === Z2.cols) return
  throw new RangeError(
    `${name1} is ${shape(Z1)} but ${name2} is ${shape(Z2)}: row i of both must be the latent of sample i, with the same components`,
  )
}
