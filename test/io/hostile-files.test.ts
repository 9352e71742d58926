import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileFormatError, readNpy, readSafetensors, type TypedArray } from '../../src/io/index.js'
import { fileBytes, NUMPY_FILES, UNSUPPORTED_NUMPY_FILES } from './numpy-files.js'
import { SAFETENSORS_FILES } from './safetensors-files.js'

/** Widening a half doubles it, and the copies of the header and of the data come on top. */
const ALLOCATION_FACTOR = 8
const ALLOCATION_SLACK_BYTES = 4096

/** What `read` gives, or undefined if it rejects the file; anything but a FileFormatError, or much memory, fails. */
function attempt<T>(bytes: Uint8Array, read: (bytes: Uint8Array) => T): T | undefined {
  const before = process.memoryUsage().arrayBuffers
  try {
    return read(bytes)
  } catch (error) {
    if (error instanceof FileFormatError) return undefined
    throw error
  } finally {
    const allocated = process.memoryUsage().arrayBuffers - before
    expect(allocated).toBeLessThanOrEqual(ALLOCATION_FACTOR * bytes.length + ALLOCATION_SLACK_BYTES)
  }
}

function expectConsistent({ shape, data }: { shape: number[]; data: TypedArray }): void {
  expect(shape.every((length) => Number.isSafeInteger(length) && length >= 0)).toBe(true)
  expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
}

/** Bytes overwritten anywhere, or mostly in the header, where they matter. */
const flips = fc.array(fc.record({ at: fc.oneof(fc.nat(), fc.nat(80)), byte: fc.nat(255) }), { maxLength: 4 })

function flipped(file: Uint8Array, changes: readonly { at: number; byte: number }[]): Uint8Array {
  const bytes = file.slice()
  for (const { at, byte } of changes) bytes[at % bytes.length] = byte
  return bytes
}

/** The text with some of its tokens replaced, doubled or dropped. */
function edited(text: string, edits: readonly { at: number; token: string; keep: boolean }[]): string {
  const tokens = text.match(/"[^"]*"|'[^']*'|[A-Za-z0-9]+|\s+|./gs) ?? []
  for (const { at, token, keep } of edits) {
    const i = at % tokens.length
    tokens[i] = keep ? token + tokens[i] : token
  }
  return tokens.join('')
}

function edits(tokens: readonly string[]): fc.Arbitrary<{ at: number; token: string; keep: boolean }[]> {
  const edit = fc.record({ at: fc.nat(), token: fc.constantFrom(...tokens), keep: fc.boolean() })
  return fc.array(edit, { minLength: 1, maxLength: 3 })
}

const NUMBERS = ['0', '1', '2', '3', '6', '24', '-1', '1.5', '1e9', '100000000', '4294967296', '9007199254740993']
const NPY_TOKENS = [...NUMBERS, '(', ')', ',', '', "'", '{', '}', "'<f4'", "'>i8'", "'|b1'", "'<f2'", 'True', 'L', '\n']
const JSON_TOKENS = [
  ...NUMBERS,
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '',
  '"',
  '\\',
  '"F16"',
  '"U8"',
  '"shape"',
  'null',
  '"__metadata__"',
]

const NPY_FILES = [...Object.values(NUMPY_FILES), ...Object.values(UNSUPPORTED_NUMPY_FILES)].map(fileBytes)
const ST_FILES = Object.values(SAFETENSORS_FILES).map(fileBytes)

function withNpyHeader(text: string, dataBytes: number): Uint8Array {
  const header = new TextEncoder().encode(text)
  const bytes = new Uint8Array(10 + header.length + dataBytes)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length % 256, header.length >> 8])
  bytes.set(header, 10)
  return bytes
}

function withJsonHeader(text: string, data: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(text)
  const bytes = new Uint8Array(8 + header.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
  bytes.set(header, 8)
  bytes.set(data, 8 + header.length)
  return bytes
}

/** How many of the files were read: a fuzz test in which every file fails tests little. */
function expectBoth(read: number, total: number): void {
  expect(read).toBeGreaterThan(total / 100)
  expect(read).toBeLessThan(total)
}

describe('a damaged .npy file', () => {
  const RUNS = 3000

  it('is rejected or read consistently: bytes changed, cut off or appended', () => {
    let read = 0
    const lengths = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1.2, noNaN: true }))
    fc.assert(
      fc.property(fc.constantFrom(...NPY_FILES), flips, lengths, (file, changes, length) => {
        const bytes = new Uint8Array(Math.round(file.length * length))
        bytes.set(flipped(file, changes).subarray(0, bytes.length))
        const array = attempt(bytes, readNpy)
        if (array === undefined) return
        expectConsistent(array)
        read++
      }),
      { seed: 4, numRuns: RUNS },
    )
    expectBoth(read, RUNS)
  })

  it('is rejected or read consistently: tokens of the header changed', () => {
    let read = 0
    const headers = [
      `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`,
      `{'descr': '>i2', 'fortran_order': True, 'shape': (2, 1, 12)}`,
    ]
    fc.assert(
      fc.property(fc.constantFrom(...headers), edits(NPY_TOKENS), (header, changes) => {
        const array = attempt(withNpyHeader(edited(header, changes), 48), readNpy)
        if (array === undefined) return
        expectConsistent(array)
        read++
      }),
      { seed: 5, numRuns: RUNS },
    )
    expectBoth(read, RUNS)
  })
})

describe('a damaged safetensors file', () => {
  const RUNS = 3000

  it('is rejected or read consistently: bytes changed, cut off or appended', () => {
    let read = 0
    const lengths = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1.2, noNaN: true }))
    fc.assert(
      fc.property(fc.constantFrom(...ST_FILES), flips, lengths, (file, changes, length) => {
        const bytes = new Uint8Array(Math.round(file.length * length))
        bytes.set(flipped(file, changes).subarray(0, bytes.length))
        const contents = attempt(bytes, readSafetensors)
        if (contents === undefined) return
        contents.tensors.forEach(expectConsistent)
        read++
      }),
      { seed: 6, numRuns: RUNS },
    )
    expectBoth(read, RUNS)
  })

  it('is rejected or read consistently: tokens of the header changed', () => {
    let read = 0
    fc.assert(
      fc.property(fc.constantFrom(...ST_FILES), edits(JSON_TOKENS), (file, changes) => {
        const dataStart = 8 + new DataView(file.buffer).getUint32(0, true)
        const text = new TextDecoder().decode(file.subarray(8, dataStart))
        const bytes = withJsonHeader(edited(text, changes), file.subarray(dataStart))
        const contents = attempt(bytes, readSafetensors)
        if (contents === undefined) return
        contents.tensors.forEach(expectConsistent)
        read++
      }),
      { seed: 7, numRuns: RUNS },
    )
    expectBoth(read, RUNS)
  })
})
