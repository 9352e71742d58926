import { FileFormatError } from '../errors.js'
import { elementCount, shapeText } from './dense-array.js'
import { elementSizeBytes, type ElementType } from './elements.js'
import { readJsonArray, readJsonObject, readJsonString, skipJson } from './json.js'
import { quote, Scanner } from './scanner.js'
import { decodeUtf8 } from './utf8.js'

/** How the elements of a safetensors tensor are stored. */
export type SafetensorsDtype =
  'BOOL' | 'U8' | 'I8' | 'I16' | 'U16' | 'F16' | 'BF16' | 'I32' | 'U32' | 'F32' | 'F64' | 'I64' | 'U64'

/** The element type behind each dtype, in the reference implementation's order, which is that of increasing alignment. */
export const SAFETENSORS_DTYPES: Readonly<Record<SafetensorsDtype, ElementType>> = {
  BOOL: 'bool',
  U8: 'u8',
  I8: 'i8',
  I16: 'i16',
  U16: 'u16',
  F16: 'f16',
  BF16: 'bf16',
  I32: 'i32',
  U32: 'u32',
  F32: 'f32',
  F64: 'f64',
  I64: 'i64',
  U64: 'u64',
}

/** Bits of an element of each type that others write and nothing here reads. */
const OTHER_BITS = /* @__PURE__ */ new Map([['F4', 4], ['F6_E2M3', 6], ['F6_E3M2', 6], ['F8_E5M2', 8], ['F8_E4M3', 8], ['F8_E8M0', 8], ['C64', 64]]) // prettier-ignore

/** Whether tensors of this type are read. */
export function isHeld(dtype: string): dtype is SafetensorsDtype {
  return Object.hasOwn(SAFETENSORS_DTYPES, dtype)
}

/** What the header says of one tensor; `begin` and `end` are bytes from the start of the data. */
export interface TensorInfo<Dtype extends string = SafetensorsDtype> {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: number[]
  readonly begin: number
  readonly end: number
}

export interface SafetensorsHeader<Dtype extends string = string> {
  /** In the order of their data, which they cover without a hole. */
  readonly tensors: readonly TensorInfo<Dtype>[]
  readonly metadata: Record<string, string>
  /** Where the data begin, in bytes from the start of the file. */
  readonly dataStart: number
}

/** The key of the header that is no tensor. */
export const METADATA_KEY = '__metadata__'
/** The limit of the reference implementation. */
export const MAX_HEADER_BYTES = 100_000_000
/** Bytes of the header's length, and what the length of a written header is a multiple of. */
export const LENGTH_BYTES = 8

/**
 * Reads and checks the header of a safetensors file: all that the reference implementation checks (safetensors/src/tensor.rs),
 * and that no name comes twice.
 *
 * @param file - the header at least
 * @param options.size - bytes of the file, Infinity if that is not known; default: those that are given
 * @param options.anyDtype - whether tensors may be of types that are not read
 * @throws FileFormatError if the header is broken or does not describe the bytes that follow it
 */
export function readSafetensorsHeader(file: Uint8Array): SafetensorsHeader<SafetensorsDtype>
export function readSafetensorsHeader(file: Uint8Array, options: { size: number; anyDtype: true }): SafetensorsHeader
export function readSafetensorsHeader(
  file: Uint8Array,
  { size, anyDtype } = { size: file.length, anyDtype: false },
): SafetensorsHeader {
  const dataStart = LENGTH_BYTES + headerLength(file, size)
  const scanner = new Scanner(headerText(file, dataStart), LENGTH_BYTES)
  const entries: Entry[] = []
  let metadata: Record<string, string> = emptyRecord()
  readJsonObject(scanner, 'the header', (name) => {
    if (name === METADATA_KEY) metadata = readMetadata(scanner)
    else entries.push(readEntry(scanner, name, anyDtype))
  })
  if (!scanner.atEnd()) scanner.failExpecting('nothing but white space after the header')
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  const covered = checkCoverage(scanner, entries, size - dataStart)
  const excess = size - dataStart - covered
  if (excess > 0 && excess < Infinity)
    throw new FileFormatError(`the last ${excess} bytes belong to no tensor`, dataStart + covered)
  return { tensors: entries, metadata, dataStart }
}

/** The length of the header of a file of `size` bytes. @throws FileFormatError if there is none, or more than there is room for */
export function headerLength(file: Uint8Array, size: number): number {
  if (file.length < LENGTH_BYTES)
    throw new FileFormatError('the file ends inside the length of its header', file.length)
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES) {
    throw new FileFormatError(`the header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are allowed`, 0)
  }
  const present = size - LENGTH_BYTES
  if (length > present) throw new FileFormatError(`the header claims ${length} bytes, but only ${present} follow`, 0)
  return Number(length)
}

function headerText(file: Uint8Array, end: number): string {
  const text = decodeUtf8(file.subarray(LENGTH_BYTES, end))
  if (text === undefined) throw new FileFormatError('the header is not valid UTF-8', LENGTH_BYTES)
  return text
}

/** A record on which no key, `__proto__` included, has a meaning of its own. */
function emptyRecord(): Record<string, string> {
  return Object.create(null) as Record<string, string>
}

function readMetadata(scanner: Scanner): Record<string, string> {
  const metadata = emptyRecord()
  readJsonObject(scanner, METADATA_KEY, (key) => {
    metadata[key] = readJsonString(scanner, `${METADATA_KEY} ${quote(key)}`)
  })
  return metadata
}

interface Entry extends TensorInfo<string> {
  /** Where its description begins in the header. */
  readonly position: number
}

function readEntry(scanner: Scanner, name: string, anyDtype: boolean): Entry {
  const position = scanner.position()
  const what = `tensor ${quote(name)}`
  let dtype: string | undefined
  let shape: number[] | undefined
  let offsets: number[] | undefined
  readJsonObject(scanner, what, (key) => {
    if (key === 'dtype') dtype = readDtype(scanner, what, anyDtype)
    else if (key === 'shape') shape = readIntegers(scanner, `the shape of ${what}`)
    else if (key === 'data_offsets') offsets = readIntegers(scanner, `data_offsets of ${what}`)
    else skipJson(scanner, `${what}: ${quote(key)}`)
  })
  if (dtype === undefined || shape === undefined || offsets === undefined) {
    return scanner.fail(`${what} must have dtype, shape and data_offsets`, position)
  }
  if (offsets.length !== 2)
    scanner.fail(`data_offsets of ${what} must be two integers, got ${offsets.length}`, position)
  return { name, dtype, shape, begin: offsets[0], end: offsets[1], position }
}

function readDtype(scanner: Scanner, what: string, anyDtype: boolean): string {
  const position = scanner.position()
  const dtype = readJsonString(scanner, `the dtype of ${what}`)
  if (anyDtype || isHeld(dtype)) return dtype
  const supported = Object.keys(SAFETENSORS_DTYPES).join(', ')
  return scanner.fail(`dtype ${quote(dtype)} of ${what} is not supported; it must be one of ${supported}`, position)
}

function readIntegers(scanner: Scanner, what: string): number[] {
  const integers: number[] = []
  readJsonArray(scanner, what, () => {
    integers.push(scanner.unsigned(what))
  })
  return integers
}

/** What a tensor takes, where its type says. */
function tensorBytes(dtype: string, shape: readonly number[]): number | 'more than 2^53' | 'unknown' {
  const sizeBytes = isHeld(dtype) ? elementSizeBytes(SAFETENSORS_DTYPES[dtype]) : (OTHER_BITS.get(dtype) ?? 0) / 8
  if (sizeBytes === 0) return 'unknown'
  const count = elementCount(shape, Math.max(1, sizeBytes))
  return count === undefined ? 'more than 2^53' : Math.ceil(count * sizeBytes)
}

/** Each tensor must begin where the one before it ends, and take the bytes of its shape. Returns where the last one ends. */
function checkCoverage(scanner: Scanner, entries: readonly Entry[], dataBytes: number): number {
  let covered = 0
  for (const { name, dtype, shape, begin, end, position } of entries) {
    const what = `tensor ${quote(name)}`
    if (begin !== covered) {
      const fault = begin > covered ? 'leaves a hole' : 'overlaps another'
      scanner.fail(`${what} ${fault}: it begins at ${begin} of the data, not at ${covered}`, position)
    }
    if (end < begin) scanner.fail(`${what} ends at ${end} of the data, before it begins at ${begin}`, position)
    if (end > dataBytes)
      scanner.fail(`${what} ends at ${end} of the data, but only ${dataBytes} bytes are there`, position)
    const claimed = tensorBytes(dtype, shape)
    if (claimed !== end - begin && claimed !== 'unknown') {
      scanner.fail(
        `${what} of shape ${shapeText(shape)} and dtype ${dtype} takes ${claimed} bytes, not ${end - begin}`,
        position,
      )
    }
    covered = end
  }
  return covered
}
