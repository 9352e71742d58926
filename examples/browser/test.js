import assert from 'node:assert/strict'
import { join } from 'node:path'
import { chromium, firefox } from '../../test/runtimes/adapters/drivers.js'
import { tool } from '../../test/runtimes/project.js'
import { serve } from '../serve.js'

export const needs = [tool('puppeteer-core'), chromium().missing, firefox().missing].filter(
  (path) => path !== undefined,
)

/** Texts on their backgrounds, by the names of the style sheet. */
const TEXTS = [
  ['ink', 'page'],
  ['ink', 'panel'],
  ['quiet', 'page'],
  ['quiet', 'panel'],
  ['good', 'page'],
  ['good', 'panel'],
  ['on-accent', 'accent'],
]
/** Of WCAG 2.2, level AA. */
const CONTRAST = 4.5

const ready = (page) => page.waitForFunction("document.documentElement.dataset.state === 'ready'", { timeout: 60_000 })

async function open(browser, address) {
  const page = await browser.newPage()
  const complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => complaints.push(message.text()))
  await page.goto(`${address}/examples/browser/`)
  await ready(page)
  return { page, complaints }
}

async function choose(page, selection) {
  await page.$eval(`input[value=${selection}]`, (input) => input.click())
  await ready(page)
  return figures(page)
}

/** What the page says, as numbers. */
const figures = (page) =>
  page.evaluate(() => {
    const text = (name) => document.querySelector(`[data-measure=${name}]`).textContent
    const superscript = { '⁻': '-', ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((c, i) => [c, `${i}`])) }
    const plain = (s) => s.replace(' × 10', 'e').replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (c) => superscript[c])
    const distance = (name) => Number(plain(text(name)))
    const share = (name) => Number(text(name).replace(' %', '')) / 100
    const firsts = [...document.querySelectorAll('.verdict')].filter((v) => v.textContent.includes('first')).length
    return {
      training: distance('training'),
      heldOut: distance('heldOut'),
      recall1: share('recall1'),
      recall10: share('recall10'),
      firsts,
    }
  })

/** Every selection says what examples/mfeat says of it, within what one split varies by. */
async function selections(page) {
  const last = await choose(page, 'last')
  const informative = await choose(page, 'informative')
  const balanced = await choose(page, 'balanced')
  const auto = await choose(page, 'auto')
  assert.ok(last.training < 1e-11 && last.recall1 > 0.3 && last.recall1 < 0.6, JSON.stringify(last))
  assert.ok(informative.training < 1e-11 && informative.recall1 > 0.93, JSON.stringify(informative))
  assert.ok(balanced.training > 0.05 && balanced.recall1 > 0.98, JSON.stringify(balanced))
  assert.ok(balanced.heldOut < last.heldOut && last.firsts < balanced.firsts)
  assert.deepEqual(auto, balanced)
  return { last: last.recall1, balanced: balanced.recall1 }
}

/** A slider that moves on while a fit is under way: the last position counts. */
async function slider(page) {
  await page.$eval('#pairs', (input) => {
    for (const value of [100, 900, 1200, 60]) {
      input.value = value
      input.dispatchEvent(new Event('input', { bubbles: true }))
    }
  })
  await ready(page)
  assert.match(await page.$eval('#status', (status) => status.textContent), /on 60 pairs/)
}

/** How many colours a canvas has: more than one if something is drawn. */
const colours = (page, selector) =>
  page.$eval(selector, (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })

async function drawn(page) {
  assert.ok((await colours(page, '#plane')) > 50, 'the plane is empty')
  assert.ok((await colours(page, '.found canvas')) > 2, 'a picture is empty')
  assert.ok((await colours(page, 'canvas.outline')) > 20, 'an outline is empty')
  assert.equal(await page.$$eval('#queries > li', (items) => items.length), 7)
}

/** The plane by keyboard: a pair is pointed at, and becomes the first query. */
async function keyboard(page) {
  await page.focus('#plane')
  await page.keyboard.press('ArrowRight')
  const pointed = await page.$eval('#pointed', (place) => place.textContent)
  assert.match(pointed, /^A \d; its outline finds this picture (at once|at rank \d+)/)
  const before = await page.$eval('#queries > li canvas', (canvas) => canvas.toDataURL())
  await page.keyboard.press('Enter')
  assert.notEqual(await page.$eval('#queries > li canvas', (canvas) => canvas.toDataURL()), before)
}

/** What can be operated has a name, and nothing is wider than the window. */
async function accessible(page) {
  const nodes = []
  const collect = (node) => {
    nodes.push(node)
    node.children?.forEach(collect)
  }
  collect(await page.accessibility.snapshot())
  const operated = nodes.filter(({ role }) => ['button', 'radio', 'slider', 'link'].includes(role))
  assert.ok(operated.length >= 9, `${operated.length} things can be operated`)
  for (const { role, name } of operated) assert.ok(name, `a ${role} has no name`)
  for (const width of [320, 768, 1280]) {
    await page.setViewport({ width, height: 800 })
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `wider than ${width}`)
  }
}

/** Relative luminance of '#rrggbb' (WCAG 2.2). */
function luminance(colour) {
  const parts = colour.match(/[0-9a-f]{2}/gi).map((hex) => parseInt(hex, 16) / 255)
  const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

async function readable(page) {
  const pages = []
  for (const value of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }])
    const colour = (name) =>
      page.evaluate((n) => getComputedStyle(document.documentElement).getPropertyValue(n).trim(), `--${name}`)
    for (const [text, ground] of TEXTS) {
      const [a, b] = [luminance(await colour(text)), luminance(await colour(ground))]
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      assert.ok(contrast >= CONTRAST, `${value}: ${text} on ${ground} has a contrast of ${contrast.toFixed(2)}`)
    }
    pages.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor))
  }
  assert.notEqual(pages[0], pages[1])
}

async function inBrowser(driver, address, work) {
  const browser = await driver.start()
  try {
    const { page, complaints } = await open(browser, address)
    const result = await work(page)
    assert.deepEqual(complaints, [])
    return `${browser.version}: ${result}`
  } finally {
    await browser.stop()
  }
}

export async function test({ folder, example }) {
  const server = await serve({ examples: join(example, '..'), dist: join(folder, 'node_modules/collimate/dist') })
  try {
    const work = async (page) => {
      const { last, balanced } = await selections(page)
      await drawn(page)
      await keyboard(page)
      await slider(page)
      return `recall@1 ${last} with 'last', ${balanced} with 'balanced'`
    }
    const inChromium = await inBrowser(chromium(), server.address, async (page) => {
      const said = await work(page)
      await accessible(page)
      await readable(page)
      return said
    })
    return `Chromium ${inChromium}; Firefox ${await inBrowser(firefox(), server.address, work)}`
  } finally {
    server.stop()
  }
}
