import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readNpy } from '../../src/io/npy.js'
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js'
import { decodeUtf8, encodeUtf8 } from '../../src/io/utf8.js'

const { TextDecoder, TextEncoder } = globalThis
const utf8 = (text: string) => new TextEncoder().encode(text)

function forAll<T>(values: fc.Arbitrary<T>, check: (value: T) => void) {
  fc.assert(
    fc.property(values, (value) => {
      check(value)
    }),
  )
}

afterEach(() => vi.unstubAllGlobals())

function withoutCoders() {
  vi.stubGlobal('TextDecoder', undefined)
  vi.stubGlobal('TextEncoder', undefined)
}

const coders: [string, () => void][] = [
  ['with', () => undefined],
  ['without', withoutCoders],
]

/** What the decoder of the platform makes of bytes; `undefined` if they are invalid. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

test.each(coders)(
  'text into bytes %s a TextEncoder: all lengths of characters, halves of surrogate pairs',
  (_, arrange) => {
    arrange()
    for (const text of [
      '',
      'a',
      '%',
      '%41',
      'é',
      '€',
      '😀',
      '\0',
      '\ufeff',
      '\ud800',
      'a\udc00b',
      '\ud83d\ud83d\ude00',
    ]) {
      expect(encodeUtf8(text), JSON.stringify(text)).toEqual(utf8(text))
    }
    forAll(fc.string({ unit: 'binary' }), (text) => {
      expect(encodeUtf8(text)).toEqual(utf8(text))
    })
  },
)

describe.each(coders)('bytes into text %s a TextDecoder', (_, arrange) => {
  test('of any text', () => {
    arrange()
    forAll(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeUtf8(utf8(text))).toBe(text)
    })
    expect(decodeUtf8(utf8('\ufeffa'))).toBe('\ufeffa')
  })

  test('of any bytes: overlong, cut off, surrogates, beyond U+10FFFF', () => {
    arrange()
    const bad = [[0x80], [0xc0, 0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff]]
    for (const bytes of bad) expect(decodeUtf8(Uint8Array.from(bytes)), bytes.join()).toBe(undefined)
    forAll(fc.uint8Array(), (bytes) => {
      expect(decodeUtf8(bytes)).toBe(decoded(bytes))
    })
  })
})

test('files are written and read where there are no coders, to the byte as elsewhere', () => {
  const file = {
    tensors: new Map([['Größe €', { shape: [2], data: Float64Array.of(1, 2) }]]),
    metadata: { name: '😀' },
  }
  const written = writeSafetensors(file)
  withoutCoders()
  expect(writeSafetensors(file)).toEqual(written)
  const { tensors: read, metadata } = readSafetensors(written)
  expect(Array.from(read.keys())).toEqual(['Größe €'])
  expect(metadata.name).toBe('😀')
})

test('a .npy header in Latin-1 is refused at its place, with what is wrong', () => {
  const header = "{'é': 1}"
  const bytes = Uint8Array.from(`\x93NUMPY\x01\0\x08\0${header}`, (character) => character.charCodeAt(0))
  expect(() => readNpy(bytes)).toThrow(/\?.*at byte 11/)
})
