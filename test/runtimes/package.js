// What the packed package weighs, what its import does, what publint and attw say of it, and how long a cold start takes.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { importsDoNothing, offendersAreSeen } from './import-effects.js'
import { run } from './process.js'
import { errorsAcrossBuilds, vueKeepsThem } from './builds.js'
import { makeProject, tool } from './project.js'
import { COMPILERS, typesCompile } from './types.js'

const KIB = 1024
const strict = process.env.COLLIMATE_ALL_RUNTIMES === '1'
const total = { passed: 0, failed: 0, skipped: 0 }

/** A check that needs something installed; `work` returns what to print, and throws if it does not hold. */
async function check(name, needs, work) {
  const missing = needs.map(tool).find((path) => !existsSync(path))
  if (missing !== undefined) {
    console.log(`${name}: ${strict ? 'FAILED' : 'skipped'}, ${missing} is not installed`)
    total[strict ? 'failed' : 'skipped']++
    return
  }
  try {
    console.log(`${name}: ${await work()}`)
    total.passed++
  } catch (error) {
    console.log(`${name}: FAILED ${error.message}`)
    total.failed++
  }
}

function within(bytes, limit) {
  const text = `${(bytes / KIB).toFixed(1)} KiB of ${limit / KIB}`
  if (bytes > limit) throw new Error(text)
  return text
}

const DOCUMENTED = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8')

/** Holds a weight against the row of docs/performance.md that states it. */
function asDocumented(kib, row) {
  const stated = Number(
    DOCUMENTED.split('\n')
      .find((line) => line.startsWith(`| ${row} `))
      ?.split('|')[2],
  )
  if (!(Math.abs(kib / stated - 1) <= 0.1)) throw new Error(`${kib.toFixed(1)} KiB, docs/performance.md says ${stated}`)
}

async function bundled(folder, code) {
  const { build } = await import('esbuild')
  const stdin = { contents: code, resolveDir: folder }
  const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', minify: true, write: false })
  return outputFiles[0].contents
}

/** Milliseconds of a fresh process. */
async function processTime(folder, file) {
  const start = performance.now()
  await run(process.execPath, [file], { cwd: folder })
  return performance.now() - start
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

/** Modules, each of which runs in a process of its own. */
const COLD = {
  'cold-fit.js': `import { PerfectAlignment } from 'collimate'
    import { writeFileSync } from 'node:fs'
    const X = Array.from({ length: 50 }, (_, i) => [Math.sin(i), Math.cos(i), i])
    writeFileSync('model', new PerfectAlignment({ nComponents: 2 }).fit([X, X]).toBytes())`,
  'cold-empty.js': "import 'node:fs'",
  'cold-transform.js': `import { PerfectAlignment } from 'collimate'
    import { readFileSync } from 'node:fs'
    PerfectAlignment.fromBytes(new Uint8Array(readFileSync('model'))).transform([[1, 2, 3]], 0)`,
}

/** By turns, so that a machine that gets slower or faster does so for both. */
async function coldStart(folder) {
  for (const [file, code] of Object.entries(COLD)) writeFileSync(join(folder, file), code)
  await processTime(folder, 'cold-fit.js')
  const [whole, more] = [[], []]
  for (let i = 0; i < 20; i++) {
    const [empty, first] = [await processTime(folder, 'cold-empty.js'), await processTime(folder, 'cold-transform.js')]
    whole.push(first)
    more.push(first - empty)
  }
  const text = `${median(whole).toFixed(0)} ms from nothing to the first transform, ${median(more).toFixed(0)} ms more than an empty module`
  return `${text} (medians of 20; the aim is 15)`
}

const RAW = [
  'collimate.wasm',
  'collimate-relaxed.wasm',
  'collimate-f32.wasm',
  'collimate-f32-relaxed.wasm',
  'collimate-serve.wasm',
  'collimate-serve-relaxed.wasm',
]

/** As wrangler bundles them; not minified unless told to. `row` is that of docs/performance.md. */
const WORKERS = [
  {
    name: 'serves: loads a model, maps and searches',
    code: `import { FlatIndex, loadAlignment } from 'collimate/serve'
    let map, index
    export default { fetch: async (request, { ASSETS }) => {
      const asset = async (name) => new Uint8Array(await (await ASSETS.fetch('https://assets.local/' + name)).arrayBuffer())
      map ??= loadAlignment(await asset('model'))
      index ??= FlatIndex.fromBytes(await asset('index'))
      return Response.json(index.search(map.transformVector(await request.json(), 0), 10))
    } }`,
    most: 25,
  },
  {
    name: 'decomposes',
    row: '`svd`',
    code: "import { svd } from 'collimate'\nexport default { fetch: () => Response.json(svd([[1]])) }",
  },
  {
    name: 'maps',
    row: '`loadAlignment`',
    code: `import { loadAlignment } from 'collimate'
    export default { fetch: async (request) =>
      Response.json(loadAlignment(new Uint8Array(await request.arrayBuffer())).transform([[1, 2]], 0))
    }`,
  },
  {
    name: 'maps and searches',
    row: '`loadAlignment`, `nearest`',
    code: `import { loadAlignment, nearest } from 'collimate'
    export default { fetch: async (request) => {
      const query = loadAlignment(new Uint8Array(await request.arrayBuffer())).transform([[1, 2]], 0)
      return Response.json(nearest(query, query, 1))
    } }`,
  },
  {
    name: 'holds all of the package, minified',
    row: 'all of it, minified without names',
    code: "import * as collimate from 'collimate'\nexport default { fetch: () => new Response(Object.keys(collimate).join()) }",
    settings: { minify: true, keep_names: false },
  },
]

const WITHOUT_WASM = [
  ["import { cmae, ncmae, mlre } from 'collimate'\nconsole.log(cmae, ncmae, mlre)", 'cmae, ncmae, mlre'],
  ["import { recallAtK, meanReciprocalRank } from 'collimate'\nconsole.log(recallAtK, meanReciprocalRank)", 'ranking'],
  ["import * as metrics from 'collimate/metrics'\nconsole.log(metrics)", 'collimate/metrics'],
]

const project = makeProject()
const { folder, tarball } = project

try {
  for (const name of RAW) {
    await check(name, [], () => {
      // By the path that a user imports it by. The relaxed builds are not for every Node.
      const bytes = readFileSync(createRequire(join(folder, 'user.js')).resolve(`collimate/${name}`))
      if (!name.includes('relaxed')) new WebAssembly.Module(bytes)
      return within(bytes.length, 48 * KIB)
    })
  }
  await check('default entry with all builds, gzipped', ['esbuild'], async () =>
    within(gzipSync(await bundled(folder, "export * from 'collimate'")).length, 75 * KIB),
  )
  await check('collimate/serve with both builds, gzipped', ['esbuild'], async () =>
    within(gzipSync(await bundled(folder, "export * from 'collimate/serve'")).length, 20 * KIB),
  )
  for (const { name, row, code, settings, most = 75 } of WORKERS) {
    await check(`Worker that ${name}, gzipped`, ['wrangler', 'node24'], async () => {
      const { wranglerUpload } = await import('./adapters/cloudflare.js')
      writeFileSync(join(folder, 'sized.js'), code)
      const { out, gzippedKib } = await wranglerUpload(folder, 'sized.js', settings)
      if (!readdirSync(out).some((file) => file.endsWith('.wasm'))) throw new Error('there is no .wasm in it')
      const text = within(gzippedKib * KIB, most * KIB)
      if (row !== undefined) asDocumented(gzippedKib, row)
      return text
    })
  }
  for (const [code, name] of WITHOUT_WASM) {
    await check(`no WebAssembly in a bundle of ${name}`, ['esbuild'], async () => {
      const text = Buffer.from(await bundled(folder, code)).toString()
      // The alphabet that the binaries are written in (scripts/wasm-text.js).
      if (/!#%&\(\)\*\+-|WebAssembly/.test(text)) throw new Error('it holds WebAssembly')
      return `${(gzipSync(text).length / KIB).toFixed(1)} KiB gzipped`
    })
  }
  await check('an import does nothing but import', [], () => importsDoNothing(join(folder, 'node_modules/collimate')))
  await check('an import that does more is seen', [], offendersAreSeen)
  await check('publint', ['publint'], async () => {
    const { publint } = await import('publint')
    const { messages } = await publint({ pkgDir: join(folder, 'node_modules/collimate'), strict: true })
    if (messages.length > 0) throw new Error(JSON.stringify(messages, null, 2))
    return 'no complaint'
  })
  await check('attw', ['@arethetypeswrong/cli'], async () => {
    // The raw files are not modules.
    const raw = [...RAW.map((name) => `./${name}`), './package.json']
    const args = [tool('@arethetypeswrong/cli/dist/index.js'), tarball, '--exclude-entrypoints', ...raw]
    await run(process.execPath, args)
    return 'no complaint'
  })
  for (const [version, name] of Object.entries(COMPILERS)) {
    await check(`types by TypeScript ${version}`, [name], () => typesCompile(folder, name))
  }
  await check('errors of both builds, side by side', [], () => errorsAcrossBuilds(folder))
  await check('Vue', ['vue'], () => vueKeepsThem(folder))
  await check('cold start', [], () => coldStart(folder))
} finally {
  project.remove()
}
console.log(`package: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
if (total.failed > 0) process.exitCode = 1
