// What does not read `exports`: eslint-plugin-import, the resolver of webpack 4, TypeScript's old resolution.
const SUBPATHS = ['synthetic', 'io', 'metrics', 'model-selection', 'solvers', 'features']

export default {
  quick: true,
  dependencies: { eslint: '9.9.1', 'eslint-plugin-import': '2.32.0', 'enhanced-resolve': '4.5.0', typescript: '5.9.3' },
  files: {
    'eslint.config.js': `import plugin from 'eslint-plugin-import'
export default [{ files: ['*.js'], plugins: { import: plugin }, rules: { 'import/no-unresolved': 'error' } }]\n`,
    'main.js': `import { job } from './job.js'\njob().then(console.log)\n`,
    'imports.js': ['', ...SUBPATHS]
      .map((path, i) => `import * as a${i} from 'collimate${path && `/${path}`}'`)
      .join('\n'),
    'resolve.cjs': `const { create } = require('enhanced-resolve')
const { realpathSync } = require('node:fs')
const resolve = create.sync({ mainFields: ['browser', 'module', 'main'] })
for (const path of ${JSON.stringify(SUBPATHS)}) {
  const expected = realpathSync('node_modules/collimate/dist/' + path + '.js')
  if (resolve({}, __dirname, 'collimate/' + path) !== expected) throw new Error(path)
}\n`,
    'types.ts':
      SUBPATHS.map((path, i) => `import * as a${i} from 'collimate/${path}'`).join('\n') +
      '\nexport const n: number = a2.cmae([[1]], [[1]])',
  },
  async check({ node }) {
    await node(['node_modules/eslint/bin/eslint.js', 'imports.js', 'job.js'])
    await node(['resolve.cjs'])
    const old = ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '5.0']
    await node(['node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--target', 'es2022', ...old, 'types.ts'])
    return node(['main.js'])
  },
}
