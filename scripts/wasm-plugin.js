import { readFileSync } from 'node:fs'
import { wasmText } from './wasm-text.js'

const ID = 'virtual:collimate-binaries'
const root = new URL('../', import.meta.url)

/** The published name of each build: of float64 kernels, and of float32 kernels. */
export const rawFiles = {
  simd: 'collimate.wasm',
  relaxed: 'collimate-relaxed.wasm',
  'simd-f32': 'collimate-f32.wasm',
  'relaxed-f32': 'collimate-f32-relaxed.wasm',
}

/** Rollup and Vite plugin: the module `virtual:collimate-binaries` holds all builds as text; unused, a bundler drops it. */
export function wasmBinaries() {
  return {
    name: 'collimate-binaries',
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null
      const build = (name) => readFileSync(new URL(`build/${name}.wasm`, root))
      const text = wasmText({
        f64: [build('simd'), build('relaxed')],
        f32: [build('simd-f32'), build('relaxed-f32')],
      })
      return `export const text = '${text}'\nexport const compiled = { f64: {}, f32: {} }\n`
    },
  }
}

/**
 * Rollup plugin: the module `virtual:collimate-binaries` imports one build of each precision as a `WebAssembly.Module`
 * from the files beside the output folder, and does without the other.
 *
 * They are asked for as `x.wasm?module`, which wrangler, Vite's Cloudflare plugin, Next.js and Nitro all take for a compiled module; to Nitro
 * `x.wasm` alone is what the module exports.
 *
 * @param {'simd' | 'relaxed'} binary
 */
export function wasmModule(binary) {
  const [f64, f32] = [binary, `${binary}-f32`].map((name) => `../${rawFiles[name]}?module`)
  return {
    name: 'collimate-binary-module',
    resolveId: (id) => (id === ID ? `\0${ID}` : id === f64 || id === f32 ? { id, external: true } : null),
    load: (id) =>
      id === `\0${ID}`
        ? `import f64 from '${f64}'\nimport f32 from '${f32}'\nexport const text = null\n` +
          `export const compiled = { f64: { ${binary}: f64 }, f32: { ${binary}: f32 } }\n`
        : null,
  }
}
