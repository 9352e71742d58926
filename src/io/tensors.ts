import { FileFormatError } from '../errors.js'
import type { Bytes } from '../keeping.js'
import { requireBytes, type FileBytes } from './file-bytes.js'
import { decodeUtf8, encodeUtf8 } from './utf8.js'
import type { MatrixData } from '../matrix.js'
import { allFinite } from '../validation.js'

// What the files of this package are made of: few types, plain names. Of any safetensors file, with the byte of each fault, see safetensors.ts.

/** Bytes of an element, of the types that are written and read here, in the order in which they come in a file. */
const SIZES = { F64: 8, F32: 4, I8: 1, U8: 1 } as const

/** How the elements of a tensor are stored. */
export type Dtype = keyof typeof SIZES

/** A tensor to be written: `fill` is given the bytes for it. */
export interface Part {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly fill: (out: Uint8Array) => void
}

/** A safetensors file that was read. */
export interface TensorFile {
  readonly metadata: Record<string, string>
  readonly tensors: ReadonlyMap<
    string,
    { readonly dtype: string; readonly shape: number[]; readonly bytes: Uint8Array }
  >
}

/** What a header says is not what was expected. */
export function contentError(message: string): FileFormatError {
  return new FileFormatError(message, 8)
}

/** A tensor to be written that is there already. */
export function part(name: string, dtype: Dtype, shape: readonly number[], data: ArrayBufferView): Part {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name, dtype, shape, fill: (out) => { out.set(bytes) } } // prettier-ignore
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

/** A safetensors file, byte for byte as `writeSafetensors` would write it: tensors by their types, then by name; metadata by key. */
export function writeParts(given: readonly Part[], metadata: Readonly<Record<string, string>>): Bytes {
  const types = Object.keys(SIZES)
  const parts = [...given].sort((a, b) => types.indexOf(a.dtype) - types.indexOf(b.dtype) || (a.name < b.name ? -1 : 1))
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  const header: Record<string, unknown> = { __metadata__: Object.fromEntries(texts) }
  let end = 0
  for (const { name, dtype, shape } of parts) {
    header[name] = { dtype, shape, data_offsets: [end, (end += product(shape) * SIZES[dtype])] }
  }
  const json = encodeUtf8(JSON.stringify(header))
  let at = 8 + Math.ceil(json.length / 8) * 8
  const out = new Uint8Array(at + end)
  new DataView(out.buffer).setBigUint64(0, BigInt(at - 8), true)
  out.fill(0x20, 8, at)
  out.set(json, 8)
  for (const { dtype, shape, fill } of parts) fill(out.subarray(at, (at += product(shape) * SIZES[dtype])))
  return out
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text as string)
  } catch {
    throw contentError('the header is no JSON text in UTF-8')
  }
}

const isCounts = (x: unknown): x is number[] => Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0)

/**
 * Reads a safetensors file. Its tensors must cover the data without a hole; that the bytes of one are those of its type and shape is for
 * {@link tensorBytes} to see, of those that are asked for. The header goes through `JSON.parse`, so of two metadata of one name the last counts.
 *
 * @throws TypeError if `bytes` are no bytes, FileFormatError if they are no such file
 */
export function readTensors(bytes: FileBytes): TensorFile {
  const file = requireBytes(bytes)
  const start =
    file.length < 8 ? Infinity : 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  if (start > file.length) throw contentError(`the file ends within its header, after ${file.length} bytes`)
  // What is no object has no entries either.
  const { __metadata__: given, ...header } = Object(parsed(decodeUtf8(file.subarray(8, start)))) as Record<string, unknown> // prettier-ignore
  const metadata = Object(given) as Record<string, string>
  if (Object.values(metadata).some((text: unknown) => typeof text !== 'string')) throw contentError('metadata must be texts') // prettier-ignore
  const entries = Object.entries(header).map(([name, tensor]) => {
    const { dtype, shape, data_offsets: offsets } = Object(tensor) as Record<string, unknown>
    if (typeof dtype === 'string' && isCounts(shape) && isCounts(offsets) && offsets.length === 2) return { name, dtype, shape, offsets } // prettier-ignore
    throw contentError('each tensor must have a dtype, a shape, and two data_offsets')
  })
  let end = 0
  const tensors = new Map<string, { dtype: string; shape: number[]; bytes: Uint8Array }>()
  entries.sort(({ offsets: a }, { offsets: b }) => a[0] - b[0] || a[1] - b[1])
  for (const { name, dtype, shape, offsets } of entries) {
    if (offsets[0] !== end || offsets[1] < end) break
    tensors.set(name, { dtype, shape, bytes: file.subarray(start + end, start + offsets[1]) })
    end = offsets[1]
  }
  if (tensors.size < entries.length || start + end !== file.length) {
    throw contentError(`the tensors must cover the data without holes: they do up to byte ${end}, and ${file.length - start} bytes are there`) // prettier-ignore
  }
  return { tensors, metadata }
}

/** The bytes of a tensor. @throws FileFormatError if it is missing, or of another type or shape */
export function tensorBytes(
  { tensors }: TensorFile,
  name: string,
  dtypes: readonly Dtype[],
  shape: readonly number[],
): Uint8Array {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw contentError(`tensor '${name}' is missing`)
  if (tensor.shape.join() !== shape.join()) {
    throw contentError(`tensor '${name}' has shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`)
  }
  const dtype = dtypes.find((one) => one === tensor.dtype)
  if (dtype === undefined) throw contentError(`tensor '${name}' has type ${tensor.dtype.slice(0, 9)}, expected ${dtypes.join(' or ')}`) // prettier-ignore
  const bytes = product(shape) * SIZES[dtype]
  if (tensor.bytes.length === bytes) return tensor.bytes
  throw contentError(`tensor '${name}' has ${tensor.bytes.length} bytes, its shape needs ${bytes}`)
}

type Floats = readonly ('F64' | 'F32')[]

/** The numbers of a tensor; WebAssembly and files have the same order of bytes. @throws as {@link tensorBytes} */
export function tensorFloats(file: TensorFile, name: string, dtypes: Floats, shape: readonly number[]): MatrixData {
  const { buffer } = new Uint8Array(tensorBytes(file, name, dtypes, shape))
  return file.tensors.get(name)?.dtype === 'F32' ? new Float32Array(buffer) : new Float64Array(buffer)
}

/** {@link tensorFloats}, float64 or float32 unless one is asked for. @throws as that, and RangeError if an entry is not finite */
export function finiteFloats(
  file: TensorFile,
  name: string,
  shape: readonly number[],
  dtypes: Floats = ['F64', 'F32'],
): MatrixData {
  const data = tensorFloats(file, name, dtypes, shape)
  if (allFinite(data)) return data
  const bad = data.findIndex((x) => !Number.isFinite(x))
  throw new RangeError(`tensor '${name}' has the entry ${data[bad]} at index ${bad}, expected finite numbers`)
}
