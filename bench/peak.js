import { readFile, mkdir, writeFile } from 'node:fs/promises'
import asc from 'assemblyscript/asc'
import { scratch } from './paths.js'

// Each accumulator is one dependence chain of multiply-adds. Fewer than the unit's latency times its width leave it idle,
// more than the 16 vector registers of x86-64 spill; the best lies in between and differs between the two builds.
const ACCUMULATORS = Array.from({ length: 11 }, (_, i) => i + 4)
// Some 10 ms a run, about what a product of order 512 takes: the best of many shorter bursts is more than a core sustains
// (measured: 27 GFLOP/s over 2 ms, 25 over 20 ms).
const ITERATIONS = 5_000_000
const TRIALS = 8
/** Numbers in a vector of 128 bits. */
const LANES = { f64: 2, f32: 4 }
const FLOPS_PER_MADD = 2

// c <- c x + y with 0 < x < 1 stays near y / (1 - x): no overflow, no subnormal numbers. Each step needs the one before,
// so no compiler may move the product out of the loop, as it may with c <- c + x y.
const X = 0.999
const Y = 0.5

/** The two builds of the loop, as the package has them: instruction by instruction, and fused. */
const MADD = {
  simd: { feature: [], madd: (/** @type {string} */ v, /** @type {string} */ c) => `${v}.add(${v}.mul(${c}, x), y)` },
  relaxed: {
    feature: ['--enable', 'relaxed-simd'],
    madd: (/** @type {string} */ v, /** @type {string} */ c) => `${v}.relaxed_madd(${c}, x, y)`,
  },
}

/** @typedef {keyof typeof MADD} Build */
/** @typedef {keyof typeof LANES} Real */

/**
 * AssemblyScript for the loop with `count` accumulators. It returns their sum, so that none of them is dead code.
 *
 * @param {number} count
 * @param {Build} build
 * @param {Real} real
 */
function loopSource(count, build, real) {
  const c = Array.from({ length: count }, (_, i) => `c${i}`)
  const { madd } = MADD[build]
  const v = `${real}x${LANES[real]}`
  return `
export function ${real}madd${count}(iterations: i32, x0: ${real}, y0: ${real}): ${real} {
  const x = ${v}.splat(x0), y = ${v}.splat(y0)
  ${c.map((name, i) => `let ${name} = ${v}.splat(${i}.0)`).join('\n  ')}
  for (let i = 0; i < iterations; i++) {
    ${c.map((name) => `${name} = ${madd(v, name)}`).join('\n    ')}
  }
  const sum = ${c.reduce((sum, name) => `${v}.add(${sum}, ${name})`)}
  return ${v}.extract_lane(sum, 0) + ${v}.extract_lane(sum, 1)
}`
}

/** @param {Build} build */
const binaryFile = (build) => new URL(`peak-${build}.wasm`, scratch)

/**
 * Compiles the loop of one build into the scratch folder.
 *
 * @param {Build} build
 */
async function compilePeak(build) {
  const reals = /** @type {Real[]} */ (Object.keys(LANES))
  const source = reals.flatMap((real) => ACCUMULATORS.map((count) => loopSource(count, build, real))).join('\n')
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', ...MADD[build].feature]
  /** @type {Uint8Array | undefined} */
  let binary
  const { error, stderr } = await asc.main(['peak.ts', ...flags, '--outFile', 'peak.wasm'], {
    readFile: (name) => (name === 'peak.ts' ? source : null),
    writeFile: (_name, contents) => void (binary = /** @type {Uint8Array} */ (contents)),
    listFiles: () => [],
  })
  if (error !== null || binary === undefined) throw new Error(`the peak loop does not compile: ${stderr.toString()}`)
  await mkdir(scratch, { recursive: true })
  await writeFile(binaryFile(build), binary)
}

/** Compiles the loop of both builds; the processes that time one build each load theirs with {@link loadPeak}. */
export async function compilePeaks() {
  await compilePeak('simd')
  await compilePeak('relaxed')
}

/**
 * The most multiply-adds per second that WebAssembly gives with all operands in registers: what a share of the peak is a
 * share of. The loop is given as a contender, to be timed in turn with what it is compared to.
 *
 * @param {Build} build
 * @param {Real} [real]
 * @returns {Promise<{ accumulators: number, contender: import('./harness.js').Contender }>}
 */
export async function loadPeak(build, real = 'f64') {
  const { instance } = await WebAssembly.instantiate(await readFile(binaryFile(build)), { env: { abort() {} } })
  const loops = ACCUMULATORS.map((count) => {
    const madd = /** @type {(iterations: number, x: number, y: number) => number} */ (
      instance.exports[`${real}madd${count}`]
    )
    return { count, flops: count * LANES[real] * FLOPS_PER_MADD * ITERATIONS, run: () => timeLoop(madd) }
  })
  const rates = loops.map(({ flops, run }) => flops / Math.min(...Array.from({ length: TRIALS }, run)))
  const best = loops[rates.indexOf(Math.max(...rates))]
  return { accumulators: best.count, contender: { name: 'peak loop', flops: best.flops, run: best.run } }
}

/** @param {(iterations: number, x: number, y: number) => number} madd */
function timeLoop(madd) {
  const start = performance.now()
  const sum = madd(ITERATIONS, X, Y)
  const elapsed = performance.now() - start
  if (!Number.isFinite(sum)) throw new Error(`the peak loop must stay finite, got ${sum}`)
  return elapsed
}
