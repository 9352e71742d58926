import type { FileBytes } from '../../io/file-bytes.js'
import type { Bytes } from '../../keeping.js'
import { contentError, type TensorFile } from '../../io/tensors.js'
import { Matrix } from '../../matrix.js'
import type { FactorState } from './factor-state.js'
import {
  readInteger,
  readIntegers,
  readTensor,
  readTensorFile,
  writeTensorFile,
  type TensorEntry,
} from '../../io/tensor-file.js'

const KIND = 'JointFactor'
// Far above what rounding does to the length of a column over any number of updates, far below one row of 10^5.
const LENGTH_ROUNDOFF = 1e-6

/** Tensors and metadata that hold a factor, to be put beside others. */
export function factorEntries(
  widths: readonly number[],
  { R, rows, float32 }: FactorState,
): { tensors: TensorEntry[]; metadata: Record<string, string> } {
  const packed = packTriangle(R, rows)
  return {
    tensors: [['R', { shape: [packed.length], data: packed }]],
    metadata: { rows: String(rows), widths: widths.join(), float32: float32.map(Number).join() },
  }
}

/** A file that holds nothing but a factor, and whose rows it has seen. */
export function encodeFactor(widths: readonly number[], state: FactorState, sources: string | undefined): Bytes {
  const { tensors, metadata } = factorEntries(widths, state)
  // JSON leaves out what is undefined.
  return writeTensorFile(KIND, tensors, { ...metadata, sources } as Record<string, string>)
}

/** @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound factor */
export function decodeFactor(bytes: FileBytes): [widths: number[], state: FactorState, sources: string | undefined] {
  const file = readTensorFile(KIND, bytes)
  const widths = readIntegers(file, 'widths', 1)
  return [widths, readFactor(file, widths), file.metadata.sources]
}

/** @throws FileFormatError or RangeError unless the file has a sound factor of these widths */
export function readFactor(file: TensorFile, widths: readonly number[]): FactorState {
  const size = widths.reduce((sum, width) => sum + width, 1)
  const rows = readInteger(file, 'rows', 0)
  const flags = readIntegers(file, 'float32', 0)
  if (flags.length !== widths.length || flags.some((flag) => flag > 1)) {
    throw contentError(`metadata 'float32' is '${flags.join()}', expected ${widths.length} times 0 or 1`)
  }
  const data = readTensor(file, 'R', [packedLength(size, rows)])
  // The first column of the joint data is ones, so that its length tells the rows.
  if (rows > 0 && Math.abs(Math.abs(data[0]) - Math.sqrt(rows)) > LENGTH_ROUNDOFF * Math.sqrt(rows)) {
    throw new RangeError(`tensor 'R' has ${data[0]} at (0, 0), expected the root of ${rows} rows up to sign`)
  }
  return { R: unpackTriangle(data, size), rows, float32: flags.map(Boolean) }
}

/** Of the rows of the triangle that are not zero: as many as have been seen, at most all. */
function packedLength(size: number, rows: number): number {
  const filled = Math.min(size, rows)
  return (filled * (2 * size - filled + 1)) / 2
}

/** The rows that are not zero, each from its diagonal on, one after the other. */
function packTriangle({ rows: size, data }: Matrix, rows: number): Float64Array {
  const packed = new Float64Array(packedLength(size, rows))
  for (let i = 0, at = 0; at < packed.length; at += size - i, i++) {
    packed.set(data.subarray(i * size + i, (i + 1) * size), at)
  }
  return packed
}

function unpackTriangle(packed: Float64Array, size: number): Matrix {
  const R = zeroFactor(size)
  for (let i = 0, at = 0; at < packed.length; at += size - i, i++) {
    R.data.set(packed.subarray(at, at + size - i), i * size + i)
  }
  return R
}

/** @throws RangeError if there is no room for it: of no rows, a file of some bytes may ask for any size */
function zeroFactor(size: number): Matrix {
  try {
    return new Matrix(size, size)
  } catch (cause) {
    throw new RangeError(`its widths add up to ${size - 1}: ${(cause as Error).message}`, { cause })
  }
}
