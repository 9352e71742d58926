#!/usr/bin/env node
// npm run bench: the package's builds beside their rivals, in one run. See README.md in this folder.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { arch, cpus, platform } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { results, scratch } from './paths.js'
import { compilePeaks } from './peak.js'
import { markdownReport, textReport } from './report.js'
import { findRivals } from './rivals/index.js'
import { reports, tasks } from './tasks/index.js'

/** @typedef {import('./peak.js').Build} Build */
/** @typedef {import('./report.js').BuildResult} BuildResult */

/** @type {Build[]} */
const BUILDS = ['simd', 'relaxed']
const TASKS = [
  ...new Set([...tasks, ...reports].flatMap(({ name, group }) => (group === undefined ? [name] : [group, name]))),
]

const HELP = `Usage: npm run bench -- [options]

Times the built package (npm run build) beside its rivals.

  --short         small sizes and few runs, for CI: fails if a task fails or its result differs from a rival's
  --only TASK     ${TASKS.join(', ')}; may be repeated
  --build BUILD   ${BUILDS.join(' or ')}; both by default
  --json FILE     write all figures to FILE as well
  --help

A full run is kept in bench/results/: of all (no --only, no --build), or of a group by itself (--only serve).
Exit code: 0 all tasks ran and agree with their rivals, 1 not so, 2 wrong use.`

/**
 * @param {string} message
 * @returns {never}
 */
function refuse(message) {
  console.error(`bench: ${message}`)
  process.exit(2)
}

/**
 * @param {string} name
 * @param {string[]} given
 * @param {string[]} known
 */
function checkChoices(name, given, known) {
  const unknown = given.find((choice) => !known.includes(choice))
  if (unknown !== undefined) refuse(`--${name} must be one of ${known.join(', ')}, got ${unknown}`)
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        short: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        build: { type: 'string', multiple: true, default: [] },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    checkChoices('only', values.only, TASKS)
    checkChoices('build', values.build, BUILDS)
    return values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** Flags a process needs to run a build: Node 20 has relaxed SIMD behind one, which later versions no longer know. */
async function flagsFor(/** @type {Build} */ build) {
  const runsHere = WebAssembly.validate(await readFile(new URL(`peak-${build}.wasm`, scratch)))
  return runsHere ? [] : ['--experimental-wasm-relaxed-simd']
}

/**
 * Times one build in a process of its own.
 *
 * @param {Build} build
 * @param {{ short: boolean, only: string[], reports: boolean }} options
 * @returns {Promise<BuildResult>}
 */
async function timeBuild(build, { short, only, reports }) {
  const worker = fileURLToPath(new URL('worker.js', import.meta.url))
  const args = [...(await flagsFor(build)), worker, JSON.stringify({ build, short, only, reports })]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  /** @type {BuildResult} */
  const result = { build, cold: undefined, accumulators: undefined, measurements: [], figures: [], failures: [] }
  let done = false
  for await (const line of createInterface({ input: child.stdout })) {
    const { kind, ...record } = JSON.parse(line)
    if (kind === 'cold') result.cold = record
    if (kind === 'peak') result.accumulators = record.accumulators
    if (kind === 'start') console.error(`${build}: ${record.task} ${record.size}`)
    if (kind === 'measurement') result.measurements.push(record)
    if (kind === 'figure') result.figures.push(record)
    if (kind === 'failure') result.failures.push(`${record.task} ${record.size}: ${record.message}`)
    if (kind === 'done') done = true
  }
  if (!done) result.failures.push(`the process for the ${build} build ended early`)
  return result
}

function machine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    v8: process.versions.v8,
    cpu: cpus()[0]?.model ?? 'unknown processor',
    platform: `${platform()} ${arch()}`,
  }
}

/**
 * @param {BuildResult[]} builds
 * @param {string} what was run: a group, or all
 */
async function keep(builds, what) {
  await mkdir(results, { recursive: true })
  const about = machine()
  const [command, name] = what === 'all' ? ['npm run bench', 'latest'] : [`npm run bench -- --only ${what}`, what]
  const report = markdownReport(about, builds, command)
  const files = { [`${name}.json`]: JSON.stringify({ ...about, builds }), [`${name}.md`]: report }
  for (const [name, text] of Object.entries(files)) {
    const file = new URL(name, results)
    const config = await resolveConfig(file)
    await writeFile(file, await format(text, { ...config, filepath: fileURLToPath(file) }))
  }
}

/** @param {BuildResult} result */
const isSound = ({ failures, measurements }) =>
  failures.length === 0 && measurements.every(({ rivals }) => rivals.every(({ agrees }) => agrees))

async function main() {
  const options = readOptions()
  if (options.help) return console.log(HELP)
  if (!existsSync(new URL('../dist/index.js', import.meta.url))) refuse('dist/ is missing: run npm run build first')

  const { missing } = await findRivals()
  for (const rival of missing) console.error(`bench: not compared with ${rival}`)
  await compilePeaks()

  const builds = options.build.length === 0 ? BUILDS : BUILDS.filter((build) => options.build.includes(build))
  const timed = []
  for (const build of builds) timed.push(await timeBuild(build, { ...options, reports: build === builds[0] }))
  console.log(timed.map(textReport).join('\n\n'))

  if (options.json !== undefined)
    await writeFile(options.json, JSON.stringify({ ...machine(), builds: timed }, null, 2))
  const { only } = options
  const isFull = !options.short && options.build.length === 0
  const what = only.length === 0 ? 'all' : tasks.find(({ group }) => only.length === 1 && group === only[0])?.group
  const sound = timed.every(isSound)
  if (isFull && sound && what !== undefined) await keep(timed, what)
  process.exitCode = sound ? 0 : 1
}

await main()
