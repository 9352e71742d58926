import { readFileSync } from 'node:fs'

const ID = 'virtual:collimate-binaries'
const root = new URL('../', import.meta.url)

/** The published name of each build. */
export const rawFiles = { simd: 'collimate.wasm', relaxed: 'collimate-relaxed.wasm' }

/**
 * Rollup and Vite plugin: the module `virtual:collimate-binaries` holds both compiled binaries as hexadecimal text.
 * Text needs no asset pipeline, so it survives every bundler; unused, a bundler drops it. Base64 would be shorter as it is, but
 * longer once compressed: six bits a character hide from gzip where bytes repeat (22.5 KB against 19 a binary).
 */
export function wasmBinaries() {
  return {
    name: 'collimate-binaries',
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null
      const text = (name) => JSON.stringify(readFileSync(new URL(`build/${name}.wasm`, root)).toString('hex'))
      return `export const simd = ${text('simd')}\nexport const relaxed = ${text('relaxed')}\n`
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
  const other = binary === 'simd' ? 'relaxed' : 'simd'
  return {
    name: 'collimate-binary-module',
    resolveId: (id) => (id === ID ? `\0${ID}` : id === file ? { id, external: true } : null),
    load: (id) =>
      id === `\0${ID}` ? `export { default as ${binary} } from '${file}'\nexport const ${other} = null\n` : null,
  }
}
