import { defineConfig } from 'vitest/config'
import { wasmBinaries } from './scripts/wasm-plugin.js'

// Node 20 hides relaxed SIMD behind a flag that later versions no longer know.
const nodeMajor = Number(process.versions.node.split('.')[0])

/** Run by `npm run test:slow`: what takes tens of seconds whatever its sizes, and what four minutes have no room for. */
const SLOW = ['test/**/*.slow.test.ts']
/** What reloads modules, replaces globals or weighs the process. A third of a minute for all others is spared by not starting anew for each. */
const ALONE = [
  'test/{errors,error-classes,solvers,structure,package}.test.ts',
  'test/align/{copies,turns,work-once}.test.ts',
  'test/linalg/garbage.test.ts',
  'test/io/utf8.test.ts',
  'test/runtime/*.test.ts',
]

export default defineConfig({
  plugins: [wasmBinaries()],
  test: {
    pool: 'forks',
    // One fork a core: the default leaves a core free, and so runs one test file at a time on a machine of two.
    maxWorkers: '100%',
    execArgv: nodeMajor < 22 ? ['--experimental-wasm-relaxed-simd'] : [],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, ...SLOW, '**/node_modules/**'],
          isolate: false,
          setupFiles: ['test/support/fresh-engine.ts'],
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'slow', include: SLOW } },
    ],
  },
})
