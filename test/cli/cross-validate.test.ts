import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { crossValidate } from '../../src/model-selection/cross-validate.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const modalities = pairedModalities(60, [6, 5], 4, 0.6)
const [a, b] = modalities.map((x, m) => sandbox.npy(`${'ab'[m]}.npy`, x))
const cross = (line: string, surroundings = {}) =>
  collimate(['cross-validate', a, b, ...line.split(' ').filter((word) => word !== '')], surroundings)

interface Plain {
  metric: string
  best: { options: Record<string, unknown>; mean: number }
  table: { options: Record<string, unknown>; scores: number[] }[]
  folds: number[][]
}

describe('collimate cross-validate', () => {
  it('scores every combination as the library does', async () => {
    const { code, stdout, stderr } = await cross('--components 2,4 --selection balanced,last --json --seed 3 --folds 4')
    expect([code, stderr]).toEqual([0, ''])
    const grid = { nComponents: [2, 4], selection: ['balanced', 'last'] as const }
    const expected = crossValidate(PerfectAlignment, modalities, { grid, seed: 3, folds: 4 })
    const plain = JSON.parse(stdout) as Plain
    expect(plain.table.map(({ options }) => options)).toEqual([
      { components: 2, selection: 'balanced' },
      { components: 2, selection: 'last' },
      { components: 4, selection: 'balanced' },
      { components: 4, selection: 'last' },
    ])
    expect(plain.table.map(({ scores }) => scores)).toEqual(expected.table.map(({ scores }) => [...scores]))
    expect(plain.folds).toEqual(expected.folds.map((rows) => [...rows]))
    expect(plain.best.mean).toBe(expected.best.mean)
  })

  it('prints a table, with its heading in bold on a terminal', async () => {
    const { stdout } = await cross('--method canonical-correlation -k 2,6 --regularization 0,oas')
    expect(stdout).toMatch(
      /^recall@1 on 5 folds of 12 held-out rows, chance 0\.0833\n\n +components +regularization +mean +deviation +lowest +highest\n/,
    )
    expect(stdout).toMatch(/^best +2 +(0|oas) +0\.\d{4}/m)
    expect(stdout).toMatch(/^ +6 +oas +failed$/m)
    expect(stdout).toMatch(/^failed: --components is 6, expected at most 5, the columns of the narrowest modality$/m)
    const escape = String.fromCharCode(27)
    expect(stdout).not.toContain(escape)
    expect((await cross('-k 2,3', { isTTY: true })).stdout).toContain(`${escape}[1m      components`)
  })

  it('writes the best, fitted to all rows, if it is told where', async () => {
    const out = sandbox.path('best.safetensors')
    const line = `--method canonical-correlation -k 3 --regularization 0,0.1 --rows 0:50 --precision f32 --state -o ${out}`
    const { stdout } = await cross(line)
    expect(stdout).toContain(`${out}: the best, fitted to all rows`)
    const model = CanonicalCorrelation.fromBytes(new Uint8Array(readFileSync(out)))
    const rows = modalities.map(({ cols, data }) => new Matrix(50, cols, data.slice(0, 50 * cols)))
    const grid = { nComponents: [3], regularization: [0, 0.1] }
    const expected = crossValidate(CanonicalCorrelation, rows, { grid }).refit()
    expect(model.regularization).toBe(expected.regularization)
    expect(model.toBytes({ precision: 'f32', state: true })).toEqual(
      expected.toBytes({ precision: 'f32', state: true }),
    )
  })

  it('judges by another metric, and by another similarity', async () => {
    const plain = async (line: string) => JSON.parse((await cross(`-k 2,3 --json ${line}`)).stdout) as Plain
    const means = (options: object) => crossValidate(PerfectAlignment, modalities, { grid: { nComponents: [2, 3] }, ...options }) // prettier-ignore
    for (const [line, options] of [
      ['--metric mrr', { metric: 'mrr' }],
      ['--metric recall@5 --similarity euclidean', { metric: 'recall@5', similarity: 'euclidean' }],
      ['--similarity csls', { similarity: 'csls' }],
      ['--similarity normalised', { similarity: 'normalised' }],
      ['--metric r2', { metric: 'r2' }],
      ['--metric overlap@5 --similarity euclidean', { metric: 'overlap@5', similarity: 'euclidean' }],
    ] as const) {
      expect((await plain(line)).table.map(({ scores }) => scores)).toEqual(means(options).table.map(({ scores }) => [...scores])) // prettier-ignore
    }
  })

  it('judges by what fits know of their latents, and tells those that know nothing', async () => {
    for (const similarity of ['likelihood', 'normalised'] as const) {
      const { stdout } = await cross(`-k 2,all --selection balanced --similarity ${similarity} --metric mrr --json`)
      const grid = { nComponents: [2, 'all'] as const, selection: ['balanced'] as const }
      const expected = crossValidate(PerfectAlignment, modalities, { grid, similarity, metric: 'mrr' })
      const { table, best } = JSON.parse(stdout) as Plain
      expect(table.map(({ scores }) => scores)).toEqual(expected.table.map(({ scores }) => [...scores]))
      expect(best.options.components).toBe(expected.best.options.nComponents)
    }
    const { code, stdout } = await cross('-k 2 --selection last,balanced --similarity likelihood')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^failed: this model has no rho: fit selection 'balanced'/m),
    ])
    expect(stdout).toMatch(/^best +2 +balanced/m)
  })

  it('keeps the rows of a group in one fold: labels of .npy or CSV, with a first line or without', async () => {
    const labels = Array.from({ length: 60 }, (_, i) => `subject ${i % 12}`)
    const files = [
      sandbox.file('named.csv', ['who', ...labels].join('\n')),
      sandbox.file('bare.csv', labels.join('\n')),
      sandbox.npy(
        'labels.npy',
        new Matrix(
          60,
          1,
          Float64Array.from(labels, (_, i) => i % 12),
        ),
      ),
    ]
    for (const file of files) {
      for (const rows of ['', '--rows 0:48']) {
        const { code, stdout, stderr } = await cross(`-k 2 --groups ${file} --json ${rows}`)
        expect([code, stderr]).toEqual([0, ''])
        const { folds } = JSON.parse(stdout) as Plain
        const homes = folds.map((fold) => new Set(fold.map((row) => labels[row])))
        for (const label of labels) expect(homes.filter((home) => home.has(label))).toHaveLength(1)
      }
    }
  })

  it('seeds what starts at random', async () => {
    const line = '--method linear-contrastive -k 2 --solver infonce --epochs 2,3 --folds 3 --json'
    const scores = async (seed: string) => (JSON.parse((await cross(`${line} --seed ${seed}`)).stdout) as Plain).table.map((row) => row.scores) // prettier-ignore
    const make = (options: { epochs: number }) => new LinearContrastive({ ...options, nComponents: 2, solver: 'infonce', seed: '8' }) // prettier-ignore
    const expected = crossValidate(make, modalities, { grid: { epochs: [2, 3] }, folds: 3, seed: 8 })
    expect(await scores('8')).toEqual(expected.table.map((row) => [...row.scores]))
    expect(await scores('9')).not.toEqual(await scores('8'))
  })

  it('is stopped by Ctrl-C, and draws how far it is', async () => {
    const out = sandbox.path('aborted.safetensors')
    const { code, stderr } = await cross(`-k 2 -o ${out}`, { signal: AbortSignal.abort() })
    expect([code, stderr]).toEqual([130, 'collimate: interrupted\n'])
    expect(readdirSync(sandbox.folder)).not.toContain('aborted.safetensors')
  })

  it.each([
    ['', /required option '-k, --components <k>' not specified/],
    ['-k 2 --metric cmae', /metric 'cmae' would choose the model that collapses/],
    ['-k 2 --metric best', /metric must be 'recall@K'/],
    ['-k 2 --folds 1', /argument '1' is invalid\. It must be an integer of at least 2/],
    ['-k 2 --folds 61', /there are 60 rows for 61 folds/],
    ['-k 2,x', /^collimate: --components must be an integer, got 'x'$/m],
    ['-k 2, --json', /^collimate: --components must be an integer, got ''$/m],
    [
      '-k 6,7 --method canonical-correlation',
      /no point of the grid could be fitted.*--components is 6|no point of the grid/,
    ],
    ['-k 2 --method canonical-correlation --regularization 0,3', /--regularization must be from 0 to 1, got 3/],
    ['-k 2 --selection last,best', /^collimate: --selection must be one of 'auto', .*got 'best'$/m],
    ['-k 2 --groups missing.npy', /cannot read missing\.npy/],
    ['-k 2 --similarity manhattan', /argument 'manhattan' is invalid/],
    ['-k 2 --similarity likelihood --metric overlap@5', /similarity of 'overlap@5' must be one of .* got 'likelihood'/],
    ['-k 2 --similarity normalised --selection last', /no point of the grid could be fitted.*no rho/],
    ['-k 2 --similarity likelihood --folds 40', /the smallest fold has 1 rows, expected more than 1/],
    [`-k 2 -o ${sandbox.path('a.npy')}`, /it is the input file/],
  ])('refuses %s', async (line, message) => {
    const { code, stdout, stderr } = await cross(line)
    expect(stderr).toMatch(/^collimate: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect([code, stdout]).toEqual([2, ''])
  })

  it('refuses labels that do not fit, and one file', async () => {
    const short = sandbox.file('short.csv', 'x\ny\n')
    expect((await cross(`-k 2 --groups ${short}`)).stderr).toMatch(
      /short\.csv has 2 labels, expected one for each of 60 rows/,
    )
    expect((await cross(`-k 2 --groups ${a}`)).stderr).toMatch(
      /a\.npy has shape \[60, 6\], expected one column of labels/,
    )
    const two = sandbox.file('two.csv', 'x,y\n'.repeat(60))
    expect((await cross(`-k 2 --groups ${two}`)).stderr).toMatch(/two\.csv: line 1 has 2 columns, expected one label/)
    expect((await collimate(['cross-validate', a, '-k', '2'])).stderr).toMatch(/needs two or more files, .* got 1/)
  })
})
