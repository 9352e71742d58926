import { describe, expect, test } from 'vitest'
import ts from 'typescript'
import { Engine } from '../src/runtime/engine.js'
import { absolutePath, findCycle, importGraph, readSource, sourceFiles, type Import } from './support/source-files.js'

/** Where the public names are: one entry for each of the package's exports. */
const ENTRIES = ['src/index.ts', 'src/io/index.ts', 'src/metrics/index.ts', 'src/synthetic/index.ts']

/** What each layer may import beside itself. A layer is a folder; the files of `base` are what everything stands on. */
const SOURCE_LAYERS: Record<string, readonly string[]> = {
  base: [],
  runtime: ['base'],
  linalg: ['runtime', 'base'],
  metrics: ['base'],
  synthetic: ['base'],
  io: ['base'],
  align: ['linalg', 'metrics', 'io', 'runtime', 'base'],
  cli: ['align', 'linalg', 'metrics', 'io', 'runtime', 'base'],
  entry: ['align', 'linalg', 'metrics', 'runtime', 'base'],
}

const BASE_FILES = ['src/matrix.ts', 'src/errors.ts', 'src/validation.ts']

/** Packages and builtins, and the one layer that each is for: all else runs in any JavaScript runtime, without dependencies. */
const OUTSIDE: readonly [RegExp, layer: string][] = [
  [/^@assemblyscript\/loader$/, 'runtime'],
  [/^virtual:collimate-binaries$/, 'runtime'],
  [/^seedrandom(\/|$)/, 'synthetic'],
  [/^commander$/, 'cli'],
  [/^node:/, 'cli'],
]

const ASSEMBLY_LAYERS: Record<string, readonly string[]> = {
  base: [],
  level1: ['base'],
  level3: ['level1', 'base'],
  factor: ['level3', 'level1', 'base'],
  entry: ['factor', 'level3', 'level1', 'base'],
}

function sourceLayer(path: string): string {
  if (path === 'src/index.ts') return 'entry'
  if (BASE_FILES.includes(path)) return 'base'
  return path.split('/')[1]
}

function assemblyLayer(path: string): string {
  if (path === 'assembly/index.ts') return 'entry'
  if (path === 'assembly/simd.ts' || path === 'assembly/constants.ts') return 'base'
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

  test('assembly/', () => {
    expect(violations(assembly, assemblyLayer, ASSEMBLY_LAYERS)).toEqual([])
    expect(assembly.filter(({ internal }) => !internal)).toEqual([])
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

describe('documentation', () => {
  const program = ts.createProgram(ENTRIES.map(absolutePath), {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    strict: true,
    noEmit: true,
    types: [],
  })
  const checker = program.getTypeChecker()

  /** What an entry exports, with aliases followed to where the name is declared. */
  function exportsOf(entry: string): ts.Symbol[] {
    const file = program.getSourceFile(absolutePath(entry))
    const module = file && checker.getSymbolAtLocation(file)
    if (module === undefined) throw new Error(`${entry} is no module`)
    return checker
      .getExportsOfModule(module)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
  }

  function documented(symbol: ts.Symbol): boolean {
    return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() !== ''
  }

  function isClass(symbol: ts.Symbol): boolean {
    return (symbol.flags & ts.SymbolFlags.Class) !== 0
  }

  /** Public methods, properties and accessors that a class declares itself, static ones included. */
  function membersOf(symbol: ts.Symbol): ts.Symbol[] {
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override
    return [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])].filter((member) =>
      (member.declarations ?? []).some(
        (declaration) =>
          (ts.isMethodDeclaration(declaration) ||
            ts.isPropertyDeclaration(declaration) ||
            ts.isAccessor(declaration)) &&
          !ts.isPrivateIdentifier(declaration.name) &&
          (ts.getCombinedModifierFlags(declaration) & hidden) === 0,
      ),
    )
  }

  /** Functions and public methods that read a matrix, and so can refuse it. */
  function takesMatrix(symbol: ts.Symbol): boolean {
    return (symbol.declarations ?? []).some(
      (declaration) =>
        (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) &&
        declaration.parameters.some((parameter) => parameter.type?.getText().includes('MatrixLike')),
    )
  }

  function says(symbol: ts.Symbol, tag: string): boolean {
    return symbol.getJsDocTags(checker).some(({ name, text }) => name === tag && (text ?? []).length > 0)
  }

  test.each(ENTRIES)('%s: every export says what it is', (entry) => {
    const symbols = exportsOf(entry)
    expect(symbols.length).toBeGreaterThan(0)
    expect(symbols.filter((symbol) => !documented(symbol)).map(({ name }) => name)).toEqual([])
  })

  test.each(ENTRIES)('%s: so does every public member of a class', (entry) => {
    const silent = exportsOf(entry)
      .filter(isClass)
      .flatMap((symbol) => membersOf(symbol).map((member) => ({ name: `${symbol.name}.${member.name}`, member })))
      .filter(({ member }) => !documented(member))
    expect(silent.map(({ name }) => name)).toEqual([])
  })

  test('members are found', () => {
    const matrix = exportsOf('src/index.ts').find(({ name }) => name === 'Matrix')
    const names = matrix && membersOf(matrix).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['rows', 'cols', 'data', 'get', 'set', 'row', 'transpose', 'from']))
    expect(names).not.toContain('__constructor')
  })

  test.each(ENTRIES)('%s: what takes a matrix says what it throws', (entry) => {
    const functions = exportsOf(entry).flatMap((symbol) => [
      { name: symbol.name, symbol },
      ...(isClass(symbol) ? membersOf(symbol) : []).map((member) => ({
        name: `${symbol.name}.${member.name}`,
        symbol: member,
      })),
    ])
    const silent = functions.filter(({ symbol }) => takesMatrix(symbol) && !says(symbol, 'throws'))
    expect(silent.map(({ name }) => name)).toEqual([])
  })
})

describe('kernels', () => {
  const exported = Array.from(readSource('assembly/index.ts').matchAll(/^export function (\w+)/gm), ([, name]) => name)

  test('what the binaries export is what their source and the typed interface say', () => {
    expect(exported.length).toBeGreaterThan(30)
    for (const binary of ['simd', 'relaxed'] as const) {
      Engine.use(binary)
      const names = Object.entries(Engine.shared().kernels).filter(([, value]) => typeof value === 'function')
      expect(names.map(([name]) => name).sort()).toEqual([...exported].sort())
    }
    const typed = Array.from(readSource('src/runtime/kernels.ts').matchAll(/^ {2}(\w+)\(/gm), ([, name]) => name)
    expect(typed.sort()).toEqual([...exported].sort())
  })

  test('each is called by a test of its own', () => {
    const files = [...sourceFiles('test/assembly'), ...sourceFiles('test/support')]
    const tests = files.map(readSource).join('\n')
    expect(exported.filter((name) => !tests.includes(`kernels.${name}(`))).toEqual([])
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

  test('silences neither the linter nor the type checker', () => {
    const all = [...sourceFiles('src'), ...sourceFiles('test')]
    // Spelt in two parts, or this file would find itself.
    const silencers = new RegExp(['eslint-' + 'disable', '@ts-' + '(ignore|nocheck|expect-error)'].join('|'))
    expect(all.filter((path) => silencers.test(readSource(path)))).toEqual([])
  })
})
