// Compiles the kernels: float64 and float32, each with SIMD and with relaxed SIMD, into build/.
import { main } from 'assemblyscript/asc'

const PRECISIONS = [
  { entry: 'assembly/double.ts', real: 'f64', suffix: '' },
  { entry: 'assembly/index.ts', real: 'f32', suffix: '-f32' },
]

for (const target of ['simd', 'relaxed']) {
  for (const { entry, real, suffix } of PRECISIONS) {
    const options = ['--use', `Real=${real}`, '--transform', './scripts/inline-limits.js']
    const { error, stderr } = await main([
      entry,
      '--target',
      target,
      '--outFile',
      `build/${target}${suffix}.wasm`,
      ...options,
    ])
    process.stderr.write(stderr.toString())
    if (error) throw error
  }
}
