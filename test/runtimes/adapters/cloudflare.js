// Cloudflare's tools: wrangler bundles, and workerd runs what it bundled.
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from '../process.js'
import { tool } from '../project.js'

/** Wrangler needs Node 22 or later, whatever runs this. */
const node = tool('node24/bin/node')

/** Files that have to be there. */
export const cloudflareTools = [tool('miniflare'), tool('wrangler'), node]

/**
 * What `wrangler deploy` would upload for the configuration in `folder`, written to `out`. @returns what it said
 *
 * @param {string[]} script - one to take instead of the configuration's, or none
 */
export function wranglerDryRun(folder, out, ...script) {
  const env = { WRANGLER_SEND_METRICS: 'false', CI: '1', PATH: `${tool('node24/bin')}:${process.env.PATH}` }
  const args = [tool('wrangler/bin/wrangler.js'), 'deploy', ...script, '--dry-run', '--outdir', out]
  return run(node, args, { cwd: folder, env })
}

/**
 * Bundles a worker, a path in the folder, without a configuration of its own.
 *
 * @param {object} settings - of wrangler's configuration: minify ...
 * @returns the folder of the bundle, and the KiB of an upload, gzipped, by wrangler's count
 */
export async function wranglerUpload(folder, main, settings = {}) {
  const config = { name: 'suite', main, compatibility_date: '2026-07-01', ...settings }
  writeFileSync(join(folder, 'wrangler.json'), JSON.stringify(config))
  const out = join(folder, 'wrangler-out', main.replace(/\W/g, '-'))
  const said = await wranglerDryRun(folder, out)
  return { out, gzippedKib: Number(/gzip: ([\d.]+) KiB/.exec(said)[1]) }
}

/** {@link wranglerUpload} as it is by default. @returns the folder of the bundle */
export async function wranglerBundle(folder, main = 'suite/worker.js') {
  return (await wranglerUpload(folder, main)).out
}

/**
 * Runs a bundle in workerd.
 *
 * @param {string} out - the folder of the bundle
 * @param {string} main - its script there
 * @param {object} options - of Miniflare: bindings, inspectorPort ...
 * @returns its address, Miniflare itself, and how to stop it
 */
export async function startWorker(out, main, options = {}) {
  const { Miniflare } = await import('miniflare')
  const miniflare = new Miniflare({
    modules: true,
    modulesRoot: out,
    modulesRules: [
      { type: 'ESModule', include: ['**/*.js'] },
      { type: 'CompiledWasm', include: ['**/*.wasm', '**/*.wasm?module'] },
    ],
    scriptPath: join(out, basename(main)),
    compatibilityDate: '2026-07-01',
    host: '127.0.0.1',
    port: 0,
    cf: false,
    ...options,
  })
  return { url: await miniflare.ready, miniflare, stop: () => miniflare.dispose() }
}
