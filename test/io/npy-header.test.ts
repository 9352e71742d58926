import { describe, expect, it } from 'vitest'
import { CollimateError } from '../../src/errors.js'
import { FileFormatError, readNpy } from '../../src/io/index.js'
import { fileBytes, NUMPY_FILES, UNSUPPORTED_NUMPY_FILES } from './numpy-files.js'

const TEXT_START = 10

/** A version 1.0 file with the given header text and `dataBytes` zeros after it. */
function file(text: string, dataBytes: number): Uint8Array {
  const header = new TextEncoder().encode(text)
  const bytes = new Uint8Array(TEXT_START + header.length + dataBytes)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length % 256, header.length >> 8])
  bytes.set(header, TEXT_START)
  return bytes
}

function fileOfShape(shape: string, dataBytes: number, descr = "'<f8'"): Uint8Array {
  return file(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`, dataBytes)
}

function failure(bytes: Uint8Array): FileFormatError {
  try {
    readNpy(bytes)
  } catch (error) {
    if (error instanceof FileFormatError) return error
    throw error
  }
  throw new Error('the file was read')
}

describe('the dict of a .npy file', () => {
  it.each([
    `{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }`,
    `{'shape': (1, 2), 'fortran_order': False, 'descr': '<f8'}`,
    `{"descr":"<f8","fortran_order":False,"shape":(1,2)}`,
    ` { 'shape' :\t( 1 , 2 , ) ,\n'descr':'<f8','fortran_order' : False } \n\n`,
    `{'descr': '<f8', 'fortran_order': False, 'shape': (1L, 2L)}`,
    `{'descr': '=f8', 'fortran_order': False, 'shape': (1, 2)}`,
    `{'descr': 'f8', 'fortran_order': False, 'shape': (1, 2)}`,
  ])('is read in any order and spacing: %j', (text) => {
    expect(readNpy(file(text, 16))).toStrictEqual({ shape: [1, 2], data: new Float64Array(2), dtype: 'f8' })
  })

  it.each([
    ['', "expected '{', got the end of the header"],
    ['[]', `expected '{', got "["`],
    ['{', 'expected a string, got the end of the header'],
    ['{}', "the header must have 'descr', 'fortran_order' and 'shape'; it has none"],
    [`{'descr': '<f8', 'shape': (2,)}`, 'it has descr, shape'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}`, `the key "x" is none of`],
    [`{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}`, `the key "descr" comes twice`],
    [`{'__proto__': 1, 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}`, `the key "__proto__" is none of`],
    [`{'toString': 1}`, `the key "toString" is none of`],
    [`{'descr': '<f8' 'fortran_order': False, 'shape': (2,)}`, `expected ',' or '}'`],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x`, 'nothing but white space after the dict, got "x"'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}\0`, 'nothing but white space'],
    [`{'descr': '<f8, 'fortran_order': False, 'shape': (2,)}`, `dtype "<f8, " is not supported`],
    [`{'descr': '<f8`, 'a string has no end'],
    [`{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}`, `'fortran_order' must be True or False, got "0"`],
    [`{'descr': '<f8', 'fortran_order': (), 'shape': (2,)}`, `'fortran_order' must be True or False, got "("`],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': 2}`, `expected '(', got "2"`],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': [2]}`, `expected '(', got "["`],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (2)}`, "'shape' must be a tuple: (2,), not (2)"],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (1 2)}`, `expected ',' or ')', got "2"`],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (,)}`, 'an integer >= 0, got ","'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (2,,)}`, 'an integer >= 0, got ","'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}`, 'must be an integer >= 0, got "-2"'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (2.0,)}`, 'must be an integer >= 0, got "2.0"'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (2e0,)}`, 'must be an integer >= 0, got "2e0"'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (0x2,)}`, 'must be an integer >= 0, got "0x2"'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (02,)}`, 'must be an integer >= 0, got "02"'],
    [`{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}`, 'must be an integer >= 0, got "True"'],
    [`{'descr': 5, 'fortran_order': False, 'shape': (2,)}`, 'expected a string, got "5"'],
    [`{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}`, 'dtype "<f3" is not supported'],
    [`{'descr': '<constructor', 'fortran_order': False, 'shape': (2,)}`, 'is not supported'],
    [`{'descr': '<<f8', 'fortran_order': False, 'shape': (2,)}`, 'dtype "<<f8" is not supported'],
    [`{'descr': '', 'fortran_order': False, 'shape': (2,)}`, 'dtype "" is not supported'],
  ])('is rejected when broken: %j', (text, message) => {
    expect(failure(file(text, 16)).message).toContain(message)
  })

  it('names the byte of the fault', () => {
    const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}`
    const error = failure(file(text, 16))
    expect(error.byteOffset).toBe(TEXT_START + text.indexOf('-2'))
    expect(error.message).toContain(`(at byte ${error.byteOffset})`)
    expect(error.name).toBe('FileFormatError')
    expect(error).toBeInstanceOf(CollimateError)
  })

  it('shows no control characters of the file, and no more than a glimpse', () => {
    const { message } = failure(fileOfShape('(2,)', 16, `'\u009b31m\u0007${'x'.repeat(500)}'`))
    expect(message).not.toMatch(/\p{C}/u)
    expect(message.length).toBeLessThan(200)
  })
})

describe('a lying header', () => {
  it.each([
    ['more elements than there are', fileOfShape('(3,)', 16), 'takes 24 bytes, but 16 follow'],
    ['fewer elements than there are', fileOfShape('(1,)', 16), 'takes 8 bytes, but 16 follow'],
    ['one byte too few', fileOfShape('(2,)', 15), 'takes 16 bytes, but 15 follow'],
    ['one byte too many', fileOfShape('(2,)', 17), 'takes 16 bytes, but 17 follow'],
    ['a scalar without data', fileOfShape('()', 0), 'takes 8 bytes, but 0 follow'],
    ['8 TB', fileOfShape('(1000000, 1000000)', 16), 'takes 8000000000000 bytes'],
    ['bytes beyond 2^53', fileOfShape('(2251799813685248,)', 16), 'more than 2^53 bytes'],
    ['a product beyond 2^53', fileOfShape('(94906267, 94906267)', 16), 'more than 2^53 bytes'],
    ['a product beyond float64', fileOfShape(`(${'9007199254740991, '.repeat(30)})`, 16), 'more than 2^53 bytes'],
    ['an overflow behind a zero', fileOfShape('(9007199254740991, 9007199254740991, 0)', 0), 'more than 2^53 bytes'],
    ['a length beyond 2^53', fileOfShape('(9007199254740993,)', 16), 'beyond 2^53 - 1: "9007199254740993"'],
    ['a product that wraps 2^64 to 2', fileOfShape('(9223372036854775809, 2)', 16), 'beyond 2^53 - 1'],
  ])('claims %s', (_, bytes, message) => {
    expect(failure(bytes).message).toContain(message)
  })

  it('claims a header beyond the file', () => {
    const bytes = fileBytes(NUMPY_FILES.f8)
    bytes.set([0xff, 0xff], 8)
    expect(failure(bytes).message).toBe('the header claims 65535 bytes, but only 166 follow (at byte 8)')
    const version2 = fileBytes(NUMPY_FILES.version2)
    version2.set([0xff, 0xff, 0xff, 0xff], 8)
    expect(failure(version2).message).toContain('the header claims 4294967295 bytes')
  })

  it('holds a boolean that is neither 0 nor 1', () => {
    const bytes = fileBytes(NUMPY_FILES.b1)
    bytes[bytes.length - 2] = 7
    expect(failure(bytes).byteOffset).toBe(bytes.length - 2)
  })
})

describe('a file that is no .npy file, or a part of one', () => {
  it('fails at every length but the whole', () => {
    for (const base64 of [NUMPY_FILES.f8, NUMPY_FILES.version2, NUMPY_FILES.fortran3d]) {
      const bytes = fileBytes(base64)
      for (let length = 0; length < bytes.length; length++) failure(bytes.subarray(0, length))
    }
  })

  it('says what it got', () => {
    expect(failure(new Uint8Array(0)).message).toContain('expected a .npy file, got an empty one')
    expect(failure(new TextEncoder().encode('a,b\n1,2\n')).message).toContain('begins with 61 2c 62 0a 31 2c')
    expect(failure(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0)).message).toContain('.npz')
  })

  it.each([
    [0, 0],
    [1, 1],
    [4, 0],
    [255, 255],
  ])('fails for version %i.%i', (major, minor) => {
    const bytes = fileBytes(NUMPY_FILES.f8)
    bytes.set([major, minor], 6)
    expect(failure(bytes).message).toContain(`version ${major}.${minor} is none of 1.0, 2.0, 3.0`)
  })
})

describe('a dtype that is not supported', () => {
  it.each([
    ['object', 'arrays of Python objects are not supported'],
    ['structured', 'structured arrays are not supported'],
    ['structuredVersion3', 'structured arrays are not supported'],
    ['unicode', 'dtype "<U2" is not supported; it must be one of f8, f4'],
    ['complex', 'dtype "<c16" is not supported'],
    ['datetime', 'dtype "<M8[D]" is not supported'],
  ] as const)('is named: %s', (name, message) => {
    expect(failure(fileBytes(UNSUPPORTED_NUMPY_FILES[name])).message).toContain(message)
  })
})
