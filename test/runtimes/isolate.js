// The memory of a Cloudflare isolate, which has 128 MiB in all, while it answers requests by a model of 2 x (512 -> 256).
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cloudflareTools, wranglerBundle } from './adapters/cloudflare.js'
import { startIsolate, workerdTools } from './adapters/workerd.js'
import { makeProject } from './project.js'

const MIB = 2 ** 20
const LIMIT_BYTES = 128 * MIB
/**
 * Each number of rows a request is measured twice. Where V8 may have a heap of 8 MiB only, what grows shows in the process, or ends it. Where it may
 * have as much as it likes, it collects late: then what there is at most shows how much garbage a request leaves.
 */
const HEAPS = { 'heap of 8 MiB': ['--max-heap-size=8'], 'any heap': [] }
const MOST_BYTES = 48 * MIB
/** Requests before the first look, in which code is compiled and caches fill; then those that must not change anything. */
const WARM_UP = 250
const REQUESTS = 1000
/** What is in use after a collection, and the whole process, may grow by over them: code that is optimised late. */
const USED_GROWTH_BYTES = MIB / 2
const RESIDENT_GROWTH_BYTES = 4 * MIB

const WIDTH = 512
const COMPONENTS = 256

/** Rows of numbers that are the same everywhere. */
const rows = (count, seed) =>
  Array.from({ length: count }, (_, i) => Array.from({ length: WIDTH }, (_, j) => Math.sin(seed + 1.7 * i * j + i + j)))

async function fittedModel(folder) {
  const require = createRequire(join(folder, 'package.json'))
  const { PerfectAlignment } = await import(pathToFileURL(require.resolve('collimate').replace(/cjs$/, 'js')))
  return new PerfectAlignment({ nComponents: COMPONENTS, selection: 'balanced' }).fit([rows(600, 1), rows(600, 2)])
}

async function post(url, body) {
  const response = await fetch(url, { method: 'POST', body })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

/** What requests of so many rows each leave of the memory. @throws if an answer is wrong */
async function measured(out, model, count, flags) {
  const isolate = await startIsolate(out, 'isolate-worker.js', { MODEL: 'model.safetensors' }, flags)
  try {
    const query = rows(count, 3)
    const body = JSON.stringify(query)
    const expected = model.transform(query, 0).data
    const state = async () => {
      const collect = async () => (await fetch(isolate.url)).json()
      await collect()
      // Buffers are freed beside the collection that found them unused, and counted after the next.
      await new Promise((resolve) => setTimeout(resolve, 200))
      const webAssembly = await collect()
      const { used } = await isolate.heap()
      return { webAssembly, used, resident: isolate.resident() }
    }
    let most = 0
    const requests = async (number) => {
      for (let i = 0; i < number; i++) {
        const got = await post(isolate.url, body)
        const wrong = expected.findIndex((z, j) => !(Math.abs(z - got[j]) < 1e-5))
        if (wrong >= 0) throw new Error(`number ${wrong} is ${got[wrong]}, expected ${expected[wrong]}`)
        if (i % 50 === 49) most = Math.max(most, (await isolate.heap()).held)
      }
    }
    await requests(WARM_UP)
    const before = await state()
    await requests(REQUESTS)
    const after = await state()
    return { before, after, most }
  } finally {
    isolate.stop()
  }
}

const text = (bytes) => (bytes / MIB).toFixed(1)

function described({ before, after, most }) {
  const change = (name) => `${name} ${text(before[name])} -> ${text(after[name])}`
  return (
    `${REQUESTS} requests; MiB, before -> after: ${['used', 'webAssembly', 'resident'].map(change).join(', ')}; ` +
    `heap at most ${text(most)} and WebAssembly ${text(after.webAssembly)} of ${text(LIMIT_BYTES)}`
  )
}

/** @throws unless the memory is flat and within what an isolate has */
function judge({ before, after, most }, flags) {
  const said = described({ before, after, most })
  const grown = (name, limit) => {
    if (after[name] - before[name] > limit) throw new Error(`${name} memory is not flat: ${said}`)
  }
  grown('webAssembly', 0)
  grown('used', USED_GROWTH_BYTES)
  if (flags.length > 0) grown('resident', RESIDENT_GROWTH_BYTES)
  if (most + after.webAssembly > MOST_BYTES) throw new Error(`more than ${text(MOST_BYTES)}: ${said}`)
  return said
}

const total = { passed: 0, failed: 0, skipped: 0 }
const missing = [...cloudflareTools.filter((path) => !existsSync(path)), ...workerdTools][0]
const strict = process.env.COLLIMATE_ALL_RUNTIMES === '1'
if (missing !== undefined) {
  total[strict ? 'failed' : 'skipped']++
  console.log(`isolate: ${strict ? 'FAILED' : 'skipped'}, ${missing} is not installed`)
} else {
  const project = makeProject()
  try {
    const out = await wranglerBundle(project.folder, 'suite/isolate-worker.js')
    const model = await fittedModel(project.folder)
    writeFileSync(join(out, 'model.safetensors'), model.toBytes({ precision: 'f32' }))
    for (const [heap, flags] of Object.entries(HEAPS)) {
      for (const count of [1, 16]) {
        const said = judge(await measured(out, model, count, flags), flags)
        console.log(`isolate, ${heap}, ${count} row${count === 1 ? '' : 's'} a request: ${said}`)
        total.passed++
      }
    }
  } catch (error) {
    total.failed++
    console.log(`isolate: FAILED ${error.stack}`)
  } finally {
    project.remove()
  }
}
console.log(`isolate: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
if (total.failed > 0) process.exitCode = 1
