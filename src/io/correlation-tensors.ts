import type { LatentCorrelations } from '../latent-correlations.js'
import { Matrix } from '../matrix.js'
import { readTensor } from './tensor-file.js'
import { contentError, type TensorFile } from './tensors.js'

/** A tensor of the file as float64. @throws FileFormatError unless its entries are from 0 to below `end` */
export function readNonNegative(
  file: TensorFile,
  name: string,
  shape: readonly number[],
  end = Infinity,
): Float64Array {
  const data = readTensor(file, name, shape)
  const bad = data.findIndex((x) => !(x >= 0 && x < end))
  if (bad < 0) return data
  throw contentError(`tensor '${name}' has the entry ${data[bad]} at index ${bad}, expected 0 to below ${end}`)
}

/** Of M modalities and k components; undefined if the file has none. @throws FileFormatError if they are none */
export function readCorrelations(file: TensorFile, M: number, k: number): LatentCorrelations | undefined {
  if (!file.tensors.has('rho')) return undefined
  const matrix = (name: string, rows: number, end: number) =>
    new Matrix(rows, k, readNonNegative(file, name, [rows, k], end))
  return { rho: matrix('rho', (M * (M - 1)) / 2, 1), deviations: matrix('deviations', M, Infinity) }
}
