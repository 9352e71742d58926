import { requireBytes, type FileBytes } from '../io/file-bytes.js'
import { readSafetensorsHeader } from '../io/safetensors-header.js'
import type { Safetensors, Tensor } from '../io/safetensors.js'
import { contentError, readChoice, readInteger, readIntegers, readStored, readTensor } from '../align/tensor-file.js'
import { Matrix } from '../matrix.js'

/** What a model file says of mapping and translating, in the precision that it is stored in. */
export interface ServedModel {
  /** The name of the class that was fitted. */
  readonly method: string
  /** A^(m), k x d_m. */
  readonly maps: readonly Matrix[]
  /** Column means of every modality. */
  readonly means: readonly Float64Array[]
  /** Whether mapping subtracts the means. */
  readonly centered: boolean
  /** `decoders[from][to]`, k x d_to; none from a modality to itself, nor where the file has none. */
  readonly decoders: readonly (readonly (Matrix | undefined)[])[]
}

const VERSIONS = ['1', '2']

/** @throws TypeError if `bytes` are no bytes, FileFormatError or RangeError if it holds no sound model */
export function readServedModel(bytes: FileBytes): ServedModel {
  const file = readFloats(bytes)
  const { collimate: method, version } = file.metadata as Partial<Record<string, string>>
  if (method === undefined || !file.tensors.has('maps.0')) {
    const found = method === undefined ? 'some other safetensors file' : `a ${method}`
    throw contentError(`this is ${found}, expected a model of collimate, as toBytes() of a fitted one writes it`)
  }
  if (version === undefined || !VERSIONS.includes(version)) {
    throw contentError(
      `this ${method} has format version ${version}, this release reads ${VERSIONS.join(' and ')}: update collimate`,
    )
  }
  const widths = readIntegers(file, 'widths', 1)
  const total = widths.reduce((sum, width) => sum + width, 0)
  const k = readInteger(file, 'nComponents', 1)
  if (widths.length < 2 || k > total) {
    throw contentError(
      `${k} components of widths ${widths.join(', ')}: expected two widths or more, and k at most their sum`,
    )
  }
  return {
    method,
    maps: widths.map((width, m) => matrix(file, `maps.${m}`, k, width)),
    means: widths.map((width, m) => readTensor(file, `means.${m}`, [width])),
    centered: readChoice(file, 'centered', ['true', 'false']) === 'true',
    decoders: widths.map((_, from) => widths.map((width, to) => decoder(file, from, to, k, width))),
  }
}

/** The file with its float32 and float64 tensors; WebAssembly and files have the same order of bytes. What has another type is left empty. */
function readFloats(bytes: FileBytes): Safetensors {
  const file = requireBytes(bytes)
  const { tensors, metadata, dataStart } = readSafetensorsHeader(file)
  const read = new Map<string, Tensor>()
  for (const { name, dtype, shape, begin, end } of tensors) {
    const isRead = dtype === 'F32' || dtype === 'F64'
    const { buffer } = new Uint8Array(file.subarray(dataStart + begin, dataStart + (isRead ? end : begin)))
    read.set(name, { dtype, shape, data: dtype === 'F32' ? new Float32Array(buffer) : new Float64Array(buffer) })
  }
  return { tensors: read, metadata }
}

function matrix(file: Safetensors, name: string, rows: number, cols: number): Matrix {
  return new Matrix(rows, cols, readStored(file, name, [rows, cols]))
}

function decoder(file: Safetensors, from: number, to: number, k: number, width: number): Matrix | undefined {
  const name = `decoders.${from}.${to}`
  const missing = from === to || (file.metadata.version !== '1' && !file.tensors.has(name))
  return missing ? undefined : matrix(file, name, k, width)
}
