// Edge platforms: Cloudflare's workerd with what wrangler bundles, and Vercel's edge runtime.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tool } from '../project.js'
import { cloudflareTools, startWorker, wranglerBundle } from './cloudflare.js'

const json = (input) => ({
  method: 'POST',
  body: JSON.stringify(input),
  headers: { 'content-type': 'application/json' },
})

const workerd = {
  name: 'Cloudflare workerd, wrangler',
  expected: { binary: 'relaxed' },
  missing: cloudflareTools.find((path) => !existsSync(path)),
  async start({ folder }) {
    const worker = await startWorker(await wranglerBundle(folder), 'worker.js')
    return {
      version: JSON.parse(readFileSync(tool('workerd/package.json'), 'utf8')).version,
      run: async (input) => {
        const response = await fetch(worker.url, json(input))
        const text = await response.text()
        if (!response.ok) throw new Error(text)
        return JSON.parse(text)
      },
      stop: worker.stop,
    }
  },
}

/** What Next.js does with `x.wasm?module`: the bundle asks for a compiled module that the host has made beforehand. */
const hostCompiledWasm = (folder) => ({
  name: 'host-compiled-wasm',
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: 'host' }))
    build.onLoad({ filter: /.*/, namespace: 'host' }, ({ path }) => {
      const file = path.replace(/^.*\//, '').replace('?module', '')
      if (!existsSync(join(folder, 'node_modules/collimate/dist', file))) throw new Error(`there is no ${file}`)
      return { contents: `export default globalThis.hostModules['${file}']` }
    })
  },
})

const edgeLight = {
  name: 'Vercel edge-runtime',
  expected: { binary: 'simd' },
  missing: [tool('edge-runtime'), tool('esbuild')].find((path) => !existsSync(path)),
  async start({ folder }) {
    const { EdgeRuntime } = await import('edge-runtime')
    const { build } = await import('esbuild')
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: ['suite/edge-function.js'],
      bundle: true,
      write: false,
      format: 'iife',
      conditions: ['edge-light'],
      plugins: [hostCompiledWasm(folder)],
    })
    const hostModule = (name) => [
      name,
      new WebAssembly.Module(readFileSync(join(folder, 'node_modules/collimate/dist', name))),
    ]
    const hostModules = Object.fromEntries(['', '-f32', '-serve'].map((kind) => hostModule(`collimate${kind}.wasm`)))
    const runtime = new EdgeRuntime({
      initialCode: outputFiles[0].text,
      extend: (context) => Object.assign(context, { hostModules }),
    })
    return {
      version: JSON.parse(readFileSync(tool('edge-runtime/package.json'), 'utf8')).version,
      run: async (input) => (await runtime.dispatchFetch('http://localhost/', json(input))).json(),
      stop: () => Promise.resolve(),
    }
  },
}

export const edge = [workerd, edgeLight]
