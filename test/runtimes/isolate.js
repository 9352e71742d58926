// The memory of a Cloudflare isolate, which has 128 MiB in all, while it answers requests by a model of 2 x (512 -> 256): rows that are mapped, and vectors
// that are mapped and sought among 100,000 items of 256 dimensions, in 8 bits.
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cloudflareTools, wranglerBundle } from './adapters/cloudflare.js'
import { startIsolate, workerdTools } from './adapters/workerd.js'
import { makeProject } from './project.js'
import { served } from './served.js'

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
/** A Worker that does nothing but answer grows by 16 MiB in its first 2000 requests, and no more in the next 8000. */
const LONG_WARM_UP = 2000
/**
 * Requests between two collections. With room for 32 MiB V8 leaves some 2 kB of garbage a request until that is full, and does not give its pages back: the process
 * then shows how much room there was, and not what stays.
 */
const COLLECTED = 500
/** What is in use after a collection, and the whole process, may grow by over them: code that is optimised late. */
const USED_GROWTH_BYTES = MIB / 2
const RESIDENT_GROWTH_BYTES = 4 * MIB

const SEARCHES = 10_000
/** While an index is read its ids are held more than once: for these 8 MiB are too few. */
const SEARCH_FLAGS = ['--max-heap-size=32']
const ITEMS = 100_000

const WIDTH = 512
const COMPONENTS = 256

/** Rows of numbers that are the same everywhere. */
const rows = (count, seed) =>
  Array.from({ length: count }, (_, i) => Array.from({ length: WIDTH }, (_, j) => Math.sin(seed + 1.7 * i * j + i + j)))

function entryOf(folder, name) {
  const require = createRequire(join(folder, 'package.json'))
  return import(pathToFileURL(require.resolve(name).replace(/cjs$/, 'js')))
}

async function fittedModel(folder) {
  const { PerfectAlignment } = await entryOf(folder, 'collimate')
  return new PerfectAlignment({ nComponents: COMPONENTS, selection: 'balanced' }).fit([rows(600, 1), rows(600, 2)])
}

async function post(url, body) {
  const response = await fetch(url, { method: 'POST', body })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

/**
 * What so many requests leave of the memory.
 *
 * @param {Record<string, string>} data - bindings of files
 * @param {(answer: any) => void} check - throws if an answer is wrong
 */
async function measured(out, script, data, body, check, number, flags) {
  const isolate = await startIsolate(out, script, data, flags)
  try {
    const collect = async () => (await fetch(isolate.url)).json()
    const state = async () => {
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
        check(await post(isolate.url, body))
        if (i % 50 === 49) most = Math.max(most, (await isolate.heap()).held)
        if (i % COLLECTED === COLLECTED - 1) await collect()
      }
    }
    await requests(number > LONG_WARM_UP ? LONG_WARM_UP : WARM_UP)
    const before = await state()
    await requests(number)
    const after = await state()
    return { before, after, most, number }
  } finally {
    isolate.stop()
  }
}

const text = (bytes) => (bytes / MIB).toFixed(1)

function described({ before, after, most, number }) {
  const change = (name) => `${name} ${text(before[name])} -> ${text(after[name])}`
  return (
    `${number} requests; MiB, before -> after: ${['used', 'webAssembly', 'resident'].map(change).join(', ')}; ` +
    `heap at most ${text(most)} and WebAssembly ${text(after.webAssembly)} of ${text(LIMIT_BYTES)}`
  )
}

/** @throws unless the memory is flat and within `limit` bytes */
function judge(measurement, limit, flags) {
  const { before, after, most } = measurement
  const said = described(measurement)
  const grown = (name, growth) => {
    if (after[name] - before[name] > growth) throw new Error(`${name} memory is not flat: ${said}`)
  }
  grown('webAssembly', 0)
  grown('used', USED_GROWTH_BYTES)
  if (flags.length > 0) grown('resident', RESIDENT_GROWTH_BYTES)
  if (most + after.webAssembly > limit) throw new Error(`more than ${text(limit)}: ${said}`)
  return said
}

async function mapsRows(folder) {
  const out = await wranglerBundle(folder, 'suite/isolate-worker.js')
  const model = await fittedModel(folder)
  writeFileSync(join(out, 'model.safetensors'), model.toBytes({ precision: 'f32' }))
  for (const [heap, flags] of Object.entries(HEAPS)) {
    for (const count of [1, 16]) {
      const query = rows(count, 3)
      const expected = model.transform(query, 0).data
      const check = (got) => {
        const wrong = expected.findIndex((z, j) => !(Math.abs(z - got[j]) < 1e-5))
        if (wrong >= 0) throw new Error(`number ${wrong} is ${got[wrong]}, expected ${expected[wrong]}`)
      }
      const data = { MODEL: 'model.safetensors' }
      const found = await measured(out, 'isolate-worker.js', data, JSON.stringify(query), check, REQUESTS, flags)
      console.log(
        `isolate, ${heap}, ${count} row${count === 1 ? '' : 's'} a request: ${judge(found, MOST_BYTES, flags)}`,
      )
      total.passed++
    }
  }
}

async function searches(folder) {
  const [collimate, serve] = [await entryOf(folder, 'collimate'), await entryOf(folder, 'collimate/serve')]
  const out = await wranglerBundle(folder, 'suite/serving-worker.js')
  const { model, index } = served(collimate, serve)
  const files = { model: model(WIDTH, COMPONENTS), index: index(ITEMS, COMPONENTS, { storage: 'i8', rescore: false }) }
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(out, name), bytes)
  const [query] = rows(1, 3)
  const latent = serve.loadAlignment(files.model).transformVector(query, 0)
  const { ids } = serve.FlatIndex.fromBytes(files.index).search(latent, 1)
  const check = (got) => {
    if (got.ids.length !== 10 || got.ids[0] !== ids[0]) throw new Error(`found ${got.ids}, expected ${ids} first`)
  }
  const data = { MODEL: 'model', INDEX: 'index' }
  const found = await measured(out, 'serving-worker.js', data, JSON.stringify(query), check, SEARCHES, SEARCH_FLAGS)
  console.log(`isolate, 1 of ${ITEMS} x ${COMPONENTS} by 'i8' without rows: ${judge(found, LIMIT_BYTES, SEARCH_FLAGS)}`)
  total.passed++
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
    await mapsRows(project.folder)
    await searches(project.folder)
  } catch (error) {
    total.failed++
    console.log(`isolate: FAILED ${error.stack}`)
  } finally {
    project.remove()
  }
}
console.log(`isolate: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
if (total.failed > 0) process.exitCode = 1
