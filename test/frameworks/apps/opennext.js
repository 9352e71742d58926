// Next.js on Cloudflare by OpenNext: a route in workerd.
export default {
  dependencies: {
    next: '16.4.6',
    react: '19.3.1',
    'react-dom': '19.3.1',
    '@opennextjs/cloudflare': '1.20.17',
    wrangler: '4.164.0',
  },
  files: {
    'next.config.mjs': `export default { serverExternalPackages: ['collimate'] }\n`,
    'open-next.config.ts': `import { defineCloudflareConfig } from '@opennextjs/cloudflare'\nexport default defineCloudflareConfig()\n`,
    'app/layout.js': `export default function Layout({ children }) { return <html><body>{children}</body></html> }\n`,
    'app/page.js': `import { job } from '../job.js'
export const dynamic = 'force-dynamic'
export default async function Page() { return <p>{await job()}</p> }\n`,
    'wrangler.jsonc': JSON.stringify({
      name: 'app',
      main: '.open-next/worker.js',
      compatibility_date: '2026-07-01',
      compatibility_flags: ['nodejs_compat', 'global_fetch_strictly_public'],
      assets: { binding: 'ASSETS', directory: '.open-next/assets' },
    }),
  },
  manifest: { scripts: { build: 'next build' } },
  async check({ node, worker }) {
    await node(['node_modules/@opennextjs/cloudflare/dist/cli/index.js', 'build'])
    return worker('wrangler.jsonc')
  },
}
