// The packed package in real builds: every app fits a model, maps by it, and has to print the number that Node prints here.
//   node test/frameworks/run.js quick | all | NAME ...
//
// An app is apps/NAME.js:
//   dependencies  by their exact versions; installed in a folder of its own, in the system's folder for temporary files, and kept there
//   files         by their paths; job.js is there besides
//   manifest      what package.json has more
//   check         ({ node, server, worker, read, write, expected }), the tools below => the number, as text that contains it
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { transformSync } from 'esbuild'
import { run } from '../runtimes/process.js'
import { root, tool } from '../runtimes/project.js'

const here = join(root, 'test/frameworks')
const home = process.env.COLLIMATE_FRAMEWORKS ?? join(tmpdir(), 'collimate-frameworks')
const strict = process.env.COLLIMATE_ALL_RUNTIMES === '1'
/** The frameworks want Node 22 or later, whatever runs this. */
const NODE = tool('node24/bin/node')
const env = {
  PATH: `${dirname(NODE)}:${process.env.PATH}`,
  CI: '1',
  NO_COLOR: '1',
  NODE_ENV: undefined,
  WRANGLER_SEND_METRICS: 'false',
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
  ASTRO_TELEMETRY_DISABLED: '1',
  NG_CLI_ANALYTICS: 'false',
}
const BUILD_MS = 15 * 60_000
const ANSWER_MS = 120_000

function packed() {
  mkdirSync(home, { recursive: true })
  for (const name of readdirSync(home).filter((file) => file.endsWith('.tgz'))) rmSync(join(home, name))
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', home, root], { stdio: 'ignore' })
  return join(
    home,
    readdirSync(home).find((name) => name.endsWith('.tgz')),
  )
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Starts a server, asks it for a path once it answers, and ends it. @returns the text @throws with what it printed */
async function asked(command, args, port, { cwd, path = '/', ...more }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env, ...more.env }, detached: true })
  const said = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => said.push(data))
  try {
    const end = performance.now() + ANSWER_MS
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
      if (response?.ok) return await response.text()
      const text = response && (await response.text()).slice(0, 2000)
      if (response?.status >= 500 || child.exitCode !== null || performance.now() > end) {
        throw new Error(`${response?.status ?? 'no answer'} ${text ?? ''}\n${said.join('')}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
  }
}

/** The folder of an app with all that it needs. */
async function install(name, { dependencies, manifest, files }, tarball) {
  const folder = join(home, name)
  mkdirSync(folder, { recursive: true })
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const packageJson = JSON.stringify({ name, private: true, type: 'module', ...manifest, dependencies }, null, 2)
  const installed = join(folder, '.installed')
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== packageJson) {
    rmSync(folder, { recursive: true, force: true })
    write('package.json', packageJson)
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, env, timeout: BUILD_MS })
    writeFileSync(installed, packageJson)
  }
  const collimate = join(folder, 'node_modules/collimate')
  rmSync(collimate, { recursive: true, force: true })
  mkdirSync(collimate, { recursive: true })
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', collimate])
  const job = readFileSync(join(here, 'job.js'), 'utf8')
  write('job.js', job)
  write('job.cjs', transformSync(job, { format: 'cjs' }).code)
  for (const [path, text] of Object.entries(files)) write(path, text)
  return { folder, write }
}

function tools(folder, write, expected) {
  const node = (args, options = {}) =>
    run(NODE, args, { cwd: folder, timeout: BUILD_MS, ...options, env: { ...env, ...options.env } })
  return {
    folder,
    write,
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    expected,
    node,
    /** What a server of the app answers. It listens at PORT. */
    async server(args, options = {}) {
      const port = await freePort()
      return asked(
        NODE,
        args.map((arg) => arg.replace('PORT', String(port))),
        port,
        {
          cwd: folder,
          ...options,
          env: { PORT: String(port), HOST: '127.0.0.1', NITRO_PORT: String(port), ...options.env },
        },
      )
    },
    /** What workerd answers for a configuration of wrangler, or for the one that the build wrote. */
    async worker(config, options = {}) {
      const port = await freePort()
      const name = typeof config === 'string' ? config : 'wrangler.test.json'
      const whole = { name: 'app', compatibility_date: '2026-07-01', ...config }
      if (typeof config !== 'string') write(name, JSON.stringify(whole))
      const where = ['--config', name, '--local', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0']
      const args = [tool('wrangler/bin/wrangler.js'), 'dev', ...where]
      return asked(NODE, args, port, { cwd: folder, ...options })
    },
  }
}

const apps = Object.fromEntries(
  await Promise.all(
    readdirSync(join(here, 'apps')).map(async (file) => [
      file.replace('.js', ''),
      (await import(`./apps/${file}`)).default,
    ]),
  ),
)
const asks = process.argv.slice(2)
const wanted = Object.keys(apps).filter(
  (name) => asks.includes('all') || asks.includes(name) || (asks.includes('quick') && apps[name].quick),
)
if (wanted.length === 0) throw new Error(`say which: quick, all, or some of ${Object.keys(apps).join(', ')}`)

const total = { passed: 0, failed: 0, skipped: 0 }
if (!existsSync(NODE)) {
  console.log(`frameworks: ${strict ? 'FAILED' : 'skipped'}, ${NODE} is not installed: npm ci --prefix test/runtimes`)
  total[strict ? 'failed' : 'skipped']++
} else {
  const tarball = packed()
  const plain = { dependencies: {}, files: { 'main.js': "import { job } from './job.js'\nconsole.log(await job())\n" } }
  const { folder, write } = await install('node', plain, tarball)
  const expected = (await tools(folder, write).node(['main.js'])).trim()
  console.log(`Node: ${expected}`)
  for (const name of wanted) {
    const start = performance.now()
    try {
      const { folder, write } = await install(name, apps[name], tarball)
      const seconds = () => `${((performance.now() - start) / 1000).toFixed(0)} s`
      const installed = seconds()
      const said = await apps[name].check(tools(folder, write, expected))
      const [number] = /collimate \d+\.\d+/.exec(said) ?? [said]
      if (number !== expected) throw new Error(`it says ${number}, expected ${expected}`)
      console.log(`${name}: ${number}, after ${seconds()}, ${installed} of it installing`)
      total.passed++
    } catch (error) {
      console.log(`${name}: FAILED ${error?.stack ?? error}`)
      total.failed++
    }
  }
}
console.log(`frameworks: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
if (total.failed > 0) process.exitCode = 1
