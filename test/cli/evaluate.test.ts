import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { evaluate, type EvaluationData } from '../../src/evaluation/index.js'
import { comparedRows } from '../../src/cli/matrices.js'
import { drawnNumbers } from '../../src/cli/sample.js'
import { Matrix } from '../../src/matrix.js'
import { cmae, meanAveragePrecision, recallAtK } from '../../src/metrics/index.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const modalities = pairedModalities(80, [6, 5, 7])
const paths = modalities.map((x, m) => sandbox.npy(`${m}.npy`, x))
const model = new PerfectAlignment({ nComponents: 3, selection: 'balanced' }).fit(modalities)
const modelFile = sandbox.file('model.safetensors', model.toBytes())
const pairFile = sandbox.file(
  'pair.safetensors',
  new PerfectAlignment({ nComponents: 3, selection: 'balanced' }).fit(modalities.slice(0, 2)).toBytes(),
)
const latents = modalities.map((x, m) => model.transform(x, m))
const classes = Array.from({ length: 80 }, (_, i) => ['cat', 'dog', 'bird'][(i * i) % 3])
const labelFile = sandbox.file('classes.csv', `class\n${classes.join('\n')}\n`)
const evaluated = async (...argv: string[]): Promise<EvaluationData> => {
  const { code, stdout, stderr } = await collimate(['evaluate', ...argv, '--json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as EvaluationData
}
/** What the library gives, as JSON has it. */
const expected = (...args: Parameters<typeof evaluate>) => JSON.parse(JSON.stringify(evaluate(...args))) as unknown

describe('collimate evaluate --json', () => {
  it('ranks by what the fit knows of its latents', async () => {
    for (const metric of ['likelihood', 'normalised'] as const) {
      expect(await evaluated(modelFile, ...paths, '--metric', metric)).toEqual(expected(model, modalities, { metric }))
    }
  })

  it('gives all that the library does, of every pair, modality and direction', async () => {
    const found = await evaluated(modelFile, ...paths)
    expect(found).toEqual(expected(model, modalities))
    expect(found.pairs.map(({ cmae: error }) => error)).toEqual([
      cmae(latents[0], latents[1]),
      cmae(latents[0], latents[2]),
      cmae(latents[1], latents[2]),
    ])
    expect(found.modalities.length).toBe(3)
    expect(found.retrieval.length).toBe(6)
    expect(found.means.classes).toBeUndefined()
  })

  it.each(['euclidean', 'dot', 'csls'] as const)('measures nearness by %s if it is told to', async (metric) => {
    const found = await evaluated(modelFile, ...paths, '--metric', metric)
    expect(found).toEqual(expected(model, modalities, { metric }))
    expect(found.retrieval[0].recallAt[1]).toBeCloseTo(recallAtK(latents[0], latents[1], 1, { metric }), 12)
  })

  it('takes the rows it is told, and no K beyond them', async () => {
    const { rows, retrieval, chance } = await evaluated(modelFile, ...paths, '--rows', '-7:')
    expect(rows).toBe(7)
    expect(Object.keys(retrieval[0].recallAt)).toEqual(['1', '5'])
    expect(chance.recallAt).toEqual({ 1: 1 / 7, 5: 5 / 7 })
  })

  it('measures retrieval of classes if it is given labels', async () => {
    const found = await evaluated(modelFile, ...paths, '--labels', labelFile)
    expect(found).toEqual(expected(model, modalities, { labels: classes }))
    expect(found.retrieval[0].classes?.meanAveragePrecision).toBeCloseTo(
      meanAveragePrecision(latents[0], latents[1], classes),
      12,
    )
  })

  it('takes the labels of the rows that it takes, from an array of numbers too', async () => {
    const numbers = sandbox.npy('classes.npy', new Matrix(80, 1, classes.map((name) => ['cat', 'dog', 'bird'].indexOf(name)))) // prettier-ignore
    const part = modalities.map(({ cols, data }) => new Matrix(30, cols, data.subarray(50 * cols)))
    const labels = classes.slice(50)
    for (const file of [labelFile, numbers]) {
      const found = await evaluated(modelFile, ...paths, '--labels', file, '--rows', '50:')
      expect(found).toEqual(expected(model, part, { labels }))
    }
  })

  it('states what chance reaches: a collapsed model scores just that', async () => {
    const constant = modalities.map((x, m) => sandbox.npy(`constant${m}.npy`, new Matrix(20, x.cols)))
    const { retrieval, chance } = await evaluated(modelFile, ...constant)
    expect(chance.recallAt).toEqual({ 1: 0.05, 5: 0.25, 10: 0.5 })
    for (const { from, to, csls, ...partners } of retrieval) {
      for (const { recallAt, meanReciprocalRank } of [partners, csls]) {
        for (const k of [1, 5, 10]) expect(recallAt[k], `${from} -> ${to}`).toBeCloseTo(chance.recallAt[k], 12)
        expect(meanReciprocalRank).toBeCloseTo(chance.meanReciprocalRank, 12)
      }
    }
  })
})

describe('of many rows', () => {
  const rowsOf = (X: Matrix, rows: readonly number[]) => Matrix.from(rows.map((i) => Array.from(X.row(i))))

  it('as many are compared as is said, drawn at random by the seed, with their labels', async () => {
    const sample = async (...argv: string[]) => {
      const { code, stdout, stderr } = await collimate(['evaluate', modelFile, ...paths, '--json', '--labels', labelFile, ...argv]) // prettier-ignore
      expect(code).toBe(0)
      return { stderr, found: JSON.parse(stdout) as EvaluationData }
    }
    const { stderr, found } = await sample('--sample', '30')
    expect(stderr).toBe(
      'note: 30 of 80 rows are compared, drawn at random with --seed 0: --sample takes more, or fewer\n',
    )
    const rows = [...drawnNumbers(80, 30, '0')]
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b))
    expect(found).toEqual(expected(model, modalities.map((X) => rowsOf(X, rows)), { labels: rows.map((i) => classes[i]) })) // prettier-ignore
    expect((await sample('--sample', '30')).found).toEqual(found)
    expect((await sample('--sample', '30', '--seed', '1')).found).not.toEqual(found)
    expect((await sample('--sample', '80')).stderr).toBe('')
    const some = await sample('--sample', '10', '--rows', '5:,0:2')
    const picked = [...drawnNumbers(77, 10, '0')].map((i) => (i < 75 ? i + 5 : i - 75))
    expect(some.found).toEqual(expected(model, modalities.map((X) => rowsOf(X, picked)), { labels: picked.map((i) => classes[i]) })) // prettier-ignore
  })

  it('that are text, or are joined, the same are drawn', async () => {
    const csv = modalities.map((X, m) => sandbox.file(`${m}.csv`, X.toArray().map((row, i) => `${i},${row.join(',')}\n`).join(''))) // prettier-ignore
    const argv = ['--sample', '30', '--json']
    const plain = await collimate(['evaluate', modelFile, ...paths, ...argv])
    for (const how of [
      ['--skip', '0'],
      ['--id', '0'],
    ]) {
      expect(await collimate(['evaluate', modelFile, ...csv, ...how, ...argv])).toEqual(plain)
    }
  })

  it('no more are compared than memory has room for', () => {
    expect([comparedRows(12), comparedRows(1536), comparedRows(2 ** 26)]).toEqual([65_536, 21_845, 256])
  })

  it('a number of a row that is wrong is that of the file', async () => {
    const bad = new Matrix(80, 6, modalities[0].data.slice())
    bad.data.fill(NaN, 6 * 40)
    const file = sandbox.npy('bad.npy', bad)
    const { stderr } = await collimate(['evaluate', modelFile, file, paths[1], paths[2], '--sample', '30'])
    const first = drawnNumbers(80, 30, '0').find((row) => row >= 40)
    expect(stderr).toMatch(new RegExp(`bad\\.npy: entry \\(${first ?? -1}, 0\\) is NaN`))
  })
})

describe('collimate evaluate', () => {
  it('prints the tables of the library', async () => {
    for (const [argv, options] of [
      [[], {}],
      [['--labels', labelFile], { labels: classes }],
    ] as const) {
      const { code, stdout, stderr } = await collimate(['evaluate', modelFile, ...paths, ...argv])
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toBe(`${String(evaluate(model, modalities, options))}\n`)
    }
  })

  it('fits a terminal of 80 columns', async () => {
    const { stdout } = await collimate(['evaluate', modelFile, ...paths, '--labels', labelFile])
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('says what every column means', async () => {
    const { stdout: help } = await collimate(['evaluate', '--help'])
    const { stdout } = await collimate(['evaluate', modelFile, ...paths, '--labels', labelFile])
    const headings = stdout.split('\n').filter((line) => /^(pair|modality|cosine|classes) /.test(line))
    expect(headings.length).toBe(4)
    const columns = headings.flatMap((line) => line.split(/ {2,}/).slice(1))
    for (const column of columns) expect(help).toContain(column.replace(/@\d+/, '@K'))
  })

  it('refuses labels of another number, of more than one a line, or missing', async () => {
    for (const [content, message] of [
      ['a\nb\n', 'has 2 labels, expected one for each of 80 rows'],
      ['a,b\n', 'line 1 has 2 columns, expected one label'],
    ]) {
      const file = sandbox.file('bad.csv', content)
      const { code, stdout, stderr } = await collimate(['evaluate', modelFile, ...paths, '--labels', file])
      expect([code, stdout, stderr]).toEqual([
        2,
        '',
        `collimate: ${file}${content.includes(',') ? ':' : ''} ${message}\n`,
      ])
    }
    const { code, stderr } = await collimate(['evaluate', modelFile, ...paths, '--labels', sandbox.path('none.csv')])
    expect([code, stderr]).toEqual([2, expect.stringContaining('none.csv')])
  })

  it('refuses scores of a model without rho', async () => {
    const last = new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(modalities)
    const file = sandbox.file('last.safetensors', last.toBytes())
    for (const metric of ['likelihood', 'normalised']) {
      const { code, stdout, stderr } = await collimate(['evaluate', file, ...paths, '--metric', metric])
      expect([code, stdout, stderr]).toEqual([
        2,
        '',
        expect.stringMatching(/^collimate: this model has no rho: [^\n]+\n$/),
      ])
    }
    expect((await collimate(['evaluate', file, ...paths, '--metric', 'chance'])).stderr).toMatch(/'chance' is invalid/)
  })

  it('refuses a single row', async () => {
    const { code, stderr } = await collimate(['evaluate', modelFile, ...paths, '--rows', '3:4'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('got 1 rows, expected at least 2')])
  })

  it('shows how far it has come on a terminal, and clears that away', async () => {
    const many = pairedModalities(4000, [24, 24], 20, 0.5)
    const pair = new PerfectAlignment({ nComponents: 20, selection: 'balanced' }).fit(many)
    const file = sandbox.file('many.safetensors', pair.toBytes())
    const argv = ['evaluate', file, ...many.map((x, m) => sandbox.npy(`many${m}.npy`, x))]
    const { code, stderr } = await collimate(argv, { isTTY: true })
    expect(code).toBe(0)
    expect(stderr).toMatch(/\d+% retrieval/)
    expect(stderr.endsWith('\r\x1b[K')).toBe(true)
  })

  it('colours headings on a terminal only, and not where NO_COLOR is set', async () => {
    const escape = String.fromCharCode(27)
    const argv = ['evaluate', pairFile, paths[0], paths[1]]
    expect((await collimate(argv, { isTTY: true })).stdout).toContain(`${escape}[1mpair`)
    expect((await collimate(argv, { isTTY: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(escape)
    expect((await collimate(argv)).stdout).not.toContain(escape)
  })

  it('is stopped by Ctrl-C', async () => {
    const { code, stdout, stderr } = await collimate(['evaluate', pairFile, paths[0], paths[1]], {
      signal: AbortSignal.abort(),
    })
    expect([code, stdout, stderr]).toEqual([130, '', 'collimate: interrupted\n'])
  })
})
