// What of an entry of dist/ (npm run build) weighs how much once it is bundled and minified: node scripts/bundle-bytes.js [entry] [modules to list]
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { shortKernelNames, withShortNames } from './kernel-names.js'
import { loaderWithoutImportEffects } from './loader-plugin.js'
import { wasmBinaries } from './wasm-plugin.js'

const [entry = 'src/index.ts', most = '40'] = process.argv.slice(2)
const [binaries, names, loader] = [wasmBinaries(withShortNames), shortKernelNames(), loaderWithoutImportEffects()]

/** The plugins of the build, as esbuild has them. */
const plugin = {
  name: 'as-built',
  async setup({ onResolve, onLoad }) {
    const { readFile } = await import('node:fs/promises')
    onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path, namespace: 'virtual' }))
    onLoad({ filter: /./, namespace: 'virtual' }, ({ path }) => ({ contents: binaries.load(`\0${path}`) }))
    onLoad({ filter: /\/src\/.*\.ts$|\/@assemblyscript\/loader\// }, async ({ path }) => {
      const code = await readFile(path, 'utf8')
      const changed = (names.transform(code, path) ?? loader.transform(code, path))?.code
      return { contents: changed ?? code, loader: path.endsWith('.ts') ? 'ts' : 'js' }
    })
  },
}

const { outputFiles, metafile } = await build({
  entryPoints: [entry],
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  external: ['node:*'],
  write: false,
  outdir: 'out',
  metafile: true,
  plugins: [plugin],
})
const [{ inputs }] = Object.values(metafile.outputs)
const listed = Object.entries(inputs).sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
for (const [path, { bytesInOutput }] of listed.slice(0, Number(most)))
  console.log(String(bytesInOutput).padStart(7), path)
console.log(`${gzipSync(outputFiles[0].contents).length} bytes gzipped, of ${outputFiles[0].contents.length}`)
