import { readFileSync } from 'node:fs'
import { wasmText } from './wasm-text.js'

const ID = 'virtual:collimate-binaries'
const root = new URL('../', import.meta.url)

/** The published name of each build. */
export const rawFiles = { simd: 'collimate.wasm', relaxed: 'collimate-relaxed.wasm' }

/** Rollup and Vite plugin: the module `virtual:collimate-binaries` holds both builds as text; unused, a bundler drops it. */
export function wasmBinaries() {
  return {
    name: 'collimate-binaries',
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null
      const [simd, relaxed] = ['simd', 'relaxed'].map((name) => readFileSync(new URL(`build/${name}.wasm`, root)))
      return `export const text = ${JSON.stringify(wasmText(simd, relaxed))}\nexport const compiled = {}\n`
    },
  }
}

/**
 * Rollup plugin: the module `virtual:collimate-binaries` imports one build as a `WebAssembly.Module` from the file beside
 * the output folder, and does without the other.
 *
 * @param {'simd' | 'relaxed'} binary
 * @param {string} suffix - what the platform's bundler wants after the file's name
 */
export function wasmModule(binary, suffix) {
  const file = `../${rawFiles[binary]}${suffix}`
  return {
    name: 'collimate-binary-module',
    resolveId: (id) => (id === ID ? `\0${ID}` : id === file ? { id, external: true } : null),
    load: (id) =>
      id === `\0${ID}`
        ? `import ${binary} from '${file}'\nexport const text = null\nexport const compiled = { ${binary} }\n`
        : null,
  }
}
