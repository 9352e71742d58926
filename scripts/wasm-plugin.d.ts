import type { Plugin } from 'rollup'

/** Rollup and Vite plugin: serves the compiled binaries as text from `virtual:collimate-binaries`. */
export declare function wasmBinaries(published?: (bytes: Buffer) => Buffer): Plugin
