// Bundlers with no setting at all, their output opened in Chromium under a policy that allows WebAssembly and nothing else.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { tool } from '../project.js'
import { browser } from './browsers.js'
import { chromium } from './drivers.js'

const webpackLike = (compiler) => (entry, folder, file) =>
  new Promise((resolve, reject) => {
    const output = { path: folder, filename: file }
    compiler({ mode: 'production', context: folder, entry, output }, (error, stats) => {
      if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString()))
      else resolve()
    })
  })

/** Each takes the entry, the folder and the name of the file to write there. */
const BUNDLERS = {
  async vite(entry, folder, file) {
    const { build } = await import('vite')
    const rollupOptions = { input: entry, output: { entryFileNames: file } }
    await build({ root: folder, logLevel: 'error', build: { outDir: folder, emptyOutDir: false, rollupOptions } })
  },
  async webpack(...args) {
    const { default: webpack } = await import('webpack')
    await webpackLike(webpack)(...args)
  },
  async rspack(...args) {
    const { rspack } = await import('@rspack/core')
    await webpackLike(rspack)(...args)
  },
  async rollup(entry, folder, file) {
    const { rollup } = await import('rollup')
    // Rollup alone resolves no packages: everyone has this plugin, and the package's own build too.
    const { default: resolve } = await import('@rollup/plugin-node-resolve')
    const bundle = await rollup({ input: entry, plugins: [resolve({ browser: true })] })
    await bundle.write({ file: join(folder, file), format: 'es' })
  },
  async esbuild(entry, folder, file) {
    const { build } = await import('esbuild')
    await build({ entryPoints: [entry], bundle: true, format: 'esm', outfile: join(folder, file), minify: true })
  },
  async rolldown(entry, folder, file) {
    const { build } = await import('rolldown')
    await build({ input: entry, platform: 'browser', output: { file: join(folder, file) }, logLevel: 'warn' })
  },
}

const PACKAGES = { rspack: '@rspack/core' }

export const bundlers = Object.entries(BUNDLERS).map(([name, bundle]) => {
  const file = `bundle-${name}.js`
  const prepare = ({ folder }) => bundle(join(folder, 'suite/page-bundle.js'), folder, file)
  const adapter = browser(
    `bundled by ${name}, Chromium`,
    chromium(),
    `/bundle?script=/${file}`,
    { binary: 'relaxed' },
    prepare,
  )
  const folder = tool(PACKAGES[name] ?? name)
  return existsSync(folder) ? adapter : { ...adapter, missing: folder }
})
