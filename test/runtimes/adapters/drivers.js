// How each browser is started and sent to an address.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CHROMIUM = '/usr/bin/chromium'
const FIREFOX = '/usr/bin/firefox-esr'
const WEBKIT = '/usr/bin/WebKitWebDriver'
const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

const missing = (...files) => files.find((file) => !existsSync(file))

/** Starts a browser. Firefox now and then closes its connection while it starts on a busy machine: that alone is tried again, and said. */
async function launched(launcher, options, attempts = 3) {
  try {
    return await launcher.launch({ headless: true, ...options })
  } catch (error) {
    if (attempts === 1) throw error
    console.log(`    ${options.browser} did not start, trying again: ${error.message}`)
    return launched(launcher, options, attempts - 1)
  }
}

async function puppeteer(options) {
  const { default: launcher } = await import('puppeteer-core')
  const browser = await launched(launcher, options)
  const version = (await browser.version()).match(/[\d.]+/)?.[0]
  const newPage = () => browser.newPage()
  return {
    version,
    newPage,
    visit: async (url) => {
      const page = await newPage()
      await page.goto(url)
      return page
    },
    stop: () => browser.close(),
  }
}

/** @param {string[]} flags - of V8 */
export const chromium = (flags = []) => ({
  missing: missing(CHROMIUM),
  start: () => {
    // prettier-ignore
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync']
    if (flags.length > 0) args.push(`--js-flags=${flags.join(' ')}`)
    return puppeteer({ browser: 'chrome', executablePath: CHROMIUM, args })
  },
})

/** @param {Record<string, unknown>} prefs - as in about:config */
export const firefox = (prefs = {}) => ({
  missing: missing(FIREFOX),
  start: () => puppeteer({ browser: 'firefox', executablePath: FIREFOX, extraPrefsFirefox: prefs }),
})

async function webDriver(port, method, path, body) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
  const { value } = await response.json()
  if (!response.ok) throw new Error(`WebDriver ${path}: ${value.error} ${value.message}`)
  return value
}

async function untilReady(port) {
  for (let i = 0; i < 100; i++) {
    const status = await webDriver(port, 'GET', '/status').catch(() => undefined)
    if (status?.ready) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('WebKitWebDriver did not become ready')
}

/** @param {Record<string, string>} env - switches of JavaScriptCore */
export const webkit = (env = {}) => ({
  missing: missing(WEBKIT, MINI_BROWSER, '/usr/bin/xvfb-run'),
  async start() {
    const port = 20_000 + (process.pid % 20_000)
    const home = mkdtempSync(join(tmpdir(), 'collimate-webkit-'))
    const quiet = {
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
    }
    const child = spawn('xvfb-run', ['-a', '-s', '-screen 0 1280x800x24', WEBKIT, '-p', String(port)], {
      env: { ...process.env, ...quiet, NO_AT_BRIDGE: '1', HOME: home, ...env },
      stdio: 'ignore',
      detached: true,
    })
    await untilReady(port)
    const alwaysMatch = {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: MINI_BROWSER, args: ['--automation'] },
    }
    const created = await webDriver(port, 'POST', '/session', { capabilities: { alwaysMatch } })
    const { sessionId, capabilities } = created
    return {
      version: capabilities.browserVersion,
      visit: (url) => webDriver(port, 'POST', `/session/${sessionId}/url`, { url }),
      async stop() {
        await webDriver(port, 'DELETE', `/session/${sessionId}`)
        process.kill(-child.pid, 'SIGTERM')
        rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
      },
    }
  },
})
