// Nitro for Cloudflare in workerd; for Vercel's and Netlify's edges it builds.
const config = (preset) =>
  JSON.stringify({
    preset,
    compatibilityDate: '2026-07-01',
    experimental: { wasm: true },
    output: { dir: `.output-${preset}` },
  })

export default {
  quick: true,
  dependencies: { nitropack: '2.13.6' },
  files: {
    'routes/index.get.js': "import { job } from '../job.js'\nexport default defineEventHandler(() => job())\n",
    'tsconfig.json': '{}',
  },
  async check({ node, write, worker }) {
    for (const preset of ['vercel_edge', 'netlify_edge', 'cloudflare_module']) {
      write('nitro.config.js', `export default ${config(preset)}\n`)
      await node(['node_modules/nitropack/dist/cli/index.mjs', 'build'])
    }
    return worker({ main: '.output-cloudflare_module/server/index.mjs', compatibility_flags: ['nodejs_compat'] })
  },
}
