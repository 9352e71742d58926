import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Engine } from '../src/runtime/engine.js'
import { partsOf } from './support/parts.js'
import { absolutePath, findCycle, importGraph, readSource, sourceFiles, type Import } from './support/source-files.js'

/** What each layer may import beside itself. A layer is a folder; the files of `base` are what everything stands on. */
const SOURCE_LAYERS: Record<string, readonly string[]> = {
  base: [],
  dense: ['base'],
  runtime: ['base'],
  linalg: ['runtime', 'dense', 'base'],
  metrics: ['dense', 'base'],
  search: ['metrics', 'runtime', 'dense', 'base'],
  random: ['base'],
  synthetic: ['random', 'base'],
  io: ['base'],
  align: ['features', 'linalg', 'metrics', 'io', 'random', 'runtime', 'dense', 'base'],
  'model-selection': ['align', 'search', 'features', 'linalg', 'metrics', 'random', 'runtime', 'dense', 'base'],
  comparison: ['align', 'linalg', 'metrics', 'runtime', 'dense', 'base'],
  evaluation: ['comparison', 'align', 'search', 'linalg', 'metrics', 'runtime', 'dense', 'base'],
  serve: ['io', 'runtime', 'base'],
  adapters: ['dense', 'base'],
  solvers: ['align', 'base'],
  score: ['model-selection', 'align', 'linalg', 'metrics', 'io', 'random', 'runtime', 'dense', 'base'],
  migration: ['model-selection', 'align', 'search', 'linalg', 'metrics', 'io', 'random', 'runtime', 'dense', 'base'],
  features: ['linalg', 'io', 'random', 'runtime', 'dense', 'base'],
  cli: [
    'migration',
    'score',
    'features',
    'solvers',
    'evaluation',
    'model-selection',
    'align',
    'search',
    'linalg',
    'metrics',
    'io',
    'random',
    'runtime',
    'dense',
    'base',
  ],
  entry: ['model-selection', 'evaluation', 'comparison', 'align', 'linalg', 'search', 'metrics', 'runtime', 'base'],
}

/** The rooms of align/ alike: an estimator stands on what all estimators share, and that on the factor, and none on another. */
const ALIGN_ROOMS: Record<string, readonly string[]> = {
  factor: [],
  model: ['factor'],
  perfect: ['model', 'factor'],
  canonical: ['model', 'factor'],
  contrastive: ['model', 'factor'],
  'least-squares': ['model', 'factor'],
  all: ['least-squares', 'contrastive', 'canonical', 'perfect', 'model', 'factor'],
}

const BASE_FILES = [
  'src/matrix.ts',
  'src/matrix-input.ts',
  'src/typed-arrays.ts',
  'src/half.ts',
  'src/describe.ts',
  'src/errors.ts',
  'src/keeping.ts',
  'src/latent-correlations.ts',
  'src/validation.ts',
  'src/vector.ts',
  'src/score-rows.ts',
  'src/steps.ts',
  'src/progress.ts',
  'src/registered.ts',
  'src/text-table.ts',
]
const ASSEMBLY_BASE_FILES = ['assembly/simd.ts', 'assembly/constants.ts', 'assembly/address.ts']

/** Packages and builtins, and the one layer that each is for: all else runs in any JavaScript runtime, without dependencies. */
const OUTSIDE: readonly [RegExp, layer: string][] = [
  [/^@assemblyscript\/loader$/, 'runtime'],
  [/^virtual:collimate-binaries$/, 'runtime'],
  [/^virtual:collimate-serve-binaries$/, 'serve'],
  [/^seedrandom(\/|$)/, 'random'],
  [/^commander$/, 'cli'],
  [/^csv-parse$/, 'cli'],
  [/^@observablehq\/plot$/, 'cli'],
  [/^linkedom$/, 'cli'],
  [/^(hyparquet(-writer)?|fzstd|@uwdata\/flechette)(\/|$)/, 'cli'],
  [/^node:/, 'cli'],
]

const ASSEMBLY_LAYERS: Record<string, readonly string[]> = {
  base: [],
  level1: ['base'],
  level2: ['level1', 'base'],
  level3: ['level1', 'base'],
  factor: ['level3', 'level2', 'level1', 'base'],
  serve: ['level1'],
  entry: ['serve', 'factor', 'level3', 'level2', 'level1', 'base'],
}

function sourceLayer(path: string): string {
  if (path === 'src/index.ts') return 'entry'
  if (BASE_FILES.includes(path)) return 'base'
  return path.split('/')[1]
}

/** Files of align/ itself stand on top of its rooms. */
function alignRoom(path: string): string {
  const [, , ...rest] = path.split('/')
  return rest.length === 1 ? 'all' : rest[0]
}

function assemblyLayer(path: string): string {
  if (/^assembly\/(index|double|parts|serve)\.ts$/.test(path)) return 'entry'
  if (ASSEMBLY_BASE_FILES.includes(path)) return 'base'
  return path.split('/')[1]
}

/** The imports that a table of layers forbids. */
function violations(
  graph: readonly Import[],
  layerOf: (path: string) => string,
  layers: Record<string, readonly string[]>,
): string[] {
  return graph
    .filter(({ internal }) => internal)
    .filter(({ from, to }) => layerOf(from) !== layerOf(to) && !layers[layerOf(from)].includes(layerOf(to)))
    .map(({ from, to }) => `${from} imports ${to}`)
}

describe('imports point down', () => {
  const source = importGraph('src')
  const assembly = importGraph('assembly')

  test('the parser sees them', () => {
    const found = (from: string, to: string) => source.some((i) => i.from === from && i.to === to)
    expect(found('src/index.ts', 'src/matrix.ts')).toBe(true)
    expect(found('src/linalg/svd.ts', 'src/runtime/engine.ts')).toBe(true)
    expect(found('src/runtime/binary.ts', 'virtual:collimate-binaries')).toBe(true)
    expect(source.length).toBeGreaterThan(60)
  })

  test('a table that forbids everything is violated', () => {
    const nothing = Object.fromEntries(Object.keys(SOURCE_LAYERS).map((layer) => [layer, []]))
    expect(violations(source, sourceLayer, nothing)).toContain('src/linalg/svd.ts imports src/runtime/engine.ts')
    const ring = [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
    ].map(([from, to]) => ({ from, to, internal: true }))
    expect(findCycle(ring)).toEqual(['b', 'c', 'b'])
  })

  test('every file of src/ belongs to a layer', () => {
    for (const path of sourceFiles('src')) expect(Object.keys(SOURCE_LAYERS), path).toContain(sourceLayer(path))
    for (const path of sourceFiles('assembly'))
      expect(Object.keys(ASSEMBLY_LAYERS), path).toContain(assemblyLayer(path))
  })

  test('src/', () => {
    expect(violations(source, sourceLayer, SOURCE_LAYERS)).toEqual([])
  })

  test('src/align/', () => {
    const inside = source.filter(({ from, to }) => [from, to].every((path) => path.startsWith('src/align/')))
    expect(violations(inside, alignRoom, ALIGN_ROOMS)).toEqual([])
    expect(violations(inside, alignRoom, { ...ALIGN_ROOMS, model: [] })).not.toEqual([])
  })

  test('assembly/', () => {
    expect(violations(assembly, assemblyLayer, ASSEMBLY_LAYERS)).toEqual([])
    expect(assembly.filter(({ internal }) => !internal)).toEqual([])
  })

  test('what serves reaches no fit, and no other kernels', () => {
    const reached = new Set(['src/serve/index.ts'])
    for (const from of reached) for (const i of source) if (i.from === from && i.internal) reached.add(i.to)
    const beyond = /^src\/(?!serve\/|io\/|runtime\/(compilation|growth)|[\w-]+\.ts)/
    expect([...reached].filter((path) => beyond.test(path))).toEqual([])
  })

  test('no cycles', () => {
    expect(findCycle(source)).toBeUndefined()
    expect(findCycle(assembly)).toBeUndefined()
  })

  test('packages and builtins only where they belong', () => {
    const allowed = ({ from, to }: Import) =>
      OUTSIDE.some(([name, layer]) => name.test(to) && sourceLayer(from) === layer)
    const stray = source.filter((i) => !i.internal && !allowed(i))
    expect(stray.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })
})

describe('CONTRIBUTING.md', () => {
  const text = readSource('CONTRIBUTING.md')

  test('draws every layer, and every room of src/align', () => {
    const [house = '', align = ''] = text.match(/```text[^`]*```/g) ?? []
    const missing = (picture: string, names: readonly string[]) =>
      names.filter((name) => !new RegExp(`(^|\\s)${name}\\b`, 'm').test(picture))
    expect(missing(house, Object.keys(SOURCE_LAYERS))).toEqual([])
    expect(
      missing(
        align,
        Object.keys(ALIGN_ROOMS).filter((room) => room !== 'all'),
      ),
    ).toEqual([])
  })

  test('names files that are there', () => {
    const named = Array.from(text.matchAll(/`((?:src|test|assembly)\/[\w/.-]+)`/g), ([, path]) => path)
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((path) => !existsSync(absolutePath(path)))).toEqual([])
  })
})

describe('kernels', () => {
  /** What a file of assembly/ exports itself: functions, and those of others under a new name. */
  const namesIn = (path: string) =>
    Array.from(readSource(path).matchAll(/(?:^export function|(?<=^export \{.*) as) (\w+)/gm), ([, name]) => name)
  const typedIn = (text: string) => Array.from(text.matchAll(/^ {2}(\w+)(?:: )?\(/gm), ([, name]) => name)
  const functions = (exports: object) =>
    Object.entries(exports).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
  const shared = namesIn('assembly/index.ts')
  const exported = [...shared, ...namesIn('assembly/double.ts')]
  const parts = namesIn('assembly/parts.ts')

  test('what the binaries export is what their source and the typed interface say', () => {
    expect(shared.length).toBeGreaterThan(25)
    for (const binary of ['simd', 'relaxed'] as const) {
      Engine.use(binary)
      for (const [precision, source] of [
        ['f64', exported],
        ['f32', shared],
      ] as const) {
        const engine = Engine.shared(precision)
        expect(
          functions(engine.kernels).sort(),
          `${precision}: is build/ older than assembly/? npm run build:wasm`,
        ).toEqual([...source].sort())
        expect(functions(partsOf(engine)).sort(), precision).toEqual([...parts].sort())
      }
    }
    const [both, doubleOnly] = readSource('src/runtime/kernels.ts').split('export interface Kernels ')
    expect(typedIn(both).sort()).toEqual([...shared].sort())
    expect([...typedIn(both), ...typedIn(doubleOnly)].sort()).toEqual([...exported].sort())
    expect(typedIn(readSource('test/support/parts.ts')).sort()).toEqual([...parts].sort())
  })

  test('the relaxed builds fuse multiplication and addition, the others do not', () => {
    // The instructions f64x2.relaxed_madd and f32x4.relaxed_madd.
    const fused = { '': [0xfd, 0x87, 0x02], '-f32': [0xfd, 0x85, 0x02] }
    for (const [suffix, instruction] of Object.entries(fused)) {
      for (const folder of ['build', 'build/parts']) {
        const fuses = (binary: string) =>
          readFileSync(`${folder}/${binary}${suffix}.wasm`).includes(Buffer.from(instruction))
        expect([fuses('simd'), fuses('relaxed')], `${folder}, ${suffix}`).toEqual([false, true])
      }
    }
  })

  test('each that is published is called by src/', () => {
    const source = sourceFiles('src')
      .filter((path) => path !== 'src/runtime/kernels.ts')
      .map(readSource)
      .join('\n')
    const called = (name: string) => new RegExp(`\\b${name}\\(|resume\\(kernels\\.${name},`).test(source)
    expect(exported.filter((name) => !called(name))).toEqual([])
  })

  test('each is called by a test of its own', () => {
    const files = [...sourceFiles('test/assembly'), ...sourceFiles('test/support')]
    const tests = files.map(readSource).join('\n')
    expect([...exported, ...parts].filter((name) => !tests.includes(`kernels.${name}(`))).toEqual([])
  })
})

describe('source', () => {
  const files = [...sourceFiles('src'), ...sourceFiles('assembly')]

  test('leaves nothing for later', () => {
    const unfinished = files.filter((path) => /\b(TODO|FIXME|XXX|HACK)\b/.test(readSource(path)))
    expect(unfinished).toEqual([])
  })

  test('prints nothing outside the command line', () => {
    const printing = files.filter((path) => !path.startsWith('src/cli/') && /\bconsole\s*\./.test(readSource(path)))
    expect(printing).toEqual([])
  })

  test('tells typed arrays by tag: those of another realm are of other classes', () => {
    const byClass = /\binstanceof\s+(\w+Array|ArrayBuffer|SharedArrayBuffer|DataView|Map|Set)\b/
    expect(byClass.test('x instanceof Float32Array')).toBe(true)
    expect(files.filter((path) => byClass.test(readSource(path)))).toEqual([])
  })

  test('silences neither the linter nor the type checker', () => {
    const all = [...sourceFiles('src'), ...sourceFiles('test')]
    // Spelt in two parts, or this file would find itself.
    const silencers = new RegExp(['eslint-' + 'disable', '@ts-' + '(ignore|nocheck|expect-error)'].join('|'))
    expect(all.filter((path) => silencers.test(readSource(path)))).toEqual([])
  })
})
