import { readFileSync } from 'node:fs'

const ID = 'virtual:collimate-binaries'
const root = new URL('../', import.meta.url)

/**
 * Rollup and Vite plugin: the module `virtual:collimate-binaries` holds both compiled binaries as base64 text.
 * Text needs no asset pipeline, so it survives every bundler; unused, a bundler drops it.
 */
export function wasmBinaries() {
  return {
    name: 'collimate-binaries',
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null
      const base64 = (name) => JSON.stringify(readFileSync(new URL(`build/${name}.wasm`, root)).toString('base64'))
      return `export const simd = ${base64('simd')}\nexport const relaxed = ${base64('relaxed')}\n`
    },
  }
}
