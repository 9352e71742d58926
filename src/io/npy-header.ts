import { FileFormatError } from '../errors.js'
import { elementSizeBytes, type ElementType } from './elements.js'
import { quote, Scanner } from './scanner.js'
import { decodeUtf8, encodeUtf8 } from './utf8.js'

/** How the elements of a .npy file are stored: NumPy's kind and size in bytes. */
export type NpyDtype = 'f8' | 'f4' | 'f2' | 'i8' | 'u8' | 'i4' | 'u4' | 'i2' | 'u2' | 'i1' | 'u1' | 'b1'

export interface NpyHeader {
  readonly dtype: NpyDtype
  readonly bigEndian: boolean
  readonly fortranOrder: boolean
  readonly shape: number[]
  /** Where the elements begin, in bytes from the start of the file. */
  readonly dataStart: number
}

/** The element type behind each name that NumPy has for one. */
export const NPY_DTYPES: Readonly<Record<NpyDtype, ElementType>> = {
  f8: 'f64',
  f4: 'f32',
  f2: 'f16',
  i8: 'i64',
  u8: 'u64',
  i4: 'i32',
  u4: 'u32',
  i2: 'i16',
  u2: 'u16',
  i1: 'i8',
  u1: 'u8',
  b1: 'bool',
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04]
/** After the magic and the version. A literal: bundles keep what is computed. */
const LENGTH_START = 8
const SPACE = 0x20
const LINE_FEED = 0x0a
const QUESTION_MARK = 0x3f
const ALIGNMENT_BYTES = 64
// NumPy leaves room for this many digits of the first length, so that a file can grow in place.
const GROWTH_DIGITS = 21
const MAX_LENGTH_V1 = 0xffff

/**
 * Reads the header of a .npy file, versions 1.0, 2.0 and 3.0: magic, version, length of the text, and the text, a Python
 * dict (numpy/lib/_format_impl.py).
 *
 * @throws FileFormatError if it is no such header
 */
export function readNpyHeader(file: Uint8Array): NpyHeader {
  checkMagic(file)
  const lengthBytes = lengthFieldBytes(file)
  const textStart = LENGTH_START + lengthBytes
  if (file.length < textStart) throw new FileFormatError(`the file ends inside its header`, file.length)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const length = lengthBytes === 2 ? view.getUint16(LENGTH_START, true) : view.getUint32(LENGTH_START, true)
  if (length > file.length - textStart) {
    const claim = `the header claims ${length} bytes, but only ${file.length - textStart} follow`
    throw new FileFormatError(claim, LENGTH_START)
  }
  const dataStart = textStart + length
  // Every header that is read is ASCII, so decoding Latin-1 (versions 1 and 2) as UTF-8 (version 3) changes errors only.
  const bytes = file.subarray(textStart, dataStart)
  // What is not even that is shown as question marks in the error to come.
  const text = decodeUtf8(bytes) ?? decodeUtf8(bytes.map((byte) => (byte < 128 ? byte : QUESTION_MARK))) ?? ''
  return { ...readDict(new Scanner(text, textStart)), dataStart }
}

function checkMagic(file: Uint8Array): void {
  if (MAGIC.every((byte, i) => file[i] === byte)) return
  const isZip = ZIP_MAGIC.every((byte, i) => file[i] === byte)
  const start = Array.from(file.subarray(0, MAGIC.length), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const found = isZip
    ? 'a zip archive (a .npz holds .npy files: extract one first)'
    : `a file that begins with ${start}`
  throw new FileFormatError(`expected a .npy file, got ${file.length === 0 ? 'an empty one' : found}`, 0)
}

function lengthFieldBytes(file: Uint8Array): 2 | 4 {
  const [major, minor] = file.subarray(MAGIC.length)
  if (minor === 0 && major === 1) return 2
  if (minor === 0 && (major === 2 || major === 3)) return 4
  if (file.length < LENGTH_START) throw new FileFormatError('the file ends inside its header', file.length)
  throw new FileFormatError(`.npy version ${major}.${minor} is none of 1.0, 2.0, 3.0`, MAGIC.length)
}

type Dict = Omit<NpyHeader, 'dataStart'>

/** { 'descr': string, 'fortran_order': bool, 'shape': tuple }, in any order. */
function readDict(scanner: Scanner): Dict {
  const entries: Partial<{ descr: ReturnType<typeof readDescr>; fortran_order: boolean; shape: number[] }> = {}
  scanner.expect('{')
  while (!scanner.accept('}')) {
    const position = scanner.position()
    const key = readString(scanner)
    if (Object.hasOwn(entries, key)) scanner.fail(`the key ${quote(key)} comes twice`, position)
    scanner.expect(':')
    if (key === 'descr') entries.descr = readDescr(scanner)
    else if (key === 'fortran_order') entries.fortran_order = readBoolean(scanner)
    else if (key === 'shape') entries.shape = readShape(scanner)
    else scanner.fail(`the key ${quote(key)} is none of 'descr', 'fortran_order', 'shape'`, position)
    if (!scanner.accept(',') && scanner.peek() !== '}') scanner.failExpecting(`',' or '}'`)
  }
  if (!scanner.atEnd()) scanner.failExpecting('nothing but white space after the dict')
  const { descr, fortran_order: fortranOrder, shape } = entries
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    return scanner.fail(
      `the header must have 'descr', 'fortran_order' and 'shape'; it has ${Object.keys(entries).join(', ') || 'none'}`,
    )
  }
  return { ...descr, fortranOrder, shape }
}

function readString(scanner: Scanner): string {
  if (!['"', "'"].includes(scanner.peek())) scanner.failExpecting('a string')
  return scanner.stringLiteral().slice(1, -1)
}

function readBoolean(scanner: Scanner): boolean {
  const position = scanner.position()
  const word = scanner.word()
  if (word === 'True' || word === 'False') return word === 'True'
  return scanner.fail(`'fortran_order' must be True or False, got ${quote(word || scanner.peek())}`, position)
}

/** `()`, `(3,)`, `(3, 4)`; a length that Python 2 wrote may end with L. */
function readShape(scanner: Scanner): number[] {
  const position = scanner.position()
  const shape: number[] = []
  scanner.expect('(')
  let comma = true
  while (!scanner.accept(')')) {
    if (!comma) scanner.failExpecting(`',' or ')'`)
    shape.push(scanner.unsigned('a length in the shape', 'L'))
    comma = scanner.accept(',')
  }
  if (shape.length === 1 && !comma) scanner.fail(`'shape' must be a tuple: (${shape[0]},), not (${shape[0]})`, position)
  return shape
}

function readDescr(scanner: Scanner): { dtype: NpyDtype; bigEndian: boolean } {
  const position = scanner.position()
  if (scanner.peek() === '[') scanner.fail('structured arrays are not supported; save array["field"]', position)
  const descr = readString(scanner)
  const order = /^[<>=|]/.exec(descr)?.[0] ?? ''
  const code = descr.slice(order.length)
  if (Object.hasOwn(NPY_DTYPES, code)) return { dtype: code as NpyDtype, bigEndian: order === '>' }
  if (code === 'O') scanner.fail('arrays of Python objects are not supported; save array.astype("f8")', position)
  const supported = Object.keys(NPY_DTYPES).join(', ')
  return scanner.fail(`dtype ${quote(descr)} is not supported; it must be one of ${supported}`, position)
}

/** The header of a little-endian array in C order, byte for byte as `numpy.save` writes it (1.24). */
export function npyHeaderBytes(dtype: NpyDtype, shape: readonly number[]): Uint8Array {
  return headerBytes(`${elementSizeBytes(NPY_DTYPES[dtype]) === 1 ? '|' : '<'}${dtype}`, shape)
}

/** The header of texts of up to `width` code points. */
export function npyTextHeader(width: number, shape: readonly number[]): Uint8Array {
  return headerBytes(`<U${width}`, shape)
}

function headerBytes(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const growth = shape.length > 0 ? ' '.repeat(GROWTH_DIGITS - String(shape[0]).length) : ''
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }${growth}`
  const version = LENGTH_START + 2 + dict.length + ALIGNMENT_BYTES > MAX_LENGTH_V1 ? 2 : 1
  return wrapDict(dict, version)
}

/** Magic, version, length and dict, filled up with spaces and a line feed to a multiple of 64 bytes. */
function wrapDict(dict: string, version: 1 | 2): Uint8Array {
  const textStart = LENGTH_START + (version === 1 ? 2 : 4)
  const unpadded = textStart + dict.length + 1
  const length = dict.length + 1 + ALIGNMENT_BYTES - (unpadded % ALIGNMENT_BYTES)
  const bytes = new Uint8Array(textStart + length).fill(SPACE)
  bytes.set([...MAGIC, version, 0])
  const view = new DataView(bytes.buffer)
  if (version === 1) view.setUint16(LENGTH_START, length, true)
  else view.setUint32(LENGTH_START, length, true)
  bytes.set(encodeUtf8(dict), textStart)
  bytes[bytes.length - 1] = LINE_FEED
  return bytes
}
