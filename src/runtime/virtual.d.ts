/** The compiled binaries as base64, put there by scripts/wasm-plugin.js. */
declare module 'virtual:collimate-binaries' {
  export const simd: string
  export const relaxed: string
}
