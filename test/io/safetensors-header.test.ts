import { describe, expect, it } from 'vitest'
import { FileFormatError, readSafetensors } from '../../src/io/index.js'

const HEADER_START = 8

function file(header: string | Uint8Array, dataBytes: number, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(HEADER_START + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  bytes.set(text, HEADER_START)
  return bytes
}

function failure(bytes: Uint8Array): FileFormatError {
  try {
    readSafetensors(bytes)
  } catch (error) {
    if (error instanceof FileFormatError) return error
    throw error
  }
  throw new Error('the file was read')
}

const F32 = (shape: string, offsets: string): string => `{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`
const VALID = `{"t":${F32('[2,2]', '[0,16]')}}`

describe('the header of a safetensors file', () => {
  it.each([
    VALID,
    `{ "t" : { "data_offsets" : [ 0 , 16 ] , "shape" : [ 2 , 2 ] , "dtype" : "F32" } } \n\t\r `,
    ` \n${VALID}`,
    `{"\\u0074":${F32('[2,2]', '[0,16]')}}`,
    `{"t":${F32('[2,2]', '[0,16]').replace('{', '{"future":[{"a":[1,-2.5e-3,null,true,"x"]},{}],')}}`,
    `{"__metadata__":{},"t":${F32('[2,2]', '[0,16]')}}`,
  ])('is read in any order and spacing, members of later versions ignored: %j', (text) => {
    const { tensors } = readSafetensors(file(text, 16))
    expect([...tensors]).toStrictEqual([['t', { shape: [2, 2], data: new Float32Array(4), dtype: 'F32' }]])
  })

  it('may list tensors in another order than their data', () => {
    const bytes = file(`{"b":${F32('[1]', '[4,8]')},"a":${F32('[0]', '[4,4]')},"c":${F32('[1]', '[0,4]')}}`, 8)
    bytes[bytes.length - 1] = 0x40
    const { tensors } = readSafetensors(bytes)
    expect([...tensors.keys()]).toEqual(['c', 'a', 'b'])
    expect(tensors.get('b')?.data).toEqual(Float32Array.of(2))
  })

  it.each([
    ['', 'expected the header, an object, got the end of the header'],
    ['{', 'expected a name, a string, got the end of the header'],
    ['[]', 'expected the header, an object, got "["'],
    ['"t"', 'expected the header, an object'],
    ['{} {}', 'nothing but white space after the header, got "{"'],
    ['{}\0', 'nothing but white space'],
    ['\ufeff{}', 'expected the header, an object'],
    ['{"t"}', `expected ':', got "}"`],
    [`{"t":${F32('[2,2]', '[0,16]')},}`, 'expected a name, a string, got "}"'],
    [`{"t":${F32('[2,2]', '[0,16]')}`, `expected '}', got the end`],
    [`{t:${F32('[2,2]', '[0,16]')}}`, 'expected a name, a string, got "t"'],
    [`{"t":${F32('[2,2]', '[0,16]')},"t":${F32('[2,2]', '[0,16]')}}`, 'the name "t" comes twice in the header'],
    [`{"t":${F32('[2,2]', '[0,16],"dtype":"F32"')}}`, 'the name "dtype" comes twice in tensor "t"'],
    [`{"__metadata__":{},"__metadata__":{},"t":${F32('[2,2]', '[0,16]')}}`, 'the name "__metadata__" comes twice'],
    ['{"__metadata__":{"a":"1","a":"2"}}', 'the name "a" comes twice in __metadata__'],
    ['{"__metadata__":{"a":1}}', 'expected __metadata__ "a", a string, got "1"'],
    ['{"__metadata__":{"a":{}}}', 'expected __metadata__ "a", a string, got "{"'],
    ['{"__metadata__":[]}', 'expected __metadata__, an object, got "["'],
    ['{"t":null}', 'expected tensor "t", an object, got "n"'],
    ['{"__proto__":{}}', 'tensor "__proto__" must have dtype, shape and data_offsets'],
    ['{"t":{"shape":[2,2],"data_offsets":[0,16]}}', 'must have dtype, shape and data_offsets'],
    ['{"t":{"dtype":"F32","data_offsets":[0,16]}}', 'must have dtype, shape and data_offsets'],
    ['{"t":{"dtype":"F32","shape":[2,2]}}', 'must have dtype, shape and data_offsets'],
    [VALID.replace('F32', 'F8_E4M3'), 'dtype "F8_E4M3" of tensor "t" is not supported; it must be one of BOOL, U8'],
    [VALID.replace('F32', 'f32'), 'dtype "f32" of tensor "t" is not supported'],
    [VALID.replace('F32', 'toString'), 'dtype "toString" of tensor "t" is not supported'],
    [VALID.replace('"F32"', '5'), 'expected the dtype of tensor "t", a string, got "5"'],
    [VALID.replace('[2,2]', '4'), 'expected the shape of tensor "t", an array, got "4"'],
    [VALID.replace('[2,2]', '[2,-2]'), 'the shape of tensor "t" must be an integer >= 0, got "-2"'],
    [VALID.replace('[2,2]', '[2,2.0]'), 'must be an integer >= 0, got "2.0"'],
    [VALID.replace('[2,2]', '[2,2e0]'), 'must be an integer >= 0, got "2e0"'],
    [VALID.replace('[2,2]', '[2,"2"]'), 'an integer >= 0, got "\\""'],
    [VALID.replace('[2,2]', '[2,02]'), 'must be an integer >= 0, got "02"'],
    [VALID.replace('[2,2]', '[2,2,]'), 'an integer >= 0, got "]"'],
    [VALID.replace('[2,2]', '[2 2]'), `expected ']', got "2"`],
    [VALID.replace('[0,16]', '[0]'), 'data_offsets of tensor "t" must be two integers, got 1'],
    [VALID.replace('[0,16]', '[0,16,16]'), 'data_offsets of tensor "t" must be two integers, got 3'],
    [VALID.replace('"t"', '"\\ud800"'), 'a name is not a valid JSON string'],
    [VALID.replace('"t"', '"\\x41"'), 'a name is not a valid JSON string'],
    [VALID.replace('"t"', '"\n"'), 'a name is not a valid JSON string'],
    [VALID.replace('"t"', '"t'), 'expected \':\', got "d"'],
    ['{"t', 'a string has no end'],
    [VALID.replace('"dtype"', '"q":,"dtype"'), 'tensor "t": "q" is not valid JSON'],
    [VALID.replace('"dtype"', '"q":+1,"dtype"'), 'tensor "t": "q" is not valid JSON'],
    [VALID.replace('"dtype"', `"q":${'['.repeat(200)}${']'.repeat(200)},"dtype"`), 'is nested deeper than 128'],
  ])('is rejected when broken: %j', (text, message) => {
    expect(failure(file(text, 16)).message).toContain(message)
  })

  it('names the byte of the fault, also after names of more than one byte a letter', () => {
    const text = VALID.replace('"t"', '"größe😀"').replace('"F32"', '"F31"')
    const expected = HEADER_START + Buffer.from(text).indexOf('"F31"')
    expect(failure(file(text, 16)).byteOffset).toBe(expected)
  })

  it('must be UTF-8', () => {
    expect(failure(file(Uint8Array.of(0x7b, 0xff, 0x7d), 0)).message).toContain('the header is not valid UTF-8')
    expect(failure(file(Uint8Array.of(0x7b, 0xc3), 0)).message).toContain('the header is not valid UTF-8')
  })
})

describe('a lying header', () => {
  it.each([
    [
      'a tensor that begins after a hole',
      `{"t":${F32('[2]', '[8,16]')}}`,
      16,
      'tensor "t" leaves a hole: it begins at 8 of the data, not at 0',
    ],
    [
      'tensors with a hole between',
      `{"a":${F32('[1]', '[0,4]')},"b":${F32('[1]', '[8,12]')}}`,
      12,
      'tensor "b" leaves a hole',
    ],
    [
      'tensors that overlap',
      `{"a":${F32('[2]', '[0,8]')},"b":${F32('[2]', '[4,12]')}}`,
      12,
      'tensor "b" overlaps another',
    ],
    ['tensors that share their data', `{"a":${F32('[2]', '[0,8]')},"b":${F32('[2]', '[0,8]')}}`, 8, 'overlaps another'],
    [
      'an end before the beginning',
      `{"a":${F32('[1]', '[0,4]')},"b":${F32('[0]', '[4,3]')}}`,
      4,
      'ends at 3 of the data, before it begins at 4',
    ],
    ['data beyond the file', VALID, 15, 'tensor "t" ends at 16 of the data, but only 15 bytes are there'],
    ['less data than the file has', VALID, 17, 'the last 1 bytes belong to no tensor'],
    ['no tensor for the data', '{}', 3, 'the last 3 bytes belong to no tensor'],
    [
      'a shape larger than its bytes',
      VALID.replace('[2,2]', '[2,3]'),
      16,
      'of shape [2, 3] and dtype F32 takes 24 bytes, not 16',
    ],
    [
      'a shape smaller than its bytes',
      VALID.replace('[2,2]', '[]'),
      16,
      'of shape [] and dtype F32 takes 4 bytes, not 16',
    ],
    ['a product beyond 2^53', VALID.replace('[2,2]', '[94906267,94906267]'), 16, 'takes more than 2^53 bytes'],
    ['a product beyond float64', VALID.replace('[2,2]', `[${'9007199254740991,'.repeat(30)}4]`), 16, 'more than 2^53'],
    ['a length that wraps 2^64', VALID.replace('2,2', '2,18446744073709551614'), 16, 'beyond 2^53 - 1'],
    ['an offset beyond 2^53', VALID.replace('16', '9007199254740993'), 16, 'beyond 2^53 - 1'],
    ['terabytes', `{"t":${F32('[1000000,1000000]', '[0,4000000000000]')}}`, 16, 'but only 16 bytes are there'],
  ])('claims %s', (_, text, dataBytes, message) => {
    expect(failure(file(text, dataBytes)).message).toContain(message)
  })

  it('claims a header that is too large', () => {
    expect(failure(file(VALID, 16, 2n ** 64n - 1n)).message).toContain(
      'claims 18446744073709551615 bytes; at most 100000000',
    )
    expect(failure(file(VALID, 16, 100_000_001n)).message).toContain('at most 100000000 are allowed')
    expect(failure(file(VALID, 16, 100_000_000n)).message).toContain('but only 73 follow')
    expect(failure(file(VALID, 16, 74n)).message).toBe('the header claims 74 bytes, but only 73 follow (at byte 0)')
  })

  it('holds a boolean that is neither 0 nor 1', () => {
    const bytes = file('{"t":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}', 3)
    bytes[bytes.length - 1] = 2
    expect(failure(bytes).byteOffset).toBe(bytes.length - 1)
  })

  it('fails at every length but the whole', () => {
    const bytes = file(VALID, 16)
    for (let length = 0; length < bytes.length; length++) failure(bytes.subarray(0, length))
  })
})
