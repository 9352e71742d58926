// Edge platforms: Cloudflare's workerd with what wrangler bundles, and Vercel's edge runtime.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../process.js'
import { tool } from '../project.js'

/** Wrangler needs Node 22 or later, whatever runs this. */
const node = tool('node24/bin/node')

/** Bundles a worker, a path in the folder, with wrangler. @returns the folder of the bundle, where it has the same name */
export async function wranglerBundle(folder, main = 'suite/worker.js') {
  writeFileSync(
    join(folder, 'wrangler.json'),
    JSON.stringify({ name: 'suite', main, compatibility_date: '2026-07-01' }),
  )
  const out = join(folder, 'wrangler-out', main.replace(/\W/g, '-'))
  const env = { WRANGLER_SEND_METRICS: 'false', CI: '1', PATH: `${tool('node24/bin')}:${process.env.PATH}` }
  await run(node, [tool('wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--outdir', out], { cwd: folder, env })
  return out
}

const json = (input) => ({
  method: 'POST',
  body: JSON.stringify(input),
  headers: { 'content-type': 'application/json' },
})

const workerd = {
  name: 'Cloudflare workerd, wrangler',
  expected: { binary: 'relaxed' },
  missing: [tool('miniflare'), tool('wrangler'), node].find((path) => !existsSync(path)),
  async start({ folder }) {
    const out = await wranglerBundle(folder)
    const { Miniflare } = await import('miniflare')
    const miniflare = new Miniflare({
      modules: true,
      modulesRoot: out,
      modulesRules: [
        { type: 'ESModule', include: ['**/*.js'] },
        { type: 'CompiledWasm', include: ['**/*.wasm', '**/*.wasm?module'] },
      ],
      scriptPath: join(out, 'worker.js'),
      compatibilityDate: '2026-07-01',
      host: '127.0.0.1',
      port: 0,
      cf: false,
    })
    const url = await miniflare.ready
    return {
      version: JSON.parse(readFileSync(tool('workerd/package.json'), 'utf8')).version,
      run: async (input) => {
        const response = await fetch(url, json(input))
        const text = await response.text()
        if (!response.ok) throw new Error(text)
        return JSON.parse(text)
      },
      stop: () => miniflare.dispose(),
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
    const hostModules = Object.fromEntries(['collimate.wasm', 'collimate-f32.wasm'].map(hostModule))
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
