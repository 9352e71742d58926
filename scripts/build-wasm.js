// Compiles the kernels: float64 and float32, each with SIMD and with relaxed SIMD, and those for serving, into build/; and their parts for the tests.
import { main } from 'assemblyscript/asc'

const PRECISIONS = [
  { entry: 'assembly/double.ts', real: 'f64', suffix: '' },
  { entry: 'assembly/index.ts', real: 'f32', suffix: '-f32' },
]

async function compile(entry, target, real, outFile, ...options) {
  // prettier-ignore
  const { error, stderr } = await main([
    entry, '--target', target, '--outFile', outFile, '--use', `Real=${real}`, '--transform', './scripts/inline-limits.js', '--shrinkLevel', '1', ...options,
  ])
  process.stderr.write(stderr.toString())
  if (error) throw error
}

for (const target of ['simd', 'relaxed']) {
  for (const { entry, real, suffix } of PRECISIONS) {
    await compile(entry, target, real, `build/${target}${suffix}.wasm`)
    await compile('assembly/parts.ts', target, real, `build/parts/${target}${suffix}.wasm`, '--importMemory')
  }
  await compile('assembly/serve.ts', target, 'f32', `build/${target}-serve.wasm`)
}
