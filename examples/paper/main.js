// Regenerates the tables and figures of "Towards Achieving Perfect Multimodal Alignment" as report.html and numbers.json.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compare, RANGES } from './check/check.js'
import { EXPERIMENTS } from './experiments/index.js'
import { missingData } from './methods/data-sets.js'
import { page } from './report/page.js'
import { environment } from './run/machine.js'
import { runAll } from './run/pool.js'
import { progressDisplay } from './run/progress.js'

const LEAD = [
  'Abhi Kamboj and Minh N. Do (2025) align two modalities by a pair of linear maps, read off the left null space of the stacked data. This page repeats every table and figure of their paper with the JavaScript package <em>collimate</em>, from seeds, puts the paper’s numbers beside ours, tests each of its claims, and takes its open questions a step further.',
  'Where the paper gives one run, this page gives the median of many and the range that 90 % of them fall in. Where the paper leaves a choice open, the section says what was chosen.',
]

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: fileURLToPath(new URL('out', import.meta.url)) },
  },
})
const unknown = options.only.filter((id) => !EXPERIMENTS.some((experiment) => experiment.id === id))
if (unknown.length > 0) {
  console.error(
    `no experiment is called ${unknown.join(', ')}; there are ${EXPERIMENTS.map(({ id }) => id).join(', ')}`,
  )
  process.exit(2)
}

const folder = process.env.COLLIMATE_DATA
const wanted = EXPERIMENTS.filter(
  ({ id, fullOnly }) => (options.only.length === 0 || options.only.includes(id)) && !(options.quick && fullOnly),
)
const without = wanted.filter(({ data = [] }) => missingData(folder, data).length > 0)
const missing = [...new Set(wanted.flatMap(({ data = [] }) => missingData(folder, data)))]
const runnable = wanted.filter((experiment) => !without.includes(experiment))

const begun = performance.now()
const display = progressDisplay(process.stdout, runnable.length)
const outcomes = await runAll(
  runnable,
  { quick: options.quick, folder },
  {
    progress: display.progress,
    finished: (outcome) => display.finished({ ...outcome, summary: verdicts(outcome.result?.claims ?? []) }),
  },
)
const minutes = (performance.now() - begun) / 60_000

for (const { text } of missing) console.log(`\n${plain(text)}`)
const facts = environment()
const numbers = Object.fromEntries(
  [...outcomes].filter(([, { result }]) => result).map(([id, { result }]) => [id, result.numbers]),
)
const files = writeReport()
console.log(`\n${verdicts(allClaims())}; ${(60 * minutes).toFixed(0)} s`)
for (const file of files) console.log(file)
process.exitCode = judge()

function allClaims() {
  return [...outcomes.values()].flatMap(({ result }) => result?.claims ?? [])
}

function verdicts(claims) {
  const count = (verdict) => claims.filter((claim) => claim.verdict === verdict && !claim.question).length
  return `${count('reproduced')} reproduced, ${count('partly')} partly, ${count('not')} not`
}

/** HTML as text for a terminal. */
function plain(html) {
  return html.replace(/<[^>]*>/g, '').replaceAll('&nbsp;', ' ')
}

function writeReport() {
  const sections = wanted.map(({ id, title, item }) => {
    const { result, error, seconds } = outcomes.get(id) ?? {}
    return {
      id,
      title,
      item,
      seconds,
      claims: result?.claims ?? [],
      blocks: result?.blocks ?? [],
      error: error
        ? `This experiment failed: ${error.message}`
        : result
          ? undefined
          : 'Not run: its data is missing, see the top of the page.',
    }
  })
  const html = page({
    title: 'Towards Achieving Perfect Multimodal Alignment, reproduced',
    lead: LEAD,
    facts: factList(),
    missing: missing.map(({ text }) => text),
    sections,
  })
  mkdirSync(options.out, { recursive: true })
  const [report, json] = ['report.html', 'numbers.json'].map((name) => join(options.out, name))
  const claims = sections.flatMap(({ id, claims: own }) => own.map((claim) => ({ experiment: id, ...claim })))
  writeFileSync(report, html)
  writeFileSync(
    json,
    `${JSON.stringify({ quick: options.quick, minutes, environment: facts, numbers, claims }, null, 1)}\n`,
  )
  return [report, json]
}

function factList() {
  const gibibytes = facts.memoryBytes / 2 ** 30
  return [
    [
      'Run',
      `${facts.date.slice(0, 16).replace('T', ' ')} UTC, ${options.quick ? 'quick' : 'full'}, ${minutes.toFixed(1)} minutes`,
    ],
    [
      'Machine',
      `${facts.processor}, ${facts.cores} cores, ${gibibytes.toFixed(0)} GiB; ${facts.platform}; Node ${facts.node}, V8 ${facts.v8}; WebAssembly build “${facts.build}”`,
    ],
    [
      'Seeds',
      'Runs over seeds use the seeds 1, 2, 3 … of <code>collimate/synthetic</code>. Trials on data sets use the seeds 1, 2, 3 … for splits, initial weights and batches.',
    ],
    [
      'Versions',
      Object.entries(facts.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    [
      'Again',
      '<code>npm run reproduce</code>, in a minute <code>npm run reproduce -- --quick</code>, one section <code>npm run reproduce -- --only robustness</code>. Every number of this page is in <code>numbers.json</code> beside it.',
    ],
  ]
}

/** 0 if nothing failed and, for a quick run, all numbers lie in their ranges. */
function judge() {
  const failed = [...outcomes].filter(([, { error }]) => error)
  for (const [id, { error }] of failed) console.error(`${id}: ${error.stack ?? error.message}`)
  if (!options.quick) return failed.length > 0 ? 1 : 0
  const ran = Object.keys(numbers)
  const skipped = EXPERIMENTS.map(({ id }) => id).filter(
    (id) => !ran.includes(id) && !failed.some(([one]) => one === id),
  )
  const { compared, failures } = compare(numbers, RANGES, skipped)
  console.log(`${compared - failures.length} of ${compared} key numbers lie in their stored ranges`)
  for (const failure of failures) console.error(`out of range: ${failure}`)
  return failed.length + failures.length > 0 ? 1 : 0
}
