import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from '../../test/runtimes/adapters/drivers.js'
import { run } from '../../test/runtimes/process.js'
import { tool } from '../../test/runtimes/project.js'

const browser = chromium()
const driver = tool('puppeteer-core')

export const needs = []

/** What of the report does not depend on the machine: the models agree, and all times are there. */
function judge(report) {
  const angle = Number(/largest angle between the models: (\S+)/.exec(report)?.[1])
  assert.ok(angle <= 1e-10, report)
  assert.equal([...report.matchAll(/^ *\w.*?( +\d+\.\d\d){3}$/gm)].length, 5, report)
  return angle
}

async function inPage(example) {
  const { serve } = await import(pathToFileURL(join(example, 'serve.js')))
  const server = await serve()
  const started = await browser.start()
  try {
    const page = await started.visit(server.address)
    await page.waitForFunction(() => document.getElementById('workers').value !== '')
    await page.evaluate(() => {
      document.getElementById('rows').value = '20000'
      document.getElementById('workers').value = '2'
      document.getElementById('run').click()
    })
    const text = () => document.getElementById('report').textContent
    await page.waitForFunction(() => /angle|failed/.test(document.getElementById('report').textContent), {
      timeout: 120_000,
    })
    return judge(await page.evaluate(text))
  } finally {
    await started.stop()
    await server.stop()
  }
}

export async function test({ example }) {
  const report = await run(process.execPath, [
    join(example, 'main.js'),
    '--rows',
    '20000',
    '--parts',
    '7',
    '--workers',
    '2',
  ])
  const said = `2 worker threads give the model of one pass, to an angle of ${judge(report)}`
  const missing = browser.missing ?? (existsSync(driver) ? undefined : driver)
  if (missing === undefined) return `${said}; 2 Web Workers in Chromium, to ${await inPage(example)}`
  assert.notEqual(process.env.COLLIMATE_ALL_RUNTIMES, '1', `${missing} is not installed`)
  return `${said}; not tried in a page, as ${missing} is not installed`
}
