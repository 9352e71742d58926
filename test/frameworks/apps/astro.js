// Astro: a page rendered in workerd, one on Node, and one at build time.
const page = (prerender) => `---
import { job } from '../../job.js'
export const prerender = ${prerender}
const said = await job()
---
<html><body><p>{said}</p></body></html>\n`

export default {
  dependencies: { astro: '7.3.5', '@astrojs/cloudflare': '14.3.3', '@astrojs/node': '11.1.6', wrangler: '4.164.0' },
  files: {
    'src/pages/index.astro': page(false),
    'src/pages/static.astro': page(true),
    'wrangler.jsonc': JSON.stringify({
      name: 'app',
      compatibility_date: '2026-07-01',
      compatibility_flags: ['nodejs_compat'],
    }),
  },
  async check({ node, write, worker, server, expected, read }) {
    const build = async (adapter, options, folder) => {
      write(
        'astro.config.mjs',
        `import adapter from '@astrojs/${adapter}'
export default { output: 'server', outDir: './${folder}', adapter: adapter(${JSON.stringify(options)}) }\n`,
      )
      await node(['node_modules/astro/bin/astro.mjs', 'build'])
      const prerendered = read(`${folder}/client/static/index.html`)
      if (!prerendered.includes(expected)) throw new Error(`prerendered by ${adapter} it says ${prerendered}`)
    }
    await build('node', { mode: 'standalone' }, 'dist-node')
    const said = await server(['dist-node/server/entry.mjs'])
    if (!said.includes(expected)) throw new Error(`on Node it says ${said}`)
    await build('cloudflare', {}, 'dist')
    return worker('dist/server/wrangler.json')
  },
}
