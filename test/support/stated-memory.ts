import { readSource, sourceFiles } from './source-files.js'

/** A bound for the growth of WebAssembly memory, as a docstring has it: `@memory [case: ]formula doubles and N MiB`. */
export interface StatedMemory {
  readonly formula: string
  readonly mebibytes: number
}

const DOCUMENTED = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\nexport (?:abstract )?(?:function|class) (\w+)/g
const TAG = /^(?:(.+): )?([^:]+?) (?:doubles|numbers of the precision) and (\d+) MiB/

/** All `@memory` of the sources in some folders, by 'name' or 'name, case'. */
export function statedMemory(folders: readonly string[]): Map<string, StatedMemory> {
  const stated = new Map<string, StatedMemory>()
  for (const path of folders.flatMap(sourceFiles)) {
    for (const [, comment, name] of readSource(path).matchAll(DOCUMENTED)) {
      for (const [, text = ''] of comment.matchAll(/@memory (.*)/g)) {
        const [, label, formula, mebibytes] = (TAG.exec(text) ?? []) as (string | undefined)[]
        if (formula === undefined) throw new Error(`${path}: ${name}: cannot read '@memory ${text}'`)
        stated.set(label === undefined ? name : `${name}, ${label}`, { formula, mebibytes: Number(mebibytes) })
      }
    }
  }
  return stated
}

/** The value of a formula such as 'max(2 p q, n^2) + 450 p'; products are written side by side. */
export function valueOf(formula: string, variables: Readonly<Record<string, number>>): number {
  const tokens: (string | undefined)[] = formula.match(/\d+|\w+|\S/g) ?? []
  const take = (token: string): boolean => tokens[0] === token && tokens.shift() !== undefined
  const expect = (token: string): void => {
    if (!take(token)) throw new Error(`${formula}: expected ${token}, got ${tokens[0] ?? 'the end'}`)
  }
  const sum = (): number => {
    let total = product()
    while (take('+')) total += product()
    return total
  }
  const product = (): number => {
    let total = power()
    while (/^[\w(]/.test(tokens[0] ?? '')) total *= power()
    return total
  }
  const power = (): number => {
    const base = factor()
    return take('^') ? base ** factor() : base
  }
  const factor = (): number => {
    const token = tokens.shift()
    if (token === '(') return closed([sum()])
    if (token === 'max') {
      expect('(')
      const values = [sum()]
      while (take(',')) values.push(sum())
      return closed(values)
    }
    const value = Number(token) || variables[token ?? '']
    if (!value) throw new Error(`${formula}: what is ${token ?? 'at the end'}?`)
    return value
  }
  const closed = (values: readonly number[]): number => {
    expect(')')
    return Math.max(...values)
  }
  const value = sum()
  if (tokens.length > 0) throw new Error(`${formula}: cannot read ${tokens.join(' ')}`)
  return value
}
