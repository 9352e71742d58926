// Packs the package, installs the tarball in an empty project elsewhere, and uses it there as its users do.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const project = mkdtempSync(join(tmpdir(), 'collimate-package-'))
const run = (command, args, cwd = project) => execFileSync(command, args, { cwd, encoding: 'utf8' })

const USE = `
const model = new PerfectAlignment({ nComponents: 2 }).fit([[[1, 2], [3, 4], [5, 7], [2, 2]], [[2, 1], [4, 3], [7, 5], [2, 2]]])
const Z1 = model.transform([[1, 2], [3, 4]], 0)
const again = PerfectAlignment.fromBytes(model.toBytes())
if (cmae(Z1, model.transform([[2, 1], [4, 3]], 1)) > 1e-12) throw new Error('not aligned')
if (again.transform([[1, 2], [3, 4]], 0).data.some((z, i) => z !== Z1.data[i])) throw new Error('another model came back')
if (readNpy(writeNpy(Z1)).shape[0] !== 2) throw new Error('npy')
if (referenceExperiment({ seed: 1 }).Z.rows !== 2000) throw new Error('synthetic')
`

const TYPES = `
import {
  evaluate, JointFactor, linearCka, loadAlignment, matmul, Matrix, nearest, PerfectAlignment, qr, svd,
  type Evaluation, type MatrixLike, type SVD,
} from 'collimate'
import { readNpy } from 'collimate/io'
import { cmae, meanAveragePrecision, precisionAtK } from 'collimate/metrics'
import { crossValidate, spectrum, type CrossValidation, type Spectrum } from 'collimate/model-selection'
import { referenceExperiment } from 'collimate/synthetic'
const x: MatrixLike = { data: new Float32Array(4), dims: [2, 2] }
const f: SVD = svd(x)
declare const tensor: { readonly dims: readonly number[]; readonly data: Float32Array | BigInt64Array | string[] }
const again: Matrix = Matrix.from(JSON.parse(JSON.stringify(Matrix.from(tensor))) as MatrixLike)
const product: Float64Array = matmul(again, [1, 2])
export const read = [loadAlignment(new ArrayBuffer(8)), readNpy(new SharedArrayBuffer(8)), product]
const s: Float64Array = f.S
const u: Matrix = svd([[1]]).U
const v: undefined = svd([[1]], { vectors: 'none' }).V
const { Q, pivots } = qr(x, { pivoting: true })
const pivot: number = pivots[0] + Q.rows
const model = new PerfectAlignment({ nComponents: 1, selection: 'auto' }).fit([x, x])
const m: Matrix = model.transform(x, 0)
// @ts-expect-error a selection that does not exist
new PerfectAlignment({ nComponents: 1, selection: 'best' })
const judged: Evaluation = evaluate(model, [x, x], { labels: ['a', 'b'] })
const { indices, scores } = nearest(m, m, 1, { metric: 'csls' })
const chosen: CrossValidation<{ nComponents: number | 'all' }, PerfectAlignment> = crossValidate(PerfectAlignment, [x, x], { grid: { nComponents: [1] } })
const refitted: PerfectAlignment = chosen.refit()
// @ts-expect-error an option that the estimator does not have
crossValidate(PerfectAlignment, [x, x], { grid: { components: [1] } })
const seen: Spectrum = spectrum(new JointFactor([2, 2]), { selection: 'last' })
const k: number | undefined = seen.suggested
export const shares = [judged.means.linearCka, linearCka(m, m), precisionAtK(m, m, 1, [1, 2]), meanAveragePrecision(m, m, [1, 2])]
export const found = [indices[0], scores[0], refitted.nComponents, k]
export const n: number = cmae(m, m) + s[0] + u.rows + Number(v) + pivot + readNpy(new Uint8Array()).shape[0] + referenceExperiment({ seed: 'a' }).Z.rows
`

/** The raw builds, as platforms that compile at build time hand them over. */
const RAW_TYPES = ['', '-relaxed', '-f32', '-f32-relaxed']
  .map(
    (suffix, i) =>
      `import raw${i} from 'collimate/collimate${suffix}.wasm'\nexport const instance${i} = new WebAssembly.Instance(raw${i})\n`,
  )
  .join('')

/** The entries by their names, and what each exports according to its source: values, and types alone. */
function entries() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const names = Object.keys(exports).filter((name) => !/\.(wasm|json)$/.test(name))
  const files = names.map((name) => join(root, 'src', name, 'index.ts'))
  const options = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    skipLibCheck: true,
  }
  const program = ts.createProgram(files, options)
  const checker = program.getTypeChecker()
  return names.map((name, i) => {
    const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(files[i])))
    const isValue = (symbol) => {
      const original = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      const typeOnly = symbol.declarations.some((declaration) => ts.isTypeOnlyImportOrExportDeclaration(declaration))
      return !typeOnly && (original.flags & ts.SymbolFlags.Value) !== 0
    }
    const [values, types] = [symbols.filter(isValue), symbols.filter((symbol) => !isValue(symbol))]
    return {
      path: join('collimate', name),
      values: values.map((symbol) => symbol.name),
      types: types.map((symbol) => symbol.name),
    }
  })
}

const ENTRIES = entries()

/** Every name of every entry must be in the declarations ... */
const ALL_TYPES = ENTRIES.map(({ path, values, types }, i) =>
  [...values, ...types.map((name) => `type ${name}`)]
    .map((name) => `export { ${name} as ${name.replace('type ', '')}${i} } from '${path}'`)
    .join('\n'),
).join('\n')

/** ... and every value in the modules, and no other. */
const ALL_VALUES = ENTRIES.map(
  ({ path, values }) =>
    `same(${JSON.stringify(path)}, Object.keys(await load(${JSON.stringify(path)})), ${JSON.stringify(values)})`,
).join('\n')
const SAME = `const same = (path, found, expected) => {
  const without = (list, other) => list.filter((name) => !other.includes(name) && !['default', 'module.exports'].includes(name))
  const [more, less] = [without(found, expected), without(expected, found)]
  if (more.length + less.length > 0) throw new Error(path + ' exports ' + more.join() + ' besides, and lacks ' + less.join())
}
`

/** That every relative link of the texts leads to a file of the package. @returns how many there are */
function checkLinks(folder) {
  const texts = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.md'))
  const links = texts.flatMap((name) => {
    const targets = readFileSync(join(folder, name), 'utf8').matchAll(/\]\((?!#|[a-z]+:)([^)\s#]+)/g)
    return Array.from(targets, ([, target]) => ({ name, file: join(folder, dirname(name), target) }))
  })
  const dead = links.filter(({ file }) => !existsSync(file))
  if (links.length === 0 || dead.length > 0) throw new Error(`dead links: ${JSON.stringify(dead)} of ${links.length}`)
  return links.length
}

const imports = (from) => [
  from('{ PerfectAlignment, cmae }', 'collimate'),
  from('{ readNpy, writeNpy }', 'collimate/io'),
  from('{ referenceExperiment }', 'collimate/synthetic'),
]

try {
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], root)
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))
  writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true, "type": "module" }')
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', `./${tarball}`])
  const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))
  if (installed.join() !== 'collimate') throw new Error(`installed ${installed.join(', ')}: run-time dependencies`)

  const linked = checkLinks(join(project, 'node_modules/collimate'))
  writeFileSync(join(project, 'esm.js'), imports((names, path) => `import ${names} from '${path}'`).join('\n') + USE)
  writeFileSync(
    join(project, 'common.cjs'),
    imports((names, path) => `const ${names} = require('${path}')`).join('\n') + USE,
  )
  writeFileSync(join(project, 'all.js'), `${SAME}const load = (path) => import(path)\n${ALL_VALUES}`)
  const inRequire = `(async () => {\n${SAME}const load = (path) => require(path)\n${ALL_VALUES}\n})().catch((error) => { console.error(error); process.exit(1) })`
  writeFileSync(join(project, 'all.cjs'), inRequire)
  for (const file of ['all.js', 'all.cjs']) run('node', [file])
  run('node', ['esm.js'])
  run('node', ['common.cjs'])
  run('npx', ['--no-install', 'collimate', '--version'])

  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  for (const name of ['types.mts', 'types.cts']) writeFileSync(join(project, name), TYPES)
  writeFileSync(join(project, 'raw.mts'), RAW_TYPES)
  for (const name of ['names.mts', 'names.cts']) writeFileSync(join(project, name), ALL_TYPES)
  const strict = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom']
  run('node', [
    compiler,
    ...strict,
    '--module',
    'node16',
    '--moduleResolution',
    'node16',
    'types.mts',
    'types.cts',
    'names.mts',
    'names.cts',
    'raw.mts',
  ])
  run('node', [
    compiler,
    ...strict,
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    'types.mts',
    'names.mts',
    'raw.mts',
  ])
  const count = ENTRIES.reduce((sum, { values, types }) => sum + values.length + types.length, 0)
  console.log(`the packed tarball works: import, require, types of all ${count} names, command line, ${linked} links`)
} catch (error) {
  console.error(error.stdout ?? '', error.stderr ?? '')
  throw error
} finally {
  rmSync(project, { recursive: true, force: true })
}
