// Runs the conformance suite in every runtime, on the packed tarball, and prints a line for each.
//   node test/runtimes/run.js runtimes|browsers|all [part of a name]
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeProject, root } from './project.js'

const [group, filter = ''] = process.argv.slice(2)
const groups = {
  runtimes: async () => [
    ...(await import('./adapters/commands.js')).commands,
    ...(await import('./adapters/edge.js')).edge,
    ...(await import('./adapters/next.js')).nextjs,
  ],
  browsers: async () => [
    ...(await import('./adapters/browsers.js')).browsers,
    ...(await import('./adapters/bundlers.js')).bundlers,
  ],
  all: async () => [...(await groups.runtimes()), ...(await groups.browsers())],
}
if (!(group in groups)) throw new Error(`say which: ${Object.keys(groups).join(' or ')}`)

/** Set where everything has to be there; elsewhere what is missing is named and skipped. */
const strict = process.env.COLLIMATE_ALL_RUNTIMES === '1'
const golden = JSON.parse(readFileSync(join(root, 'test/golden/svd.json'), 'utf8')).cases
const project = makeProject()
const models = []
const total = { passed: 0, failed: 0, skipped: 0 }

const ms = (x) => (x > 0 ? `${x.toFixed(1)} ms` : 'no clock')

async function session(adapter, input) {
  const started = await adapter.start(project)
  try {
    return { version: started.version, ...(await started.run(input)) }
  } finally {
    await started.stop()
  }
}

function record(name, passed, failed) {
  total.passed += passed
  total.failed += failed.length
  for (const failure of failed) console.log(`    FAILED ${name}: ${failure}`)
}

async function first(adapter) {
  const { binary, unsupported } = adapter.expected
  const outcome = await session(adapter, unsupported === undefined ? { golden } : { unsupported })
  if (binary !== undefined && outcome.binary !== binary)
    outcome.failed.push(`runs the ${outcome.binary} build, expected ${binary}`)
  const { version, passed, failed, importMs, firstCallMs } = outcome
  const chosen = unsupported === undefined ? outcome.binary : 'refused, as expected'
  console.log(
    `${`${adapter.name} ${version}`.padEnd(44)} ${chosen.padEnd(8)} ${passed} passed, ${failed.length} failed, ` +
      `import ${ms(importMs)}, first call ${ms(firstCallMs)}`,
  )
  record(adapter.name, passed, failed)
  if (outcome.model !== undefined) models.push({ from: adapter.name, bytes: outcome.model })
}

/** An engine that gave no outcome at all, as browsers now and then do on a busy machine, is asked once more, and that is said; cases that fail are not. */
async function guarded(adapter, work, attempts = 2) {
  try {
    await work()
  } catch (error) {
    if (attempts > 1) {
      console.log(`${adapter.name} gave no outcome, trying again: ${error?.message ?? error}`)
      return guarded(adapter, work, attempts - 1)
    }
    console.log(`${adapter.name}: FAILED`)
    record(adapter.name, 0, [String(error?.stack ?? error)])
  }
}

try {
  const all = (await groups[group]()).filter(({ name }) => name.includes(filter))
  const there = all.filter(({ missing }) => missing === undefined)
  for (const { name, missing } of all.filter((adapter) => !there.includes(adapter))) {
    console.log(`${name.padEnd(44)} ${strict ? 'FAILED' : 'skipped'}: ${missing} is not installed`)
    if (strict) total.failed++
    else total.skipped++
  }
  for (const adapter of there) await guarded(adapter, () => first(adapter))
  console.log(`models of ${models.length} runtimes in every other`)
  for (const adapter of there.filter(({ expected }) => expected.unsupported === undefined)) {
    await guarded(adapter, async () => {
      const { passed, failed } = await session(adapter, { models })
      record(`models in ${adapter.name}`, passed, failed)
    })
  }
} finally {
  project.remove()
}
console.log(`${group}: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
if (total.failed > 0) process.exitCode = 1
