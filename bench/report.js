import { peakShare, targets } from './targets.js'

/** @typedef {import('./worker.js').Measurement} Measurement */

/**
 * What one build's process reported.
 *
 * @typedef {object} BuildResult
 * @property {import('./peak.js').Build} build
 * @property {{ importMs: number, firstCallMs: number } | undefined} cold
 * @property {number | undefined} accumulators of the fastest peak loop
 * @property {Measurement[]} measurements
 * @property {string[]} failures
 */

const HEADER = ['task', 'size', 'who', 'min ms', 'median ms', 'runs', 'GFLOP/s', 'ours / theirs, min', 'median']
/** Columns of words, to the left; figures go to the right. */
const WORDS = 3

const ms = (/** @type {number} */ t) => (t < 10 ? t.toFixed(2) : t < 100 ? t.toFixed(1) : t.toFixed(0))

/**
 * @param {import('./harness.js').Timing} timing
 * @returns {string[]}
 */
const figures = ({ name, minMs, medianMs, runs, gflops }) => [
  name,
  ms(minMs),
  ms(medianMs),
  String(runs),
  gflops === undefined ? '' : gflops.toFixed(1),
]

/**
 * For each of our variants a row, followed by the rivals' beside it.
 *
 * @param {Measurement} measurement
 * @returns {string[][]}
 */
function rows({ task, size, ours, rivals, peak }) {
  return ours.flatMap((our) => [
    [task, size, ...figures({ ...our, name: `collimate ${our.name}` }), '', ''],
    ...rivals.map((rival) => [
      '',
      '',
      ...figures(rival),
      (our.minMs / rival.minMs).toFixed(2),
      (our.medianMs / rival.medianMs).toFixed(2),
    ]),
    ...(peak === undefined ? [] : [['', '', ...figures(peak), '', '']]),
  ])
}

/** @param {string[][]} cells a header and rows, cells of one column padded to one width */
function aligned(cells) {
  const widths = cells[0].map((_, j) => Math.max(...cells.map((row) => row[j].length)))
  return cells.map((row) => row.map((cell, j) => (j < WORDS ? cell.padEnd(widths[j]) : cell.padStart(widths[j]))))
}

/** @param {Measurement[]} measurements */
export function textTable(measurements) {
  const [header, ...body] = aligned([HEADER, ...measurements.flatMap(rows)])
  return [header, ...body].map((row) => row.join('  ').trimEnd()).join('\n')
}

/** @param {Measurement[]} measurements */
function markdownTable(measurements) {
  const rule = HEADER.map((_, j) => (j < WORDS ? '---' : '---:'))
  return [HEADER, rule, ...measurements.flatMap(rows)].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/**
 * Shares of the peak, targets, and disagreements, a line each.
 *
 * @param {Measurement[]} measurements
 */
function remarks(measurements) {
  return measurements.flatMap((measurement) => {
    const { task, size, rivals } = measurement
    const share = peakShare(measurement)
    const verdicts = targets
      .filter((target) => target.task === task && target.size === size)
      .map(({ text, judge }) => ({ text, verdict: judge(measurement) }))
    return [
      ...(share === undefined ? [] : [`${task} ${size}: ${(100 * share).toFixed(0)} % of the peak loop`]),
      ...verdicts.map(({ text, verdict }) =>
        verdict === undefined
          ? `${task} ${size}: target ${text}: not judged, the rival is missing`
          : `${task} ${size}: target ${text}: ${verdict.figure}, ${verdict.met ? 'met' : 'MISSED'}`,
      ),
      ...rivals
        .filter(({ agrees }) => !agrees)
        .map(({ name, disagreement }) => `${task} ${size}: WRONG: results differ from ${name} by ${disagreement}`),
    ]
  })
}

/** @param {BuildResult} result */
function heading({ build, cold, accumulators }) {
  const start =
    cold === undefined ? '' : `; import ${ms(cold.importMs)} ms, first svd of 64 x 64 ${ms(cold.firstCallMs)} ms`
  const peak = accumulators === undefined ? '' : `; the peak loop is fastest with ${accumulators} accumulators`
  return `${build} build${peak}${start}`
}

/** @param {BuildResult} result */
export function textReport(result) {
  const lines = [...remarks(result.measurements), ...result.failures.map((failure) => `FAILED: ${failure}`)]
  return [heading(result), textTable(result.measurements), ...lines].join('\n')
}

/**
 * @param {{ date: string, node: string, v8: string, cpu: string, platform: string }} machine
 * @param {BuildResult[]} results
 */
export function markdownReport(machine, results) {
  const sections = results.map((result) => {
    const lines = remarks(result.measurements).map((remark) => `- ${remark}`)
    return [`## ${heading(result)}`, '', markdownTable(result.measurements), '', ...lines, ''].join('\n')
  })
  return [
    '# The last full run of `npm run bench`',
    '',
    `${machine.date}, Node ${machine.node} (V8 ${machine.v8}), ${machine.cpu}, ${machine.platform}, one thread.`,
    '',
    'Times are of whole calls of the public functions, copies into and out of WebAssembly included; the rivals hold their',
    'input already. Every task is timed in turn with its rivals. Native code is a yardstick: no page can run it.',
    '',
    ...sections,
  ].join('\n')
}
