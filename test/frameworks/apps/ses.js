// Hardened JavaScript: every intrinsic frozen before the package is loaded, and each of its entries.
export default {
  quick: true,
  dependencies: { ses: '2.3.0' },
  files: {
    'main.js': `import 'ses'
import { readFileSync } from 'node:fs'
lockdown()
const { exports } = JSON.parse(readFileSync('node_modules/collimate/package.json', 'utf8'))
for (const path of Object.keys(exports).filter((path) => !/\\.(wasm|json)$/.test(path))) await import(path.replace('.', 'collimate'))
const { job } = await import('./job.js')
console.log(await job())\n`,
  },
  check: ({ node }) => node(['main.js']),
}
