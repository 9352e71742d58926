import { Matrix } from '../../src/matrix.js'

/** Sylvester's Hadamard matrix of order n, a power of two: entries +-1, H^T H = n I, all exact. */
export function hadamard(n: number): Matrix {
  const H = new Matrix(n, n)
  const bits = (x: number): number => (x === 0 ? 0 : (x & 1) + bits(x >> 1))
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) H.set(i, j, bits(i & j) % 2 === 0 ? 1 : -1)
  return H
}
