import { readFileSync } from 'node:fs'
import { wasmText } from './wasm-text.js'

const ID = 'virtual:collimate-binaries'
const SERVE_ID = 'virtual:collimate-serve-binaries'
const root = new URL('../', import.meta.url)

/** The published name of each build: of float64 kernels, of float32 kernels, and of those for serving. */
export const rawFiles = {
  simd: 'collimate.wasm',
  relaxed: 'collimate-relaxed.wasm',
  'simd-f32': 'collimate-f32.wasm',
  'relaxed-f32': 'collimate-f32-relaxed.wasm',
  'simd-serve': 'collimate-serve.wasm',
  'relaxed-serve': 'collimate-serve-relaxed.wasm',
}

const texts = new Map()

/** {@link wasmText}, made once for the same builds: it takes two seconds, and every output and project of tests asks for it. */
function textOf(builds) {
  const key = Buffer.concat(Object.values(builds).flat()).toString('latin1')
  const text = texts.get(key) ?? wasmText(builds)
  texts.set(key, text)
  return text
}

const virtual = (id) => (id === ID || id === SERVE_ID ? `\0${id}` : null)

/**
 * Rollup and Vite plugin: the modules `virtual:collimate-binaries` and `virtual:collimate-serve-binaries` hold all builds of theirs as text,
 * at the end of the file; unused, a bundler drops it.
 *
 * @param {(bytes: Buffer) => Buffer} [published] - what is made of each build
 */
export function wasmBinaries(published = (bytes) => bytes) {
  const build = (name) => published(readFileSync(new URL(`build/${name}.wasm`, root)))
  return {
    name: 'collimate-binaries',
    resolveId: virtual,
    load(id) {
      if (id === `\0${SERVE_ID}`) {
        const text = textOf({ f64: [build('simd-serve'), build('relaxed-serve')] })
        return `export const text = '${text}'\nexport const compiled = {}\n`
      }
      if (id !== `\0${ID}`) return null
      const text = textOf({
        f64: [build('simd'), build('relaxed')],
        f32: [build('simd-f32'), build('relaxed-f32')],
      })
      return `export const text = '${text}'\nexport const compiled = { f64: {}, f32: {} }\n`
    },
    // What compresses looks back 32 KiB at most: in between, the text would part the code before it from the code behind.
    renderChunk: (code) => code.replace(/^(const text\S* = '[^']*';\n)([^]*)/m, '$2\n$1'),
  }
}

/**
 * Rollup plugin: the modules `virtual:collimate-binaries` and `virtual:collimate-serve-binaries` import one build of each of theirs as a
 * `WebAssembly.Module` from the files beside the output folder, and do without the others.
 *
 * They are asked for as `x.wasm?module`, which wrangler, Vite's Cloudflare plugin, Next.js and Nitro all take for a compiled module; to Nitro
 * `x.wasm` alone is what the module exports.
 *
 * @param {'simd' | 'relaxed'} binary
 */
export function wasmModule(binary) {
  const [f64, f32, serve] = ['', '-f32', '-serve'].map((kind) => `../${rawFiles[binary + kind]}?module`)
  return {
    name: 'collimate-binary-module',
    resolveId: (id) => virtual(id) ?? ([f64, f32, serve].includes(id) ? { id, external: true } : null),
    load(id) {
      if (id === `\0${SERVE_ID}`) {
        return `import serve from '${serve}'\nexport const text = null\nexport const compiled = { ${binary}: serve }\n`
      }
      if (id !== `\0${ID}`) return null
      return (
        `import f64 from '${f64}'\nimport f32 from '${f32}'\nexport const text = null\n` +
        `export const compiled = { f64: { ${binary}: f64 }, f32: { ${binary}: f32 } }\n`
      )
    },
  }
}
