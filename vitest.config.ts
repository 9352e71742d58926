import { defineConfig } from 'vitest/config'
import { wasmBinaries } from './scripts/wasm-plugin.js'

// Node 20 hides relaxed SIMD behind a flag that later versions no longer know.
const nodeMajor = Number(process.versions.node.split('.')[0])

export default defineConfig({
  plugins: [wasmBinaries()],
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // One fork a core: the default leaves a core free, and so runs one test file at a time on a machine of two.
    maxWorkers: '100%',
    execArgv: nodeMajor < 22 ? ['--experimental-wasm-relaxed-simd'] : [],
    testTimeout: 60_000,
  },
})
