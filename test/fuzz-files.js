// npm run fuzz:files [-- --count N --seed S --kind K]: N mutated files of each kind (a million), or of one, for their readers; 500 in
// test/io/mutated-files.test.ts.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { wasmBinaries } from '../scripts/wasm-plugin.js'

const { kind: wanted, ...values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string' },
  },
}).values
const refuse = (message) => {
  console.error(message)
  process.exit(2)
}
for (const [name, text] of Object.entries(values)) {
  if (!/^[1-9]\d*$/.test(text)) refuse(`--${name} must be an integer from 1 on, got '${text}'`)
}

const { resolveId, load } = wasmBinaries()
const binaries = {
  name: 'binaries',
  setup(bundler) {
    bundler.onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path: resolveId(path), namespace: 'binaries' }))
    bundler.onLoad({ filter: /./, namespace: 'binaries' }, ({ path }) => ({ contents: load(path) }))
  },
}
// As one module of plain JavaScript: in a test runner, which counts and maps what is called, the same takes four times as long.
const bundle = new URL('../build/file-kinds.mjs', import.meta.url)
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('io/file-kinds.ts', import.meta.url))],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  plugins: [binaries],
})
writeFileSync(bundle, outputFiles[0].text)
const { KINDS, readDamaged } = await import(bundle)

if (wanted !== undefined && !Object.hasOwn(KINDS, wanted)) {
  refuse(`--kind must be one of ${Object.keys(KINDS).join(', ')}, got '${wanted}'`)
}
const count = Number(values.count)
for (const [name, kind] of Object.entries(KINDS)) {
  if (wanted !== undefined && wanted !== name) continue
  const start = process.cpuUsage().user
  const counts = readDamaged(kind, count, Number(values.seed))
  const microseconds = (process.cpuUsage().user - start) / count
  console.log(`${name}: ${JSON.stringify(counts)}, ${microseconds.toFixed(0)} us of CPU time each`)
  // Where nothing is read, or everything, little was tried.
  if (counts.read <= count / 100 || counts.format <= count / 4) {
    console.error(`${name}: too few were read, or refused, for this to show much`)
    process.exitCode = 1
  }
}
