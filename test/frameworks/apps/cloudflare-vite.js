// Cloudflare's Vite plugin: its build in workerd.
export default {
  dependencies: { '@cloudflare/vite-plugin': '1.64.0', vite: '8.3.8', wrangler: '4.164.0' },
  files: {
    'vite.config.js': `import { cloudflare } from '@cloudflare/vite-plugin'\nexport default { plugins: [cloudflare()] }\n`,
    'worker.js': `import { job } from './job.js'\nexport default { fetch: async () => new Response(await job()) }\n`,
    'wrangler.jsonc': JSON.stringify({ name: 'app', main: 'worker.js', compatibility_date: '2026-07-01' }),
  },
  async check({ node, worker }) {
    await node(['node_modules/vite/bin/vite.js', 'build'])
    return worker('dist/app/wrangler.json')
  },
}
