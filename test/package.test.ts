import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { subpathPackages } from '../scripts/subpath-folders.js'
import { readSource, sourceFiles } from './support/source-files.js'

interface Manifest {
  readonly exports: Record<string, unknown>
  readonly files: readonly string[]
}
const { exports, files } = JSON.parse(readSource('package.json')) as Manifest
const isRaw = (path: string) => path.endsWith('.wasm')
const subpaths = Object.keys(exports).filter((path) => !/^\.$|\.(wasm|json)$/.test(path))

describe('exports', () => {
  test.each(['.', ...subpaths])('%s has every condition, in one form', (path) => {
    const name = path === '.' ? 'index' : path.replace('./', '')
    const types = `./dist/${name}.d.ts`
    expect(exports[path]).toEqual({
      workerd: { types, default: `./dist/workerd/${name}.js` },
      // Next.js takes the first; what requires and is no bundler runs in Node, as Jest's edge environment does.
      'edge-light': {
        types,
        module: `./dist/edge-light/${name}.js`,
        require: `./dist/${name}.cjs`,
        default: `./dist/edge-light/${name}.js`,
      },
      import: { types, default: `./dist/${name}.js` },
      require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
    })
  })

  test('each raw build has types', () => {
    const raw = Object.keys(exports).filter(isRaw)
    expect(raw.length).toBeGreaterThan(3)
    for (const path of raw) {
      const file = path.replace('./', './dist/')
      expect(exports[path]).toEqual({ types: `${file}.d.ts`, default: file })
      expect(readFileSync(`${file}.d.ts`, 'utf8')).toContain('WebAssembly.Module')
    }
  })

  test('each subpath has a folder for what does not read them, with files that are there', () => {
    const packages = subpathPackages(exports)
    expect(Object.keys(packages).sort()).toEqual(subpaths.map((path) => path.replace('./', '')).sort())
    expect(files).toContain('*/package.json')
    for (const [name, content] of Object.entries(packages)) {
      expect(JSON.parse(readSource(`${name}/package.json`))).toEqual(content)
      for (const file of [content.main, content.module, content.types]) {
        expect(existsSync(join(name, file)), `${name}: ${file}`).toBe(true)
      }
    }
  })
})

/** The relative links of a text, without what follows `#`. */
const links = (text: string) =>
  Array.from(text.matchAll(/\]\(([^)\s#]+)(#[^)]*)?\)/g), ([, target]) => target).filter(
    (target) => !/^[a-z]+:/.test(target),
  )

test('the address of a repository stands in package.json, or nowhere: that is the one place to set it', () => {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((name) => extname(name) !== '').map((name) => `docs/${name}`) // prettier-ignore
  const texts = ['README.md', 'rollup.config.js', ...docs, ...sourceFiles('src')]
  expect(texts.length).toBeGreaterThan(100)
  const address = /(github|gitlab|codeberg|bitbucket)\.(com|org)[/:][\w.-]+\/collimate/
  expect(address.test('https://github.com/someone/collimate#readme')).toBe(true)
  expect(texts.filter((path) => address.test(readSource(path)))).toEqual([])
})

describe('links', () => {
  test('are found', () => {
    expect(links('[a](docs/x.md#y) [b](https://x.y/z) [c](#d)')).toEqual(['docs/x.md'])
    expect(links(readSource('README.md')).length).toBeGreaterThan(5)
  })

  test('of what is published lead to what is published', () => {
    const published = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => `docs/${name}`)]
    expect(files).toContain('CONTRIBUTING.md')
    for (const file of published.filter((name) => name.endsWith('.md'))) {
      for (const link of links(readSource(file))) {
        expect(published, `${link} in ${file}`).toContain(resolve(dirname(file), link).slice(process.cwd().length + 1))
      }
    }
  })
})
