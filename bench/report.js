import { isMet, peakShare, shares, targets } from './targets.js'

/** @typedef {import('./worker.js').Measurement} Measurement */

/**
 * What one build's process reported.
 *
 * @typedef {object} BuildResult
 * @property {import('./peak.js').Build} build
 * @property {{ importMs: number, calls: { n: number, firstMs: number, tenthMs: number }[] } | undefined} cold
 * @property {number | undefined} accumulators of the fastest peak loop
 * @property {Measurement[]} measurements
 * @property {(import('./tasks/index.js').Figure & { task: string })[]} figures
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
 * @param {BuildResult} result
 */
function remarks({ build, measurements, figures }) {
  const lines = measurements.flatMap((measurement) => {
    const { task, size, rivals } = measurement
    const share = peakShare(measurement)
    const judged = targets.filter(
      (target) => target.task === task && target.size === size && (target.build ?? build) === build,
    )
    return [
      ...(share === undefined ? [] : [`${task} ${size}: ${(100 * share).toFixed(0)} % of the peak loop`]),
      ...judged.map((target) => {
        const measured = shares(target, measurement)
        const what = `${task} ${size}: at most ${target.most} of ${target.rival === 'peak' ? "the peak loop's time" : target.rival}`
        if (measured.length === 0) return `${what}: not judged, the rival is missing`
        return `${what}: ${measured.map((share) => share.toFixed(2)).join(', ')}, ${Math.max(...measured) <= target.most ? 'met' : 'MISSED'}`
      }),
      ...rivals
        .filter(({ agrees }) => !agrees)
        .map(({ name, disagreement }) => `${task} ${size}: WRONG: results differ from ${name} by ${disagreement}`),
    ]
  })
  return [...lines, ...growth(measurements), ...figures.map(figureText)]
}

/** @param {import('./tasks/index.js').Figure} figure */
function figureText(figure) {
  const { name, value, unit, most, least } = figure
  const bound = most === undefined ? (least === undefined ? '' : `at least ${least}`) : `at most ${most}`
  const judged = bound === '' ? '' : `, ${bound}: ${isMet(figure) ? 'met' : 'MISSED'}`
  return `${name}: ${Number(value.toPrecision(4))}${unit === '' ? '' : ` ${unit}`}${judged}`
}

/** The slope of log y against log x. @param {[number, number][]} points */
function exponent(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)])
  const mean = (/** @type {number} */ k) => logs.reduce((sum, p) => sum + p[k], 0) / logs.length
  const [mx, my] = [mean(0), mean(1)]
  return logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0)
}

/** How cost grows: the exponent over all sizes of a kind, where there are three or more. @param {Measurement[]} measurements */
function growth(measurements) {
  const times = (/** @type {string} */ task) =>
    measurements.filter((one) => one.task === task).map(({ size, ours }) => ({ size, ms: ours[0].minMs }))
  const fits = times('fit').map(({ size, ms }) => ({
    n: Number(/^\d+/.exec(size)?.[0]),
    d: Number(/\d+(?=\))/.exec(size)?.[0]),
    ms,
  }))
  const [first] = fits
  /** @type {[string, [number, number][]][]} */
  const kinds = [
    ['svd against n', times('svd').map(({ size, ms }) => [Number(size), ms])],
    ["fit, 'last', against samples", fits.filter(({ d }) => d === first.d).map(({ n, ms }) => [n, ms])],
    ["fit, 'last', against dimensions", fits.filter(({ n }) => n === first.n).map(({ d, ms }) => [2 * d, ms])],
  ]
  return kinds
    .filter(([, points]) => points.length >= 3)
    .map(([what, points]) => {
      const from = points[0][0]
      return `${what}, ${from} to ${points[points.length - 1][0]}: exponent ${exponent(points).toFixed(2)}`
    })
}

/** @param {BuildResult} result */
function heading({ build, cold, accumulators }) {
  const calls = (cold?.calls ?? []).map(
    ({ n, firstMs, tenthMs }) => `svd of ${n} x ${n}: first call ${ms(firstMs)} ms, tenth ${ms(tenthMs)} ms`,
  )
  const start = cold === undefined ? '' : `; import ${ms(cold.importMs)} ms, ${calls.join(', ')}`
  const peak = accumulators === undefined ? '' : `; the peak loop is fastest with ${accumulators} accumulators`
  return `${build} build${peak}${start}`
}

/** @param {BuildResult} result */
export function textReport(result) {
  const lines = [...remarks(result), ...result.failures.map((failure) => `FAILED: ${failure}`)]
  return [heading(result), textTable(result.measurements), ...lines].join('\n')
}

/**
 * @param {{ date: string, node: string, v8: string, cpu: string, platform: string }} machine
 * @param {BuildResult[]} results
 * @param {string} command
 */
export function markdownReport(machine, results, command) {
  const sections = results.map((result) => {
    const lines = remarks(result).map((remark) => `- ${remark}`)
    return [`## ${heading(result)}`, '', markdownTable(result.measurements), '', ...lines, ''].join('\n')
  })
  return [
    `# The last full run of \`${command}\``,
    '',
    `${machine.date}, Node ${machine.node} (V8 ${machine.v8}), ${machine.cpu}, ${machine.platform}, one thread.`,
    '',
    'Times are of whole calls of the public functions, copies into and out of WebAssembly included; the rivals hold their',
    'input already. Every task is timed in turn with its rivals. Native code is a yardstick: no page can run it.',
    '',
    ...sections,
  ].join('\n')
}
