/** The builds as scripts/wasm-plugin.js carries them in. */
declare module 'virtual:collimate-binaries' {
  /** All builds in the form of scripts/wasm-text.js; or null, where only the bundler may compile. */
  export const text: string | null
  /** What the bundler compiled: there it is one build, where it must not it is none. */
  export const compiled: Record<
    'f64' | 'f32',
    { readonly simd?: WebAssembly.Module; readonly relaxed?: WebAssembly.Module }
  >
}

/** The builds of collimate/serve, likewise. */
declare module 'virtual:collimate-serve-binaries' {
  export const text: string | null
  export const compiled: { readonly simd?: WebAssembly.Module; readonly relaxed?: WebAssembly.Module }
}
