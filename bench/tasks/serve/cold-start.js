import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gaussian } from '../../data.js'

const ITEMS = 1000
const DIMENSIONS = 256
const PAIRS = { full: 40, short: 3 }
const MOST_MS = 8

const serve = new URL('../../../dist/serve.js', import.meta.url).href
const node24 = fileURLToPath(new URL('../../../test/runtimes/node_modules/node24/bin/node', import.meta.url))

const EMPTY = "import 'node:fs'\n"
const FIRST = `import { readFileSync } from 'node:fs'
import { FlatIndex, loadAlignment } from ${JSON.stringify(serve)}
const read = (name) => new Uint8Array(readFileSync(new URL(name, import.meta.url)))
const [model, index] = [loadAlignment(read('model')), FlatIndex.fromBytes(read('index'))]
const { ids } = index.search(model.transformVector(new Float32Array(${DIMENSIONS}).fill(1), 0), 10)
if (ids.length !== 10) throw new Error('no answer')
`

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

/** Milliseconds of a fresh process. @param {string} node @param {string} file */
function processTime(node, file) {
  const start = performance.now()
  const { status, stderr } = spawnSync(node, [file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return performance.now() - start
}

/** From the import to the first answer, over a module that is empty. */
export const coldStart = {
  name: 'serve-cold',
  group: 'serve',
  /** @param {import('../../worker.js').Context} context @param {boolean} short */
  figures({ collimate, serve: { FlatIndex } }, short) {
    const folder = mkdtempSync(join(tmpdir(), 'collimate-cold-'))
    try {
      const views = [gaussian(600, DIMENSIONS, 71), gaussian(600, DIMENSIONS, 72)]
      const model = new collimate.PerfectAlignment({ nComponents: DIMENSIONS, selection: 'balanced' }).fit(views)
      const index = new FlatIndex({ dimensions: DIMENSIONS })
      index.add(gaussian(ITEMS, DIMENSIONS, 73))
      const file = (/** @type {string} */ name, /** @type {string | Uint8Array} */ content) => {
        writeFileSync(join(folder, name), content)
        return join(folder, name)
      }
      file('model', model.toBytes({ precision: 'f32' }))
      file('index', index.toBytes())
      const [empty, first] = [file('empty.mjs', EMPTY), file('first.mjs', FIRST)]
      const pairs = short ? PAIRS.short : PAIRS.full
      return [process.execPath, node24]
        .filter((node) => existsSync(node))
        .map((node) => {
          const times = Array.from({ length: pairs }, () => {
            const nothing = processTime(node, empty)
            return processTime(node, first) - nothing
          })
          const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
          return {
            name: `from import to first answer, Node ${version}, median of ${pairs}`,
            value: median(times),
            unit: 'ms',
            ...(!short && { most: MOST_MS }),
          }
        })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
