import { norm } from './norms.js'

/**
 * The part of x that is orthogonal to an orthonormal basis, of length 1; undefined if no more than the share `zero` of x is left. Twice
 * (Gram and Schmidt; Kahan in Parlett 1980): what the first pass leaves of the basis is rounding, but may be most of what is left.
 */
export function orthogonalDirection(
  x: ArrayLike<number>,
  basis: readonly Float64Array[],
  zero: number,
): Float64Array | undefined {
  const direction = unit(x)
  if (direction === undefined) return undefined
  for (let pass = 0; pass < 2; pass++) for (const b of basis) removePart(direction, b)
  return norm(direction) > zero ? unit(direction) : undefined
}

function unit(x: ArrayLike<number>): Float64Array | undefined {
  const length = norm(x)
  return length > 0 ? Float64Array.from(x, (value) => value / length) : undefined
}

function removePart(x: Float64Array, b: Float64Array): void {
  let product = 0
  for (let i = 0; i < x.length; i++) product += b[i] * x[i]
  for (let i = 0; i < x.length; i++) x[i] -= product * b[i]
}
