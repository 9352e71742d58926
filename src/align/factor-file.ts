import type { Safetensors } from '../io/safetensors.js'
import { Matrix } from '../matrix.js'
import type { FactorState } from './factor-state.js'
import {
  contentError,
  readInteger,
  readIntegers,
  readTensor,
  readTensorFile,
  writeTensorFile,
  type TensorEntry,
} from './tensor-file.js'

const KIND = 'JointFactor'
// Far above what rounding does to the length of a column over any number of updates, far below one row of 10^5.
const LENGTH_ROUNDOFF = 1e-6

/** Tensors and metadata that hold a factor, to be put beside others. */
export function factorEntries(
  widths: readonly number[],
  { R, rows, float32 }: FactorState,
): { tensors: TensorEntry[]; metadata: Record<string, string> } {
  return {
    tensors: [['R', { shape: [R.rows, R.cols], data: Float64Array.from(R.data) }]],
    metadata: { rows: String(rows), widths: widths.join(), float32: float32.map(Number).join() },
  }
}

/** A file that holds nothing but a factor. */
export function encodeFactor(widths: readonly number[], state: FactorState): Uint8Array {
  const { tensors, metadata } = factorEntries(widths, state)
  return writeTensorFile(KIND, tensors, metadata)
}

/** @throws TypeError if `bytes` is no Uint8Array, FileFormatError or RangeError if it holds no sound factor */
export function decodeFactor(bytes: Uint8Array): { widths: number[]; state: FactorState } {
  const file = readTensorFile(KIND, bytes)
  const widths = readIntegers(file, 'widths', 1)
  return { widths, state: readFactor(file, widths) }
}

/** @throws FileFormatError or RangeError unless the file has a sound factor of these widths */
export function readFactor(file: Safetensors, widths: readonly number[]): FactorState {
  const size = widths.reduce((sum, width) => sum + width, 1)
  const rows = readInteger(file, 'rows', 0)
  const flags = readIntegers(file, 'float32', 0)
  if (flags.length !== widths.length || flags.some((flag) => flag > 1)) {
    throw contentError(`metadata 'float32' is '${flags.join()}', expected ${widths.length} times 0 or 1`)
  }
  const data = readTensor(file, 'R', [size, size])
  for (let i = 1; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const value = data[i * size + j]
      if (value !== 0) throw new RangeError(`tensor 'R' has ${value} at (${i}, ${j}), expected an upper triangle`)
    }
  }
  // The first column of the joint data is ones, so that its length tells the rows.
  if (Math.abs(Math.abs(data[0]) - Math.sqrt(rows)) > LENGTH_ROUNDOFF * Math.sqrt(rows)) {
    throw new RangeError(`tensor 'R' has ${data[0]} at (0, 0), expected the root of ${rows} rows up to sign`)
  }
  return { R: new Matrix(size, size, data), rows, float32: flags.map((flag) => flag === 1) }
}
