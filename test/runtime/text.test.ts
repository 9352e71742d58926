import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { functionPieces, wasmText } from '../../scripts/wasm-text.js'
import { shortNames, withShortNames } from '../../scripts/kernel-names.js'
import { decode } from '../../src/runtime/compilation.js'

const build = (name: string) => new Uint8Array(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url)))

/** Functions without their sizes, which may be written longer than they need be. */
const bodies = (bytes: Uint8Array) => functionPieces(bytes).map((piece) => piece.replace(/^([89a-f].)*../, ''))

/** All before the code. */
const head = (bytes: Uint8Array, length: number) => Buffer.from(bytes.subarray(0, length)).toString('hex')

test.each([
  ['all precisions', { f64: ['simd', 'relaxed'], f32: ['simd-f32', 'relaxed-f32'] }],
  ['serving', { f64: ['simd-serve', 'relaxed-serve'] }],
] as const)('builds come back from their text: %s', (_, names) => {
  const pair = ([simd, relaxed]: readonly [string, string]) => [build(simd), build(relaxed)] as const
  const builds = { f64: pair(names.f64), ...('f32' in names && { f32: pair(names.f32) }) }
  const text = wasmText(builds)
  expect(text).not.toMatch(/['"`\\$<\s]/)
  for (const [precision, ofPrecision] of Object.entries(builds)) {
    for (const [i, name] of (['simd', 'relaxed'] as const).entries()) {
      const [bytes, original] = [decode(name, text, precision === 'f32'), ofPrecision[i]]
      expect(bodies(bytes)).toEqual(bodies(original))
      const before = original.length - functionPieces(original).join('').length / 2 - 8
      expect(head(bytes, before)).toBe(head(original, before))
      expect(WebAssembly.validate(bytes)).toBe(WebAssembly.validate(original))
    }
  }
})

test('short names are one for each, and name the same functions', () => {
  const names = shortNames()
  expect(new Set(Object.values(names)).size).toBe(Object.keys(names).length)
  for (const name of ['simd', 'simd-f32', 'simd-serve']) {
    const [short, long] = [withShortNames(build(name)), build(name)].map((bytes) => new WebAssembly.Module(bytes))
    const renamed = WebAssembly.Module.exports(long).map((entry) => ({
      ...entry,
      name: names[entry.name] ?? entry.name,
    }))
    expect(WebAssembly.Module.exports(short)).toEqual(renamed)
  }
})
