// Jest: CommonJS in Node, jsdom and Vercel's edge environment; ES modules by its flag.
const test = (environment, load, expected) => `/** @jest-environment ${environment} */
${load}
test('the number', async () => { expect(await job()).toBe('${expected}') })
`
const common = "const { job } = require('./job.cjs')"
const modules = "import { expect, test } from '@jest/globals'\nimport { job } from './job.js'"

export default {
  quick: true,
  dependencies: { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2', '@edge-runtime/jest-environment': '4.0.0' },
  files: {
    // No transform: what is tested is the package, not Babel.
    'jest.config.json': JSON.stringify({ transform: {}, testMatch: ['**/*.test.?js'] }),
  },
  async check({ node, write, expected }) {
    write('node.test.cjs', test('node', common, expected))
    write('jsdom.test.cjs', test('jsdom', common, expected))
    write('edge.test.cjs', test('@edge-runtime/jest-environment', common, expected))
    write('modules.test.mjs', test('node', modules, expected))
    const report = await node(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--json'])
    const { numPassedTests, numTotalTests } = JSON.parse(report)
    if (numPassedTests !== 4 || numTotalTests !== 4) {
      throw new Error(`${numPassedTests} of ${numTotalTests} tests passed`)
    }
    return expected
  },
}
