// Vitest in workerd, by Cloudflare's plugin: with a wrangler configuration, whose rules compile .wasm files, and without, where they have to be given.
const config = (options) => `import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'
export default defineConfig({ plugins: [cloudflareTest(${JSON.stringify(options)})], test: { include: ['*.test.js'] } })
`
const TEST = `import { expect, test } from 'vitest'
import { job } from './job.js'
test('the number', async () => { expect(await job()).toBe('EXPECTED') })
`
const compatibilityDate = '2026-06-01'
const modulesRules = [{ type: 'CompiledWasm', include: ['**/*.wasm', '**/*.wasm?module'] }]

export default {
  dependencies: { vitest: '4.1.12', '@cloudflare/vitest-pool-workers': '0.23.0' },
  files: {
    'wrangler.json': JSON.stringify({ name: 'app', main: 'worker.js', compatibility_date: compatibilityDate }),
    'worker.js': "import { job } from './job.js'\nexport default { fetch: async () => new Response(await job()) }\n",
    'configured.config.js': config({ wrangler: { configPath: './wrangler.json' } }),
    'plain.config.js': config({ miniflare: { compatibilityDate, modulesRules } }),
  },
  async check({ node, write, read, expected }) {
    write('job.test.js', TEST.replace('EXPECTED', expected))
    for (const name of ['configured', 'plain']) {
      await node(['node_modules/vitest/vitest.mjs', 'run', '--config', `${name}.config.js`, '--reporter=json', '--outputFile=report.json']) // prettier-ignore
      const { numPassedTests, numTotalTests } = JSON.parse(read('report.json'))
      if (numPassedTests !== 1 || numTotalTests !== 1) {
        throw new Error(`${name}: ${numPassedTests} of ${numTotalTests} tests passed`)
      }
    }
    return expected
  },
}
