export function functionPieces(bytes: Uint8Array): string[]
export function wasmText(builds: {
  readonly f64: readonly [simd: Uint8Array, relaxed: Uint8Array]
  readonly f32?: readonly [simd: Uint8Array, relaxed: Uint8Array]
}): string
