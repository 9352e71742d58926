import { readdirSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as collimate from '../src/index.js'
import * as io from '../src/io/index.js'
import * as metrics from '../src/metrics/index.js'
import * as migration from '../src/migration/index.js'
import * as selection from '../src/model-selection/index.js'
import * as serve from '../src/serve/index.js'
import * as adapters from '../src/adapters/index.js'
import * as features from '../src/features/index.js'
import * as score from '../src/score/index.js'
import * as solvers from '../src/solvers/index.js'
import * as synthetic from '../src/synthetic/index.js'
import { examplesOf, runExample } from './support/examples.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const examples = examplesOf(readme)

/** Keeps what it is given as a structured clone. */
function memory() {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()
  return {
    write: (name: string, bytes: Uint8Array<ArrayBuffer>) => kept.set(name, structuredClone(bytes)),
    read: (name: string) => structuredClone(kept.get(name)) as Uint8Array<ArrayBuffer>,
  }
}

/** As much of IndexedDB as the README asks for. */
function indexedDatabase({ write, read }: ReturnType<typeof memory>) {
  const request = (result: unknown) => {
    const made = { result, onsuccess: undefined as (() => void) | undefined, onupgradeneeded: () => undefined }
    setTimeout(() => {
      made.onupgradeneeded()
      made.onsuccess?.()
    })
    return made
  }
  const objectStore = () => ({
    put: (bytes: Uint8Array<ArrayBuffer>, key: string) => request(write(key, bytes)),
    get: (key: string) => request(read(key)),
  })
  const database = { createObjectStore: () => undefined, transaction: () => ({ objectStore }) }
  return { open: () => request(database) }
}

describe('the examples of the README', () => {
  /** The one example with that in it. */
  const example = (part: string) => {
    const found = examples.filter((code) => code.includes(part))
    expect(found).toHaveLength(1)
    return found[0]
  }

  test('are all here', () => {
    expect(examples).toHaveLength(9)
  })

  test('ten lines from data to retrieval', async () => {
    const [line] = await runExample(example('recall@10'))
    expect(Number(line.replace('recall@10 ', ''))).toBeGreaterThan(0.5)
  })

  test('a change of the embedding model', async () => {
    const [tables] = await runExample(example('EmbeddingMigration').concat('\nif (query.length !== migration.mapStored(old).cols || !migration.evaluation.verdict.isAdvised) throw new Error("wrong")')) // prettier-ignore
    expect(tables).toContain('retention@10')
  })

  test('streams, merges, files, cancellation', async () => {
    expect((await runExample(example('signal:'))).length).toBeGreaterThan(0)
  })

  test('other linear methods', async () => {
    await runExample(example('cca.canonicalCorrelations').concat('\nif (!(loaded instanceof LeastSquares) || cca.canonicalCorrelations.length !== 2) throw new Error("wrong")')) // prettier-ignore
  })

  test('judging and searching', async () => {
    const [tables] = await runExample(example('nearest(').concat('\nif (indices.length !== 500 || ofThird.length !== 5 || ofThird[1] !== indices[11] || !(scores[0] >= scores[4]) || !(judged.means.recallAt[1] > 0.5)) throw new Error("wrong")')) // prettier-ignore
    expect(tables).toContain('recall@10')
  })

  test('choosing', async () => {
    const [table] = await runExample(example('crossValidate').concat('\nif (!(result.best.mean > 3 * result.chance) || best.nComponents !== result.best.options.nComponents) throw new Error("wrong")')) // prettier-ignore
    expect(table).toMatch(/^recall@1 on 5 folds of 40 held-out rows/)
  })

  test('keeping a model, in a page, in Node and at the edge', async () => {
    const fileSystem = memory()
    const writeFile = fileSystem.write
    const readFile = (name: string) => Promise.resolve(Buffer.from(fileSystem.read(name)))
    const platform = {
      indexedDB: indexedDatabase(memory()),
      files: { 'node:fs/promises': { readFile, writeFile } },
      fetch: () => Promise.resolve(new Response(fileSystem.read('model.safetensors'))),
    }
    const check = `
      const [expected, ...found] = [model, inPage, inNode, atEdge].map((kept) => kept.transform([[1, 1]], 0).data)
      if (found.some((data) => Math.abs(data[0] - expected[0]) > 1e-6 || Math.abs(data[1] - expected[1]) > 1e-6)) throw new Error("wrong")`
    await runExample(example('indexedDB').concat(check), platform)
  })

  test('serving', async () => {
    await runExample(example('new FlatIndex').concat('\nif (ids.length !== 3 || scores.length !== 3 || again.size !== 20 || ids.includes("item 7")) throw new Error("wrong")')) // prettier-ignore
  })

  test('linear algebra', async () => {
    await runExample(example('nullSpace').concat('\nif (rank !== 1 || N.cols !== 2 || pivots[0] !== 2 || !(S[0] > 8) || U === V || R.rows !== 2 || !(jacobi.largestCosine < 1e-12)) throw new Error("wrong")')) // prettier-ignore
  })
})

const entries: Record<string, object> = {
  collimate,
  'collimate/metrics': metrics,
  'collimate/model-selection': selection,
  'collimate/serve': serve,
  'collimate/migration': migration,
  'collimate/score': score,
  'collimate/solvers': solvers,
  'collimate/features': features,
  'collimate/adapters': adapters,
  'collimate/io': io,
  'collimate/synthetic': synthetic,
}

/** The names that the README lists under an entry. */
function listed(entry: string): string[] {
  const row = readme.split('\n').find((line) => line.startsWith(`| \`${entry}\` `))
  // Backticks with a blank or a bare identifier hold names; with a slash or a dot they name something else.
  return [...(row ?? '').matchAll(/`([\w ]+)`/g)]
    .flatMap(([, list]) => list.split(' '))
    .slice(entry === 'collimate' ? 1 : 0)
}

test.each(Object.entries(entries))('the names that the README lists under %s exist', (entry, module) => {
  expect(listed(entry).length).toBeGreaterThan(
    entry === 'collimate/solvers' ? 0 : entry === 'collimate/migration' ? 1 : 2,
  )
  for (const name of listed(entry)) expect(module).toHaveProperty(name)
})

test.each(Object.entries(entries))('the README lists all functions and classes of %s', (entry, module) => {
  const names = [...listed(entry), ...(entry === 'collimate' ? Object.keys(metrics) : [])]
  const isError = (value: unknown) => typeof value === 'function' && value.prototype instanceof Error
  const missing = Object.entries(module).filter(
    ([name, value]) => !isError(value) && !names.includes(name) && !names.includes(name.replace(/Async$/, '')),
  )
  expect(missing.map(([name]) => name)).toEqual([])
})

test('the README says what the builds weigh, to 2 kB', () => {
  const builds = readdirSync('build').filter((file) => /^(simd|relaxed)(-f32)?\.wasm$/.test(file))
  const sizes = builds.map((file) => statSync(`build/${file}`).size / 1000)
  const [, least, most] = /builds of (\d+) to (\d+) kB/.exec(readme) ?? []
  expect(builds).toHaveLength(4)
  expect(Math.abs(Math.min(...sizes) - Number(least))).toBeLessThanOrEqual(2)
  expect(Math.abs(Math.max(...sizes) - Number(most))).toBeLessThanOrEqual(2)
})
