import { copyFileSync, mkdirSync } from 'node:fs'
import commonjs from '@rollup/plugin-commonjs'
import resolve from '@rollup/plugin-node-resolve'
import { dts } from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'
import license from 'rollup-plugin-license'
import { thirdPartyLicences } from './scripts/third-party-licences.js'
import { wasmBinaries } from './scripts/wasm-plugin.js'

const library = {
  index: 'src/index.ts',
  synthetic: 'src/synthetic/index.ts',
  io: 'src/io/index.ts',
  metrics: 'src/metrics/index.ts',
}

const thirdParty = () =>
  license({
    thirdParty: { output: { file: 'dist/THIRD-PARTY-LICENSES.txt', encoding: 'utf-8', template: thirdPartyLicences } },
  })

const rawBinaries = () => ({
  name: 'raw-binaries',
  writeBundle() {
    mkdirSync('dist', { recursive: true })
    copyFileSync('build/simd.wasm', 'dist/collimate.wasm')
    copyFileSync('build/relaxed.wasm', 'dist/collimate-relaxed.wasm')
  },
})

const plugins = () => [wasmBinaries(), resolve(), commonjs(), esbuild({ target: 'es2022' })]

/** ESM and CommonJS side by side; shared code lands in chunks so that `instanceof` holds across entries. */
const outputs = (extensions) =>
  extensions.map(([format, ext]) => ({
    dir: 'dist',
    format,
    entryFileNames: `[name].${ext}`,
    chunkFileNames: `chunks/[name]-[hash].${ext}`,
    exports: 'named',
  }))

export default [
  {
    input: { ...library, cli: 'src/cli/main.ts' },
    output: outputs([['es', 'js']]),
    external: /^node:/,
    plugins: [...plugins(), thirdParty(), rawBinaries()],
  },
  { input: library, output: outputs([['cjs', 'cjs']]), plugins: plugins() },
  {
    input: library,
    output: outputs([
      ['es', 'd.ts'],
      ['es', 'd.cts'],
    ]),
    plugins: [dts()],
  },
]
