// Packs the package, installs the tarball in an empty project elsewhere, and uses it there as its users do.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

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
import { Matrix, PerfectAlignment, qr, svd, type MatrixLike, type SVD } from 'collimate'
import { readNpy } from 'collimate/io'
import { cmae } from 'collimate/metrics'
import { referenceExperiment } from 'collimate/synthetic'
const x: MatrixLike = { data: new Float32Array(4), dims: [2, 2] }
const f: SVD = svd(x)
const s: Float64Array = f.S
const u: Matrix = svd([[1]]).U
const v: undefined = svd([[1]], { vectors: 'none' }).V
const { Q, pivots } = qr(x, { pivoting: true })
const pivot: number = pivots[0] + Q.rows
const m: Matrix = new PerfectAlignment({ nComponents: 1, selection: 'auto' }).fit([x, x]).transform(x, 0)
// @ts-expect-error a selection that does not exist
new PerfectAlignment({ nComponents: 1, selection: 'best' })
export const n: number = cmae(m, m) + s[0] + u.rows + Number(v) + pivot + readNpy(new Uint8Array()).shape[0] + referenceExperiment({ seed: 'a' }).Z.rows
`

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

  writeFileSync(join(project, 'esm.js'), imports((names, path) => `import ${names} from '${path}'`).join('\n') + USE)
  writeFileSync(
    join(project, 'common.cjs'),
    imports((names, path) => `const ${names} = require('${path}')`).join('\n') + USE,
  )
  run('node', ['esm.js'])
  run('node', ['common.cjs'])
  run('npx', ['--no-install', 'collimate', '--version'])

  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  for (const name of ['types.mts', 'types.cts']) writeFileSync(join(project, name), TYPES)
  const strict = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom']
  run('node', [compiler, ...strict, '--module', 'node16', '--moduleResolution', 'node16', 'types.mts', 'types.cts'])
  run('node', [compiler, ...strict, '--module', 'esnext', '--moduleResolution', 'bundler', 'types.mts'])
  console.log('the packed tarball works: import, require, types, command line')
} catch (error) {
  console.error(error.stdout ?? '', error.stderr ?? '')
  throw error
} finally {
  rmSync(project, { recursive: true, force: true })
}
