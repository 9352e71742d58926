import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = new URL('../../', import.meta.url)

/** Paths are relative to the project, with forward slashes. */
export function absolutePath(path: string): string {
  return fileURLToPath(new URL(path, root))
}

export function readSource(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

/** Every TypeScript file below a folder, declarations included. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join(folder, path.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !path.includes('/node_modules/'))
    .sort()
}

/** What a file imports, re-exports or imports dynamically: specifiers as they are written. */
export function importsOf(path: string): string[] {
  const specifiers: string[] = []
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) specifiers.push(specifier.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, readSource(path), ts.ScriptTarget.Latest))
  return specifiers
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0]
  return undefined
}

export interface Import {
  readonly from: string
  /** A file of the project, or a package or builtin as it is written. */
  readonly to: string
  readonly internal: boolean
}

/** All imports of a folder's files, relative ones resolved. A relative import of a file that does not exist is an error. */
export function importGraph(folder: string): Import[] {
  const files = sourceFiles(folder)
  const resolve = (from: string, specifier: string): string => {
    const path = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '')
    const found = [`${path}.ts`, `${path}.d.ts`, `${path}/index.ts`].find((candidate) => files.includes(candidate))
    if (found === undefined) throw new Error(`${from} imports ${specifier}, which is no file of ${folder}/`)
    return found
  }
  return files.flatMap((from) =>
    importsOf(from).map((specifier) =>
      specifier.startsWith('.')
        ? { from, to: resolve(from, specifier), internal: true }
        : { from, to: specifier, internal: false },
    ),
  )
}

/** A cycle of imports as a path that ends where it began, or undefined. */
export function findCycle(graph: readonly Import[]): string[] | undefined {
  const next = new Map<string, string[]>()
  for (const { from, to, internal } of graph) if (internal) next.set(from, [...(next.get(from) ?? []), to])
  const finished = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (finished.has(file)) return undefined
    for (const to of next.get(file) ?? []) {
      const cycle = visit(to, [...path, file])
      if (cycle !== undefined) return cycle
    }
    finished.add(file)
    return undefined
  }
  for (const file of next.keys()) {
    const cycle = visit(file, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
