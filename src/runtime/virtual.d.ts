/** The builds as scripts/wasm-plugin.js carries them in. */
declare module 'virtual:collimate-binaries' {
  /** All builds in the form of scripts/wasm-text.js; or null, where only the bundler may compile. */
  export const text: string | null
  interface Compiled {
    readonly simd?: WebAssembly.Module
    readonly relaxed?: WebAssembly.Module
  }
  /** What the bundler compiled: there it is one build, where it must not it is none. */
  export const compiled: { readonly f64: Compiled; readonly f32: Compiled }
}
