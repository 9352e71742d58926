import assert from 'node:assert/strict'
import { join } from 'node:path'
import { chromium, firefox } from '../../test/runtimes/adapters/drivers.js'
import { tasksDuring } from '../../test/runtimes/adapters/tasks.js'
import { tool } from '../../test/runtimes/project.js'
import { serve } from '../serve.js'

export const needs = [tool('puppeteer-core'), chromium().missing, firefox().missing].filter(
  (path) => path !== undefined,
)

/** What a page's thread may compute at a time while a worker fits 10,000 x (256 + 256). */
const MOST_MS = 50
const RUNS = 3

const state = (page, ...states) =>
  page.waitForFunction((all) => all.includes(document.documentElement.dataset.state), { timeout: 90_000 }, states)

const text = (page, selector) => page.$eval(selector, (element) => element.textContent)
const measure = async (page, name) => text(page, `[data-measure=${name}]`)

async function fit(page, where) {
  await page.$eval(`input[value=${where}]`, (input) => input.click())
  await page.click('#fit')
  await state(page, 'done', 'failed')
  assert.equal(await text(page, '#status'), 'Done.')
  const [, recall] = (await text(page, '#result')).match(/([\d.]+) % find their other half first/)
  assert.ok(Number(recall) > 90, `recall ${recall} %`)
  return { frame: parseFloat(await measure(page, 'frame')), task: await measure(page, 'task') }
}

/** A fit that is given up stops, and the next one is as good as any. */
async function cancelled(page) {
  await page.$eval('input[value=worker]', (input) => input.click())
  await page.$eval('#rows', (input) => (input.value = 40_000))
  await page.click('#fit')
  await page.waitForFunction("document.querySelector('#phase').textContent === 'factor'", { timeout: 60_000 })
  const start = performance.now()
  await page.click('#cancel')
  await state(page, 'cancelled', 'done', 'failed')
  assert.match(await text(page, '#status'), /^Cancelled/)
  const ms = performance.now() - start
  await page.$eval('#rows', (input) => (input.value = 10_000))
  return ms
}

async function visit(driver, address, work) {
  const browser = await driver.start()
  try {
    const page = await browser.newPage()
    const complaints = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(`${address}/examples/web-worker/`)
    await state(page, 'idle')
    const said = await work(page)
    assert.deepEqual(complaints, [])
    return said
  } finally {
    await browser.stop()
  }
}

async function inChromium(page) {
  const longest = []
  let seen
  for (let run = 0; run < RUNS; run++) {
    const tasks = await tasksDuring(page, async () => (seen = await fit(page, 'worker')))
    longest.push(tasks[0])
  }
  assert.ok(Number(await measure(page, 'messages')) > 10, 'few messages of progress')
  const median = longest.toSorted((a, b) => a - b)[RUNS >> 1]
  assert.ok(median <= MOST_MS, `the page's thread computes for ${median} ms at a time`)
  // The page's own meter has to notice what it is there to notice.
  const once = await fit(page, 'once')
  assert.ok(once.frame > 100 && parseFloat(once.task) > 100, `a frozen page says ${once.frame} ms, ${once.task}`)
  await fit(page, 'turns')
  const ms = await cancelled(page)
  await fit(page, 'worker')
  return (
    `Chromium: longest task of the page while a worker fits 10,000 x (256 + 256) ${median.toFixed(1)} ms computing, by its own ` +
    `meter ${seen.task}, longest wait for a frame ${seen.frame} ms (fit in the page at once: ${once.frame} ms); cancelled in ${ms.toFixed(0)} ms`
  )
}

async function inFirefox(page) {
  const { frame, task } = await fit(page, 'worker')
  assert.equal(task, 'not told here')
  const ms = await cancelled(page)
  return `Firefox: longest wait for a frame ${frame} ms, cancelled in ${ms.toFixed(0)} ms`
}

export async function test({ folder, example }) {
  const server = await serve({ examples: join(example, '..'), dist: join(folder, 'node_modules/collimate/dist') })
  try {
    const said = [
      await visit(chromium(), server.address, inChromium),
      await visit(firefox(), server.address, inFirefox),
    ]
    return said.join('; ')
  } finally {
    server.stop()
  }
}
