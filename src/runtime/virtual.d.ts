/** The compiled binaries as scripts/wasm-plugin.js carries them in. */
declare module 'virtual:collimate-binaries' {
  /** Hexadecimal text; or a module, where only the bundler may compile; or null, where the other build is all that is needed. */
  type Carried = string | WebAssembly.Module | null
  export const simd: Carried
  export const relaxed: Carried
}
