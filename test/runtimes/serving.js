// What collimate/serve does where it is meant to run: requests to workerd that map a vector and search, and searches in browsers. Prints a line for each
// figure, with --json as JSON.
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { load } from '../../examples/edge-service/load.js'
import { cloudflareTools, wranglerBundle } from './adapters/cloudflare.js'
import { chromium, firefox } from './adapters/drivers.js'
import { serve } from './adapters/server.js'
import { startIsolate, workerdTools } from './adapters/workerd.js'
import { makeProject } from './project.js'
import { served } from './served.js'

const MIB = 2 ** 20
const WIDTH = 512
const COMPONENTS = 256
const GALLERIES = [
  { items: 10_000, storage: 'f32' },
  { items: 100_000, storage: 'i8', rescore: false },
  { items: 100_000, storage: 'binary', rescore: false },
]
const SEARCHES = [
  [10_000, 512],
  [100_000, 256],
]

const asJson = process.argv.includes('--json')
const strict = process.env.COLLIMATE_ALL_RUNTIMES === '1'

function print(name, value, unit) {
  const digits = Number(value.toPrecision(3))
  console.log(asJson ? JSON.stringify({ name, value, unit }) : `${name}: ${digits} ${unit}`)
}

/** @throws if what is missing has to be there */
function isMissing(what, missing) {
  if (missing === undefined) return false
  console.error(`serving, ${what}: ${strict ? 'FAILED' : 'skipped'}, ${missing} is not installed`)
  if (strict) process.exitCode = 1
  return true
}

async function inWorkerd(folder, { model, index }) {
  const out = await wranglerBundle(folder, 'suite/serving-worker.js')
  writeFileSync(join(out, 'model'), model(WIDTH, COMPONENTS))
  for (const { items, ...options } of GALLERIES) {
    const bytes = index(items, COMPONENTS, options)
    writeFileSync(join(out, 'index'), bytes)
    const isolate = await startIsolate(out, 'serving-worker.js', { MODEL: 'model', INDEX: 'index' })
    try {
      const bodies = Array.from({ length: 20 }, (_, i) => JSON.stringify(Array.from({ length: WIDTH }, (_, j) => Math.sin(i + j * (i + 2))))) // prettier-ignore
      await load(isolate.url, bodies, 200, { most: 200 })
      const { perSecond, p50, p99 } = await load(isolate.url, bodies, 200)
      const name = `workerd, 1 of ${items} x ${COMPONENTS} by '${options.storage}'${options.rescore === false ? ' without rows' : ''}`
      print(`${name}, requests`, perSecond, 'a second')
      print(`${name}, p50`, p50, 'ms')
      print(`${name}, p99`, p99, 'ms')
      print(`${name}, the file of the index`, bytes.length / MIB, 'MiB')
    } finally {
      isolate.stop()
    }
  }
}

async function inBrowser(name, driver, address) {
  const browser = await driver.start()
  try {
    const page = await browser.visit(`${address}/bundle?script=/suite/page-serving.js`)
    await page.waitForFunction('globalThis.mapping !== undefined')
    for (const [n, d] of SEARCHES) {
      const { f32, i8, binary, loop } = await page.evaluate((rows, cols) => globalThis.searches(rows, cols), n, d)
      const where = `${name}, 1 of ${n} x ${d}`
      print(`${where} by 'f32'`, f32, 'ms')
      print(`${where} by 'f32', over a loop with four sums`, f32 / loop, '')
      print(`${where} by 'i8', over 'f32'`, i8 / f32, '')
      print(`${where} by 'binary', over 'f32'`, binary / f32, '')
    }
    print(`${name}, transformVector ${WIDTH} -> ${COMPONENTS}`, 1000 * (await page.evaluate(() => globalThis.mapping())), 'us') // prettier-ignore
  } finally {
    await browser.stop()
  }
}

const project = makeProject()
try {
  const require = createRequire(join(project.folder, 'package.json'))
  const entry = (name) => import(pathToFileURL(require.resolve(name).replace(/cjs$/, 'js')))
  const files = served(await entry('collimate'), await entry('collimate/serve'))
  const missing = [...cloudflareTools.filter((path) => !existsSync(path)), ...workerdTools][0]
  if (!isMissing('workerd', missing)) await inWorkerd(project.folder, files)
  writeFileSync(join(project.folder, 'serving-model'), files.model(WIDTH, COMPONENTS))
  const server = await serve(project.folder)
  try {
    for (const [name, driver] of Object.entries({ Chromium: chromium(), Firefox: firefox() })) {
      if (!isMissing(name, driver.missing)) await inBrowser(name, driver, server.address)
    }
  } finally {
    server.stop()
  }
} finally {
  project.remove()
}
