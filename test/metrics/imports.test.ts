import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const source = resolve(import.meta.dirname, '../../src')

/** Every file reached from `entry` by imports that survive compilation. */
function reachable(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  for (const [, path] of readFileSync(entry, 'utf8').matchAll(/^(?:import|export) (?!type )[^'"]*from '([^']+)'/gm)) {
    expect(path, `${entry} may import only files of the project`).toMatch(/^\./)
    reachable(resolve(dirname(entry), path.replace(/\.js$/, '.ts')), seen)
  }
  return seen
}

describe('the metrics entry', () => {
  it('reaches no WebAssembly and no package', () => {
    const files = [...reachable(resolve(source, 'metrics/index.ts'))].map((file) => relative(source, file))
    expect(files).toContain('metrics/singular-values.ts')
    expect(files.filter((file) => !/^((metrics|dense)\/)?[\w-]+\.ts$/.test(file))).toEqual([])
  })
})
