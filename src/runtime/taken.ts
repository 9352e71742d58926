import { Matrix, toMatrix } from '../matrix.js'
import type { AsyncOptions } from '../steps.js'

/**
 * x as it is now, for an asynchronous operation, which answers for what it was handed: the caller may write to it meanwhile. With
 * `copy: false` x itself.
 *
 * @throws as {@link toMatrix}
 */
export function taken(x: unknown, name: string, options: AsyncOptions): Matrix {
  const matrix = toMatrix(x, name)
  // An array of rows was copied when it was read. Plain JavaScript may give null for options, which is refused later.
  if (Array.isArray(x) || (options as AsyncOptions | null)?.copy === false) return matrix
  return new Matrix(matrix.rows, matrix.cols, matrix.data.slice())
}

/** All modalities as they are now. What is no array is for others to refuse, or to read. */
export function takenModalities<Modalities>(modalities: Modalities, options: AsyncOptions): Modalities | Matrix[] {
  return Array.isArray(modalities) ? modalities.map((x: unknown, m) => taken(x, `modality ${m}`, options)) : modalities
}
