import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import commonjs from '@rollup/plugin-commonjs'
import resolve from '@rollup/plugin-node-resolve'
import { dts } from 'rollup-plugin-dts'
import esbuild, { minify } from 'rollup-plugin-esbuild'
import license from 'rollup-plugin-license'
import { shortKernelNames, shortNames, withShortNames } from './scripts/kernel-names.js'
import { loaderWithoutImportEffects } from './scripts/loader-plugin.js'
import { subpathFolders } from './scripts/subpath-folders.js'
import { thirdPartyLicences } from './scripts/third-party-licences.js'
import { inOrderOf } from './scripts/wasm-order.js'
import { rawFiles, wasmBinaries, wasmModule } from './scripts/wasm-plugin.js'

const entries = {
  index: 'src/index.ts',
  synthetic: 'src/synthetic/index.ts',
  io: 'src/io/index.ts',
  metrics: 'src/metrics/index.ts',
  'model-selection': 'src/model-selection/index.ts',
  solvers: 'src/solvers/index.ts',
  score: 'src/score/index.ts',
  features: 'src/features/index.ts',
  serve: 'src/serve/index.ts',
  adapters: 'src/adapters/index.ts',
  // Last: what an entry reaches first is the order of the code that all share, and how well that compresses.
  migration: 'src/migration/index.ts',
}

const thirdParty = () =>
  license({
    thirdParty: { output: { file: 'dist/THIRD-PARTY-LICENSES.txt', encoding: 'utf-8', template: thirdPartyLicences } },
  })

/** What platforms that compile at build time make of a .wasm file. Others give its address, or what the module exports. */
const MODULE_TYPES = 'declare const module: WebAssembly.Module\nexport default module\n'

const rawBinaries = () => ({
  name: 'raw-binaries',
  writeBundle() {
    mkdirSync('dist', { recursive: true })
    const build = (name) => withShortNames(readFileSync(`build/${name}.wasm`))
    for (const [name, file] of Object.entries(rawFiles)) {
      const isDouble = `${name}-f32` in rawFiles
      writeFileSync(`dist/${file}`, isDouble ? inOrderOf(build(`${name}-f32`), build(name)) : build(name))
      writeFileSync(`dist/${file}.d.ts`, MODULE_TYPES)
    }
    writeFileSync('dist/kernel-names.json', `${JSON.stringify(shortNames(), null, 2)}\n`)
  },
})

/** What runs a CommonJS module, seedrandom's, may be left out with what it gives: without the marks bundles keep all of the module. */
const pureModules = {
  name: 'pure-modules',
  renderChunk: (code) =>
    code
      .replace(/(= )(require\w+\(\);)/g, '$1/* @__PURE__ */ $2')
      .replace(/^(var \S+ = )(\S+\.exports);$/gm, '$1/* @__PURE__ */ (() => $2)();'),
}

const plugins = (binaries = wasmBinaries(withShortNames)) => [
  binaries,
  shortKernelNames(),
  loaderWithoutImportEffects(),
  resolve(),
  commonjs(),
  esbuild({ target: 'es2022' }),
  pureModules,
]

/** What all entries share, and what takes the kernels: every file more that an import loads costs a cold start most of a millisecond. */
const CHUNKS = {
  base: /\/src\/((metrics|io|dense)\/(?!index|streams\/)|(?!index)[\w-]+\.ts|runtime\/(compilation|growth))/,
  linear:
    /\/src\/(?!(cli|synthetic|metrics|io|dense|random|serve|score|solvers|features|migration|adapters)\/|align\/(scores\.|contrastive\/(infonce|training)|perfect\/stiefel|canonical\/(sumcor|discriminative)))[\w-]+\/|\/@assemblyscript\/|collimate-binaries/,
}
/** Packages have folders by the names of ours: what the command alone bundles must not come into what all share. */
const isForeign = (id) => /\/node_modules\/(?!@assemblyscript\/)/.test(id)
const chunkOf = (id) => (isForeign(id) ? undefined : Object.keys(CHUNKS).find((name) => CHUNKS[name].test(id)))

/**
 * The text of the binaries, by itself and imported first. What compresses a bundle looks back 32 KiB and takes its statistics of pieces of some 16 K
 * symbols: in between, the text would part the code before it from the code behind, which costs half a KiB.
 */
const textFirst = {
  name: 'text-first',
  outputOptions: (output) => ({
    ...output,
    manualChunks: (id) => (id.endsWith(':collimate-binaries') ? 'text' : chunkOf(id)),
  }),
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      // Nothing bundles the command, which begins with the line that says what runs it.
      if (file.isEntry && !file.code.startsWith('#!'))
        file.code = file.code.replace(/^([^]*?)^(import '\.\/chunks\/text-[^']*';\n)/m, '$2$1')
    }
  },
}

/** ESM and CommonJS side by side; shared code lands in chunks so that `instanceof` holds across entries. */
const outputs = (extensions) =>
  extensions.map(([format, ext]) => ({
    dir: 'dist',
    format,
    entryFileNames: `[name].${ext}`,
    chunkFileNames: `chunks/[name]-[hash].${ext}`,
    exports: 'named',
    manualChunks: chunkOf,
  }))

/**
 * ES modules for platforms that compile nothing at run time and have the bundler hand over a compiled .wasm file. One build is
 * enough: workerd has had relaxed SIMD since May 2023; edge-light runs on whatever Node a developer has. Minified, since such
 * platforms limit the size of a script.
 */
const edge = (condition, binary) => ({
  input: entries,
  output: { dir: `dist/${condition}`, format: 'es', chunkFileNames: '[name]-[hash].js', manualChunks: chunkOf },
  plugins: [...plugins(wasmModule(binary)), minify({ target: 'es2022' })],
})

/** Without the marks of private fields, which make one class of the ES and the CommonJS types two that do not fit. */
const structural = { name: 'structural', renderChunk: (code) => code.replace(/^ *#private;\n/gm, '') }

export default [
  {
    input: { ...entries, cli: 'src/cli/main.ts' },
    output: outputs([['es', 'js']]),
    external: /^node:/,
    plugins: [...plugins(), textFirst, thirdParty(), rawBinaries(), subpathFolders()],
  },
  { input: entries, output: outputs([['cjs', 'cjs']]), plugins: plugins() },
  edge('workerd', 'relaxed'),
  edge('edge-light', 'simd'),
  {
    input: entries,
    output: outputs([
      ['es', 'd.ts'],
      ['es', 'd.cts'],
    ]),
    plugins: [dts(), structural],
  },
]
