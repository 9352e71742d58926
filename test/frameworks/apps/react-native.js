// React Native's Babel preset: every script of the package goes through it, and what comes out runs (in Node: Hermes has no WebAssembly).
const BUILD = `const { transformFileSync } = require('@babel/core')
const { mkdirSync, readdirSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
const from = 'node_modules/collimate/dist'
const to = 'out/node_modules/collimate'
const options = { presets: ['@react-native/babel-preset'], babelrc: false, configFile: false }
const translate = (source, target) => {
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, transformFileSync(source, options).code)
}
for (const name of readdirSync(from, { recursive: true })) {
  if (/^(?!cli|workerd|edge-light).*\\.js$/.test(name)) translate(join(from, name), join(to, name))
}
translate('job.js', 'out/job.js')
`

export default {
  quick: true,
  dependencies: { '@babel/core': '7.29.13', '@babel/runtime': '7.29.15', '@react-native/babel-preset': '0.88.1' },
  files: {
    'build.cjs': BUILD,
    'out/package.json': '{ "type": "commonjs" }',
    'out/main.js': "require('./job.js').job().then(console.log)\n",
  },
  async check({ node }) {
    await node(['build.cjs'])
    return node(['out/main.js'])
  },
}
