// SvelteKit on Cloudflare: a page that is rendered in workerd. adapter-cloudflare 7 refuses SvelteKit 3.
export default {
  dependencies: {
    '@sveltejs/adapter-cloudflare': '7.2.9',
    '@sveltejs/kit': '2.70.4',
    '@sveltejs/vite-plugin-svelte': '6.2.4',
    svelte: '5.57.3',
    vite: '7.3.8',
    wrangler: '4.164.0',
  },
  files: {
    'svelte.config.js': `import adapter from '@sveltejs/adapter-cloudflare'\nexport default { kit: { adapter: adapter() } }\n`,
    'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite'\nexport default { plugins: [sveltekit()] }\n`,
    'src/app.html':
      '<!doctype html><html><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>\n',
    'src/routes/+page.server.js': `import { job } from '../../job.js'\nexport const load = async () => ({ said: await job() })\n`,
    'src/routes/+page.svelte': `<script>\n  let { data } = $props()\n</script>\n<p>{data.said}</p>\n`,
    'wrangler.jsonc': JSON.stringify({
      name: 'app',
      main: '.svelte-kit/cloudflare/_worker.js',
      compatibility_date: '2026-07-01',
      compatibility_flags: ['nodejs_als'],
      assets: { binding: 'ASSETS', directory: '.svelte-kit/cloudflare' },
    }),
  },
  async check({ node, worker }) {
    await node(['node_modules/vite/bin/vite.js', 'build'])
    return worker('wrangler.jsonc')
  },
}
