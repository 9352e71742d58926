// Next.js: what its own bundler makes of the package in an edge route, in a route on Node, and in a page rendered on the server.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { run } from '../process.js'
import { tool } from '../project.js'

const FILES = {
  'package.json': JSON.stringify({ name: 'user-next', private: true }),
  'app/layout.js': `export default function Layout({ children }) { return <html><body>{children}</body></html> }\n`,
  'app/page.js': `import { binaryName, svd } from 'collimate'
export const dynamic = 'force-dynamic'
export default function Page() { return <p>{\`rendered \${svd([[3, 0], [0, 4]]).S[0]} \${binaryName()}\`}</p> }\n`,
  'app/edge/route.js': `import { run } from '../../suite/static.js'
export const runtime = 'edge'
export const POST = async (request) => Response.json({ edge: typeof EdgeRuntime, ...(await run(await request.json())) })\n`,
  'app/node/route.js': `import { run } from '../../suite/static.js'
export const POST = async (request) => Response.json({ edge: typeof EdgeRuntime, ...(await run(await request.json())) })\n`,
}

/** What a package needs, itself included, as it is installed here. */
function closure(name, found = new Set()) {
  const file = tool(`${name}/package.json`)
  if (found.has(name) || !existsSync(file)) return found
  found.add(name)
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(file, 'utf8'))
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) closure(needed, found)
  return found
}

async function build(project) {
  const folder = join(project.folder, 'next')
  for (const name of ['app/edge', 'app/node', 'node_modules']) mkdirSync(join(folder, name), { recursive: true })
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  for (const part of ['suite', 'node_modules/collimate']) {
    cpSync(join(project.folder, part), join(folder, part), { recursive: true })
  }
  for (const name of ['next', 'react', 'react-dom'].flatMap((name) => [...closure(name)])) {
    cpSync(tool(name), join(folder, 'node_modules', name), { recursive: true })
  }
  const env = { NEXT_TELEMETRY_DISABLED: '1', CI: '1' }
  await run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], { cwd: folder, env, timeout: 300_000 })
  return folder
}

const builds = new WeakMap()

function built(project) {
  if (!builds.has(project)) builds.set(project, build(project))
  return builds.get(project)
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function untilItAnswers(url) {
  for (let i = 0; i < 100; i++) {
    const response = await fetch(url).catch(() => undefined)
    if (response !== undefined) return response
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('next start does not answer')
}

function next(name, path, binary) {
  return {
    name,
    expected: { binary },
    missing: ['next', 'react', 'react-dom'].map(tool).find((folder) => !existsSync(folder)),
    async start(project) {
      const folder = await built(project)
      const port = await freePort()
      const address = `http://localhost:${port}`
      const args = ['node_modules/next/dist/bin/next', 'start', '-p', String(port)]
      const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' })
      const page = await (await untilItAnswers(address)).text()
      return {
        version: JSON.parse(readFileSync(tool('next/package.json'), 'utf8')).version,
        async run(input) {
          const response = await fetch(`${address}${path}`, { method: 'POST', body: JSON.stringify(input) })
          if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
          const { edge, ...outcome } = await response.json()
          if ((edge === 'string') !== (path === '/edge')) outcome.failed.push(`EdgeRuntime is ${edge}`)
          if (!page.includes('rendered 4 ')) outcome.failed.push('the page was not rendered on the server')
          return outcome
        },
        stop: () => new Promise((resolve) => child.on('close', resolve).kill()),
      }
    },
  }
}

const ofThisNode = Number(process.versions.node.split('.')[0]) < 22 ? 'simd' : 'relaxed'

export const nextjs = [
  next('Next.js, edge route', '/edge', 'simd'),
  next('Next.js, route on Node', '/node', ofThisNode),
]
