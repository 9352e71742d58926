import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import vm from 'node:vm'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutImportEffects } from '../../scripts/loader-plugin.js'
import { readSource } from '../support/source-files.js'

// What npm run build made, where there is little but the language, or where nothing of it may be changed.

const root = fileURLToPath(new URL('../..', import.meta.url))
const { exports } = JSON.parse(readSource('package.json')) as {
  exports: Record<string, { require?: { default: string }; import?: { default: string } }>
}
const entries = Object.values(exports).filter((entry) => entry.require !== undefined)
const files = (condition: 'require' | 'import') =>
  entries.map((entry) => resolve(root, entry[condition]?.default ?? ''))

/** Fits, maps, keeps and loads a model, at once and asynchronously, reads and writes files. The functions are globals, the last value says how it went. */
const JOB = `
const X = Array.from({ length: 40 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(i * i)])
const Y = X.map(([a, b, c]) => [a + b, b - c])
const model = new PerfectAlignment({ nComponents: 2 }).fit([X, Y])
const again = PerfectAlignment.fromBytes(model.toBytes())
const same = again.transform(X, 0).data.every((z, i) => z === model.transform(X, 0).data[i])
const npy = readNpy(writeNpy(again.transform(Y, 1))).shape.join()
const synthetic = referenceExperiment({ seed: 1, n: 10 }).Z.rows
const job = svdAsync([[3, 0], [0, 4]]).then(({ S }) => [same, npy, synthetic, cmae(X, X), S[0]].join(' '))
`
const OUTCOME = 'true 40,2 10 0 4'
const NAMES = 'PerfectAlignment, svdAsync, cmae, readNpy, writeNpy, referenceExperiment'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'collimate-built-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const run = async (...args: string[]) => (await promisify(execFile)(process.execPath, args, { cwd: folder })).stdout

test('a vm context, which has neither TextDecoder nor performance nor timers', async () => {
  const context = vm.createContext({})
  expect(vm.runInContext('typeof TextDecoder + typeof performance + typeof setTimeout', context)).toBe(
    'undefined'.repeat(3),
  )
  const loaded = new Map<string, { exports: Record<string, unknown> }>()
  const load = (file: string): Record<string, unknown> => {
    const module = loaded.get(file) ?? { exports: {} }
    if (!loaded.has(file)) {
      loaded.set(file, module)
      const names = ['exports', 'require', 'module']
      const code = vm.compileFunction(readFileSync(file, 'utf8'), names, {
        parsingContext: context,
        filename: file,
      }) as (...values: unknown[]) => void
      code(module.exports, (path: string) => load(resolve(dirname(file), path)), module)
    }
    return module.exports
  }
  for (const file of files('require')) Object.assign(context, load(file))
  expect(await vm.runInContext(`(() => { ${JOB} return job })()`, context)).toBe(OUTCOME)
})

test('Node with frozen intrinsics', async () => {
  const imports = files('import').map((file, i) => `import * as entry${i} from '${pathToFileURL(file).href}'`)
  const all = `const { ${NAMES} } = { ${files('import')
    .map((_, i) => `...entry${i}`)
    .join(', ')} }`
  writeFileSync(join(folder, 'frozen.mjs'), [...imports, all, JOB, 'console.log(await job)'].join('\n'))
  expect((await run('--no-warnings', '--frozen-intrinsics', 'frozen.mjs')).trim()).toBe(OUTCOME)
})

test('a start-up snapshot of Node', async () => {
  const contents = `import v8 from 'node:v8'
    ${files('require')
      .map((file, i) => `import * as entry${i} from '${file}'`)
      .join('\n')}
    const { ${NAMES} } = { ${files('require')
      .map((_, i) => `...entry${i}`)
      .join(', ')} }
    v8.startupSnapshot.setDeserializeMainFunction(() => { ${JOB} job.then(console.log) })`
  await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    outfile: join(folder, 'snapshot.cjs'),
  })
  await run('--snapshot-blob', 'blob', '--build-snapshot', 'snapshot.cjs')
  expect((await run('--snapshot-blob', 'blob')).trim()).toBe(OUTCOME)
})

/** Files in dist that these import, and those that they import in turn. */
function reached(from: readonly string[], seen = new Set<string>()): Set<string> {
  for (const path of from) {
    if (!/\.c?js$/.test(path) || seen.has(path)) continue
    seen.add(path)
    const imports = readFileSync(join(root, 'dist', path), 'utf8').matchAll(/(?:from|import|import\(|require\()\s*['"](\.[^'"]+)['"]/g) // prettier-ignore
    reached(
      Array.from(imports, ([, target]) => join(dirname(path), target)),
      seen,
    )
  }
  return seen
}

describe('no file of the build', () => {
  const isScript = (path: string) => /\.c?js$/.test(path)
  const all = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter(isScript)
  // The command and the readers of files that only it has run in Node alone.
  const scripts = Array.from(reached(all.filter((path) => path !== 'cli.js' && !path.startsWith('chunks/'))))

  test.each([
    ['has a static block, which Babel presets refuse', /\bstatic\s*\{/],
    ['assigns to an intrinsic', /\b(Object|Array|Math|Promise)\.\w+\s*=[^=>]/],
    ['makes a TextDecoder at import', /^(const|let|var) \w+ = new Text(De|En)coder/m],
  ])('%s', (_, pattern) => {
    expect(scripts.length).toBeGreaterThan(20)
    for (const path of scripts) {
      expect(pattern.test(readFileSync(join(root, 'dist', path), 'utf8')), path).toBe(false)
    }
  })

  test('for platforms that compile nothing calls a compiler: Next.js builds none that does', () => {
    const edge = scripts.filter((path) => /^(workerd|edge-light)/.test(path))
    expect(edge.length).toBeGreaterThan(16)
    for (const path of edge) {
      expect(readFileSync(join(root, 'dist', path), 'utf8'), path).not.toMatch(
        /WebAssembly\.compile|\beval\(|\bFunction\(/,
      )
    }
  })
})

describe('what the build changes', () => {
  test('of the loader: a loader of another version stops it', () => {
    const loader = readFileSync(join(root, 'node_modules/@assemblyscript/loader/index.js'), 'utf8')
    expect(withoutImportEffects(loader)).not.toMatch(/Object\.hasOwn =|const utf16/)
    for (const part of [
      'const utf16',
      'utf16.decode(',
      'Object.hasOwn = ',
      'preInstantiate(imports);',
      'postInstantiate(extended, instance);',
    ]) {
      expect(() => withoutImportEffects(loader.replaceAll(part, 'changed ')), part).toThrow(
        '@assemblyscript/loader has changed',
      )
    }
  })
})
