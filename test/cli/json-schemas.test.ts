import { existsSync, readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B, C] = pairedModalities(60, [6, 5, 4])
const [a, b, c] = ['a', 'b', 'c'].map((name, m) => sandbox.npy(`${name}.npy`, [A, B, C][m]))
const path = (name: string) => sandbox.path(name)
const constant = sandbox.npy('constant.npy', new Matrix(60, 3, new Float64Array(180).fill(1)))
const labels = sandbox.file('labels.csv', Array.from({ length: 60 }, (_, i) => `${i % 3}\n`).join(''))
const table = sandbox.file('t.csv', `sku,p,q\n${Array.from({ length: 60 }, (_, i) => `s${i},${Math.sin(i)},${i % 7}\n`).join('')}`) // prettier-ignore

const infonce = ['--method', 'linear-contrastive', '--solver', 'infonce', '--epochs', '2']
/** What `info` is asked about, by what makes it. */
const MODELS: Record<string, string[]> = {
  perfect: [a, b, '-k', '3'],
  last: [a, b, '-k', '3', '--selection', 'last', '--tolerance', '1e-9', '--scale', 'false', '--state'],
  gradient: [a, b, '-k', '2', '--selection', 'last', '--solver', 'gradient', '--seed', 'word'],
  three: [a, b, c, '-k', '2', '--method', 'canonical-correlation', '--criterion', 'sumcor', '--precision', 'f32'],
  shrunk: [a, b, '-k', '2', '--method', 'canonical-correlation', '--regularization', 'oas'],
  rotated: [b, b, '--method', 'orthogonal-procrustes'],
  reduced: [a, b, '--method', 'orthogonal-procrustes', '-k', '2', '--scaling', '--no-center'],
  regressed: [a, b, '--method', 'least-squares'],
  chosen: [a, b, '--method', 'least-squares', '--ridge', 'gcv', '--target', '0'],
  closed: [a, b, '--method', 'linear-contrastive', '-k', '2'],
  infonce: [a, b, ...infonce, '-k', '2'],
  products: [a, b, ...infonce, '-k', '2', '--no-normalize'],
  featured: [a, b, '-k', '2', '--features', 'fourier:dimensions=9'],
}
beforeAll(async () => {
  for (const [name, argv] of Object.entries(MODELS)) {
    expect(await collimate(['fit', ...argv, '--out', path(name)])).toMatchObject({ code: 0 })
  }
  expect(await collimate(['fit', a, b, c, '-k', '2', '--out', path('of three')])).toMatchObject({ code: 0 })
  await collimate(['factor', a, b, '--source', 'x:0-60', '--out', path('part')])
  await collimate(['factor', a, '--out', path('nameless')])
})

/** Command lines that print JSON, by their command. */
const CASES: Record<string, readonly string[][]> = {
  spectrum: [[a, b], [a, b, c, '-k', '2', '--selection', 'last'], [a, constant], [a, a]],
  'cross-validate': [
    [a, b, '-k', '1,2'],
    [a, b, '-k', '2,3', '--selection', 'last,balanced', '--metric', 'r2', '--folds', '3'],
    // Some of these fail: there are no 6 components.
    [a, b, '-k', '2,6', '--method', 'canonical-correlation', '--regularization', '0,oas', '--metric', 'mrr'],
    [a, b, '--method', 'least-squares', '--metric', 'overlap@3', '--groups', labels, '--folds', '3'],
    [a, b, '-k', '2', '--features', 'fourier:dimensions=9', '--out', path('best')],
  ],
  evaluate: [
    [path('perfect'), a, b],
    [path('perfect'), a, b, '--labels', labels, '--metric', 'csls'],
    [path('of three'), a, b, c, '--rows', '0:2'],
    [path('shrunk'), a, b, '--metric', 'likelihood', '--labels', labels],
  ],
  nearest: [
    [a, a, '-k', '2'],
    [table, table, '--id', 'sku', '-k', '1', '--metric', 'euclidean'],
    [b, a, '--model', path('perfect'), '--from', '1', '-k', '3', '--rows', '0:2'],
  ],
  'migrate plan': [
    [a, b, '--out', path('migration'), '--force'],
    [a, a, '--out', path('migration'), '--force', '--old-model', 'one', '--new-model', 'two', '--curve', '20,30'],
  ],
  info: [
    ...[...Object.keys(MODELS), 'of three', 'part', 'nameless'].map((name) => [path(name)]),
    [a],
    [table, '--id', 'sku'],
    [table, '--skip', 'sku'],
    [sandbox.npy('nothing.npy', new Matrix(0, 3))],
    [sandbox.npy('bad.npy', new Matrix(2, 2, Float64Array.of(NaN, 1, Infinity, 0)))],
  ],
} // prettier-ignore

interface Schema {
  readonly title?: string
  readonly [keyword: string]: unknown
}
const file = (command: string) => new URL(`../../docs/schemas/${command.replace(' ', '-')}.json`, import.meta.url)
const schemaOf = (command: string) => JSON.parse(readFileSync(file(command), 'utf8')) as Schema
const validator = (schema: Schema): ValidateFunction =>
  new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

async function printed(command: string, argv: readonly string[]) {
  const json = await collimate([...command.split(' '), ...argv, '--json'])
  expect(json.stderr.replace(/^note: .*\n/gm, '')).toBe('')
  const { stdout } = await collimate([...command.split(' '), ...argv])
  return { value: JSON.parse(json.stdout) as unknown, text: stdout }
}

/** All titles in a schema: how the text calls what is there. */
function titles(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { title } = schema as Schema
  return [...(typeof title === 'string' ? [title] : []), ...Object.values(schema).flatMap(titles)]
}

/** How the text calls what it shows: its labels, or the headings of its tables. */
function names(command: string, text: string): string[] {
  if (command === 'info') return text.trimEnd().split('\n').map((line) => line.split(/ {2,}/)[0]) // prettier-ignore
  const isHeading = {
    spectrum: /\bsigma\b/,
    evaluate: /\b(CMAE|energy|MRR|mAP)\b/,
    'cross-validate': /\bdeviation\b/,
    nearest: /\bquery\b/,
    'migrate plan': /\bsetting\b/,
  }
  const headings = text.split('\n').filter((line) => isHeading[command as keyof typeof isHeading].test(line))
  expect(headings).not.toEqual([])
  return headings.flatMap((line) => line.trim().split(/ {2,}/))
}
/** Columns that are named by a number, an option or a metric; the rank of a neighbour is its place in a list. */
const isOwn = (name: string) => !/^(rank|kept \d+|(recall|precision|retention)@\d+|cosine|csls|likelihood)$/.test(name)

describe('--json', () => {
  it('has a schema in every command that takes it, and a case here', async () => {
    const steps = async (...words: string[]): Promise<string[]> => {
      const [listed = ''] = /Commands:\n([^]*?)\n\n/.exec((await collimate([...words, '--help'])).stdout) ?? []
      return Array.from(listed.matchAll(/^ {2}([a-z-]+) /gm), ([, name]) => name).filter((name) => name !== 'help')
    }
    const printing: string[] = []
    for (const command of await steps()) {
      const own = (await steps(command)).map((step) => `${command} ${step}`)
      for (const name of own.length > 0 ? own : [command]) {
        if ((await collimate([...name.split(' '), '--help'])).stdout.includes('--json')) printing.push(name)
      }
    }
    // Of stores only, which are not here.
    expect(printing.splice(printing.indexOf('migrate verify'), 1)).toEqual(['migrate verify'])
    expect(printing.sort()).toEqual(Object.keys(CASES).sort())
    for (const command of printing) expect(existsSync(file(command)), command).toBe(true)
  })

  for (const [command, lines] of Object.entries(CASES)) {
    it(`of ${command} is what its schema says, with the names of the text`, async () => {
      const schema = schemaOf(command)
      const validate = validator(schema)
      for (const argv of lines) {
        const { value, text } = await printed(command, argv)
        validate(value)
        expect(validate.errors, `${argv.join(' ')} ${JSON.stringify(value).slice(0, 2000)}`).toBe(null)
        const known = titles(schema)
        const options = command === 'cross-validate' ? Object.keys((value as { best: { options: object } }).best.options) : [] // prettier-ignore
        for (const name of names(command, text)) {
          if (isOwn(name) && !options.includes(name)) expect(known.join('; '), name).toContain(name)
        }
      }
    })

    it(`of ${command}: the schema refuses what is missing, and what is new`, async () => {
      const validate = validator(schemaOf(command))
      const { value } = await printed(command, lines[0])
      const sound = value as Record<string, unknown>
      expect(validate({ ...sound, more: 1 })).toBe(false)
      for (const key of Object.keys(sound)) {
        if (key === 'suggested') continue
        const { [key]: left, ...others } = sound
        expect(validate(others), key).toBe(false)
        expect(validate({ ...sound, [key]: { of: left } }), key).toBe(false)
      }
    })
  }
})
