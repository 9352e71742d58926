/**
 * One way of doing a task. `run` does it once and gives the milliseconds; `values` gives what the last run computed, for
 * comparison with the others (absent where nothing is comparable, as for the peak loop).
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => number | Promise<number>} run
 * @property {(() => Float64Array) | undefined} [values]
 * @property {number | undefined} [flops] operations of one run, where a rate means something
 * @property {(() => void) | undefined} [close]
 */

/**
 * @typedef {object} Timing
 * @property {string} name
 * @property {number} runs
 * @property {number} minMs
 * @property {number} medianMs
 * @property {number | undefined} [gflops] the rate of the fastest run
 */

/**
 * How long one contender may take per task and size: `runs` at least, unless they exceed `budgetMs` (then `fewestRuns`),
 * and more than `runs` until `fillMs` has passed, because a minimum over ten short runs is mostly noise.
 *
 * @typedef {{ runs: number, fewestRuns: number, fillMs: number, budgetMs: number, warmUpMs: number }} Limits
 */

/** @type {Limits} */
export const FULL = { runs: 10, fewestRuns: 3, fillMs: 1_000, budgetMs: 8_000, warmUpMs: 1_500 }

/** @type {Limits} */
export const SHORT = { runs: 3, fewestRuns: 2, fillMs: 20, budgetMs: 500, warmUpMs: 100 }

let consumed = 0

/** The sum of everything timed code returned: printing it keeps an engine from dropping the work. */
export const sink = () => consumed

/**
 * A contender that runs in this process, on this process's clock.
 *
 * @template T
 * @param {string} name
 * @param {() => T} work what is timed
 * @param {(result: T) => Float64Array} read the comparable numbers in its result; not timed
 * @param {number} [flops]
 * @returns {Contender}
 */
export function inProcess(name, work, read, flops) {
  /** @type {T} */
  let result
  return {
    name,
    flops,
    run() {
      const start = performance.now()
      result = work()
      const elapsed = performance.now() - start
      consumed += read(result)[0]
      return elapsed
    },
    values: () => read(result),
  }
}

/** @param {number[]} sorted ascending, not empty */
function median(sorted) {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

// A run within this share of the best so far counts as no improvement.
const TIER_UP_GAIN = 0.05

/**
 * Runs until the engine's optimising compiler has taken over: until three runs in a row bring no gain, or time is up.
 *
 * @param {Contender} contender
 * @param {Limits} limits
 */
async function warmUp({ run }, { warmUpMs }) {
  let best = Infinity
  let spent = 0
  for (let idle = 0; idle < 3 && spent < warmUpMs; idle++) {
    const elapsed = await run()
    if (elapsed < best * (1 - TIER_UP_GAIN)) idle = -1
    best = Math.min(best, elapsed)
    spent += elapsed
  }
}

/**
 * @param {number} runs
 * @param {number} spent
 * @param {Limits} limits
 */
function wantsMore(runs, spent, limits) {
  if (runs < limits.fewestRuns) return true
  return runs < limits.runs ? spent < limits.budgetMs : spent < limits.fillMs
}

/**
 * Times the contenders in turn, A B C A B C ..., so that a change in the machine's clock or load meets all of them alike.
 *
 * @param {Contender[]} contenders
 * @param {Limits} limits
 * @returns {Promise<Timing[]>} in the order given
 */
export async function interleave(contenders, limits) {
  for (const contender of contenders) await warmUp(contender, limits)
  const tracks = contenders.map((contender) => ({ contender, times: /** @type {number[]} */ ([]), spent: 0 }))
  for (let active = tracks; active.length > 0;) {
    for (const track of active) {
      const elapsed = await track.contender.run()
      track.times.push(elapsed)
      track.spent += elapsed
    }
    active = active.filter(({ times, spent }) => wantsMore(times.length, spent, limits))
  }
  return tracks.map(({ contender, times }) => summarise(contender, times))
}

/**
 * @param {Contender} contender
 * @param {number[]} times
 * @returns {Timing}
 */
function summarise({ name, flops }, times) {
  const sorted = times.toSorted((a, b) => a - b)
  const minMs = sorted[0]
  const gflops = flops === undefined ? undefined : flops / minMs / 1e6
  return { name, runs: times.length, minMs, medianMs: median(sorted), gflops }
}

/**
 * How far two results are apart: relative to each entry (singular values) or to the largest (entries of a product, some
 * of which nearly cancel).
 *
 * @param {Float64Array} ours
 * @param {Float64Array} theirs
 * @param {'entry' | 'largest'} scale
 */
export function disagreement(ours, theirs, scale) {
  if (ours.length !== theirs.length) return Infinity
  const largest = theirs.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  let worst = 0
  for (let i = 0; i < ours.length; i++) {
    const error = Math.abs(ours[i] - theirs[i]) / (scale === 'entry' ? Math.abs(theirs[i]) : largest)
    // Written so that NaN counts as disagreement; 0 / 0 is two equal zeros.
    if (!(error <= worst) && ours[i] !== theirs[i]) worst = Number.isNaN(error) ? Infinity : error
  }
  return worst
}
