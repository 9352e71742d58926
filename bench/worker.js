// Times one build of the package in a process of its own: engine flags are per process, and so is the choice of build.
// Its results go to standard output, a line of JSON each, for main.js to collect.
import { gaussian } from './data.js'
import { FULL, SHORT, disagreement, interleave, sink } from './harness.js'
import { loadPeak } from './peak.js'
import { findRivals } from './rivals/index.js'
import { chosen, reports, tasks } from './tasks/index.js'

/**
 * @typedef {object} Context
 * @property {any} collimate the built package
 * @property {any} serve its entry for serving
 * @property {import('./harness.js').Contender} peak
 * @property {() => Promise<import('./harness.js').Contender>} singlePeak the same loop in float32
 * @property {import('./rivals/index.js').Rivals} rivals
 */

/**
 * @typedef {object} Measurement
 * @property {string} task
 * @property {string} size
 * @property {import('./harness.js').Timing[]} ours
 * @property {Rivalry[]} rivals
 * @property {import('./harness.js').Timing | undefined} peak where a share of it means something
 */

/** @typedef {import('./harness.js').Timing & { disagreement: number, agrees: boolean }} Rivalry */

/** @typedef {{ build: import('./peak.js').Build, short: boolean, only: string[], reports: boolean }} Options */

// Singular values of a standard normal matrix of order 1024 reach down to 1e-4 or so of the largest, where two backward
// stable algorithms differ by 1e-12 at most; a wrong one is off in the first digits.
const TOLERANCE = 1e-8

const emit = (/** @type {object} */ record) => process.stdout.write(`${JSON.stringify(record)}\n`)

/**
 * Makes an engine with relaxed SIMD look like one without, which no flag does in every version of Node: the package asks by a module with such an
 * instruction, and asks for nothing else.
 */
function hideRelaxedSimd() {
  WebAssembly.validate = () => false
}

/** The first and the tenth call in a process. @param {any} collimate @param {number} n */
function coldCalls(collimate, n) {
  const A = gaussian(n, n)
  const times = Array.from({ length: 10 }, () => {
    const start = performance.now()
    collimate.svd(A)
    return performance.now() - start
  })
  return { n, firstMs: times[0], tenthMs: times[9] }
}

/** Loads the package and makes sure that it runs the build to be timed. @param {Options} options */
async function loadPackage({ build }) {
  if (build === 'simd') hideRelaxedSimd()
  const start = performance.now()
  const collimate = await import('../dist/index.js')
  const importMs = performance.now() - start
  emit({ kind: 'cold', importMs, calls: [8, 256].map((n) => coldCalls(collimate, n)) })
  const active = collimate.binaryName()
  if (active !== build) throw new Error(`the package runs its ${active} build, not the ${build} build`)
  return collimate
}

/**
 * @param {import('./tasks/index.js').Task} task
 * @param {any} size
 * @param {Context} context
 * @param {import('./harness.js').Limits} limits
 * @returns {Promise<Measurement>}
 */
async function measure(task, size, context, limits) {
  const { ours, rivals, peak } = await task.setUp(size, context)
  const present = rivals.filter((rival) => rival !== undefined)
  const all = [...ours, ...present, ...(peak === undefined ? [] : [peak])]
  try {
    const timings = await interleave(all, limits)
    const rivalTimings = timings.slice(ours.length, ours.length + present.length)
    return {
      task: task.name,
      size: task.label(size),
      ours: timings.slice(0, ours.length),
      rivals: rivalTimings.map((timing, i) => ({ ...timing, ...comparison(ours, present[i], task) })),
      peak: timings[ours.length + present.length],
    }
  } finally {
    for (const { close } of all) await close?.()
  }
}

/**
 * @param {import('./harness.js').Contender[]} ours
 * @param {import('./harness.js').Contender} rival
 * @param {import('./tasks/index.js').Task} task
 */
function comparison(ours, rival, { scale, tolerance = TOLERANCE }) {
  const theirs = valuesOf(rival)
  const worst = Math.max(...ours.map((contender) => disagreement(valuesOf(contender), theirs, scale)))
  // JSON has no Infinity.
  return { disagreement: Math.min(worst, Number.MAX_VALUE), agrees: worst <= tolerance }
}

/** @param {import('./harness.js').Contender} contender */
function valuesOf({ name, values }) {
  if (values === undefined) throw new Error(`${name} has nothing to compare`)
  return values()
}

/** @param {Options} options */
async function main(options) {
  const { rivals } = await findRivals()
  const collimate = await loadPackage(options)
  const { accumulators, contender: peak } = await loadPeak(options.build)
  emit({ kind: 'peak', accumulators })
  const serve = await import('../dist/serve.js')
  const singlePeak = async () => (await loadPeak(options.build, 'f32')).contender
  const context = { collimate, serve, peak, singlePeak, rivals }
  for (const task of chosen(tasks, options.only)) {
    for (const size of options.short ? task.sizes.short : task.sizes.full) {
      emit({ kind: 'start', task: task.name, size: task.label(size) })
      try {
        emit({ kind: 'measurement', ...(await measure(task, size, context, options.short ? SHORT : FULL)) })
      } catch (error) {
        emit({ kind: 'failure', task: task.name, size: task.label(size), message: String(error) })
      }
    }
  }
  for (const report of options.reports ? chosen(reports, options.only) : []) {
    emit({ kind: 'start', task: report.name, size: '' })
    try {
      for (const figure of report.figures(context, options.short))
        emit({ kind: 'figure', task: report.name, ...figure })
    } catch (error) {
      emit({ kind: 'failure', task: report.name, size: '', message: String(error) })
    }
  }
  emit({ kind: 'done', sink: sink() })
  // A task that failed half set up may have left a rival's process, which would keep this one alive.
  process.exit()
}

await main(JSON.parse(process.argv[2]))
