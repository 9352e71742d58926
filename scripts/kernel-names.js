import { readFileSync } from 'node:fs'
import { leb } from './wasm-text.js'

const root = new URL('../', import.meta.url)
const EXPORTS = 7
const FUNCTION = 0

/** A number as unsigned LEB128. */
function encodedLeb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...encodedLeb(value >>> 7)]
}

/** Where a section of a WebAssembly binary begins, where its content does, and where that ends. */
function section(bytes, wanted) {
  for (let at = 8; at < bytes.length;) {
    const [length, start] = leb(bytes, at + 1)
    if (bytes[at] === wanted) return { at, start, end: start + length }
    at = start + length
  }
  throw new Error(`there is no section ${wanted}`)
}

/** What a binary exports: name, kind and index of each. */
function exportsOf(bytes) {
  const { start } = section(bytes, EXPORTS)
  let [count, at] = leb(bytes, start)
  const entries = []
  for (; count > 0; count--) {
    const [length, from] = leb(bytes, at)
    const kind = bytes[from + length]
    const [index, end] = leb(bytes, from + length + 1)
    entries.push({ name: Buffer.from(bytes.subarray(from, from + length)).toString(), kind, index })
    at = end
  }
  return entries
}

/** a to z, A to Z, and two of them behind one another. */
function shortName(i) {
  const letter = (l) => String.fromCharCode(l < 26 ? 97 + l : 39 + l)
  return i < 52 ? letter(i) : letter(Math.floor(i / 52) - 1) + letter(i % 52)
}

/**
 * The names that kernels have in what is published, by those of the source: what calls them by property no bundler can shorten, and every build
 * carries its own. 'memory' stays.
 */
export function shortNames() {
  const names = ['simd-serve', 'simd'].flatMap((build) =>
    exportsOf(readFileSync(new URL(`build/${build}.wasm`, root))).flatMap(({ name, kind }) =>
      kind === FUNCTION ? [name] : [],
    ),
  )
  return Object.fromEntries(Array.from(new Set(names), (name, i) => [name, shortName(i)]))
}

/** A binary that exports its functions by their short names. */
export function withShortNames(bytes, names = shortNames()) {
  const { at, end } = section(bytes, EXPORTS)
  const entries = exportsOf(bytes)
  const content = entries.flatMap(({ name, kind, index }) => {
    const short = Buffer.from(kind === FUNCTION ? names[name] : name)
    return [...encodedLeb(short.length), ...short, kind, ...encodedLeb(index)]
  })
  const counted = [...encodedLeb(entries.length), ...content]
  return Buffer.concat([
    bytes.subarray(0, at),
    Uint8Array.from([EXPORTS, ...encodedLeb(counted.length), ...counted]),
    bytes.subarray(end),
  ])
}

/** Rollup plugin: what src/ calls as `kernels.name` goes by the short name. @throws if there is no such kernel */
export function shortKernelNames() {
  const names = shortNames()
  return {
    name: 'short-kernel-names',
    transform(code, id) {
      if (!id.includes('/src/')) return null
      const changed = code.replace(/\bkernels\.(?!js')(\w+)/g, (whole, name) => {
        if (!(name in names)) throw new Error(`${id}: no build exports ${name}`)
        return `kernels.${names[name]}`
      })
      return { code: changed, map: null }
    },
  }
}
