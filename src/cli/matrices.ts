import { npyToMatrix, readNpy, writeNpy } from '../io/npy.js'
import { Matrix } from '../matrix.js'
import { finiteMatrix } from '../validation.js'
import { about, InputError } from './errors.js'
import { readBytes } from './files.js'
import type { Precision } from './options.js'
import { selectRows, type RowSelection } from './rows.js'

/**
 * Reads a matrix from a .npy file.
 *
 * @throws InputError if the file is missing or broken, or `rows` do not fit it
 * @throws RangeError if an entry that is used is not finite
 */
export async function readMatrix(path: string, signal: AbortSignal, rows?: RowSelection): Promise<Matrix> {
  const bytes = await readBytes(path, signal)
  const matrix = about(path, () => npyToMatrix(readNpy(bytes), 'the array', { flatten: true }))
  if (rows === undefined) return finiteMatrix(matrix, path)
  return finiteMatrix(selectRows(matrix, rows, path), `the selected rows of ${path}`)
}

/**
 * Reads one matrix per modality.
 *
 * @throws as {@link readMatrix} does, and InputError if the files differ in their number of rows
 */
export async function readPaired(
  paths: readonly string[],
  signal: AbortSignal,
  rows?: RowSelection,
): Promise<Matrix[]> {
  const matrices: Matrix[] = []
  for (const path of paths) {
    const matrix = await readMatrix(path, signal, rows)
    matrices.push(matrix)
    if (matrix.rows !== matrices[0].rows) {
      throw new InputError(
        `${path} has ${matrix.rows} rows, ${paths[0]} has ${matrices[0].rows}: row i must be the same sample in every file`,
      )
    }
  }
  return matrices
}

/** The bytes of a .npy file that holds `matrix` in the given precision. */
export function npyBytes(matrix: Matrix, precision: Precision): Uint8Array {
  const { rows, cols, data } = matrix
  if (precision === 'f32') return writeNpy(new Matrix(rows, cols, Float32Array.from(data)))
  return writeNpy(data instanceof Float64Array ? matrix : new Matrix(rows, cols, Float64Array.from(data)))
}
