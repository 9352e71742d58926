import { expect, test } from 'vitest'
import ts from 'typescript'
import { absolutePath, readSource } from './support/source-files.js'

/** Where the public names are: one entry for each of the package's exports. */
const ENTRIES = [
  'src/index.ts',
  'src/io/index.ts',
  'src/metrics/index.ts',
  'src/model-selection/index.ts',
  'src/migration/index.ts',
  'src/score/index.ts',
  'src/solvers/index.ts',
  'src/features/index.ts',
  'src/serve/index.ts',
  'src/adapters/index.ts',
  'src/synthetic/index.ts',
]

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
        (ts.isMethodDeclaration(declaration) || ts.isPropertyDeclaration(declaration) || ts.isAccessor(declaration)) &&
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

test('the entries looked at are the exports of the package', () => {
  const { exports } = JSON.parse(readSource('package.json')) as { exports: Record<string, unknown> }
  const modules = Object.keys(exports).filter((name) => !/\.(wasm|json)$/.test(name))
  expect(modules.map((name) => `src/${name.slice(2)}/index.ts`.replace('//', '/')).sort()).toEqual([...ENTRIES].sort())
})

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
