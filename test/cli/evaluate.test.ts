import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect-alignment.js'
import { evaluation, type Report } from '../../src/cli/report.js'
import { Matrix } from '../../src/matrix.js'
import { cmae, effectiveRank, latentEnergy, meanReciprocalRank, ncmae, recallAtK } from '../../src/metrics/index.js'
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
const report = async (...argv: string[]): Promise<Report> => {
  const { code, stdout, stderr } = await collimate(['evaluate', ...argv, '--json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Report
}

describe('collimate evaluate --json', () => {
  it('gives the metrics of the library for every pair and direction', async () => {
    const { rows, components, metric, pairs, modalities: views, retrieval } = await report(modelFile, ...paths)
    expect([rows, components, metric]).toEqual([80, 3, 'cosine'])
    expect(pairs.map((pair) => pair.modalities.join())).toEqual(['0,1', '0,2', '1,2'])
    for (const {
      modalities: [a, b],
      ...errors
    } of pairs) {
      expect(errors).toEqual({ cmae: cmae(latents[a], latents[b]), ncmae: ncmae(latents[a], latents[b]) })
    }
    for (const [m, view] of views.entries()) {
      expect(view.componentEnergies).toEqual([...latentEnergy(latents[m])])
      expect(view.energy).toBeCloseTo(
        view.componentEnergies.reduce((sum, e) => sum + e, 0),
        12,
      )
      expect(view.effectiveRank).toBeCloseTo(effectiveRank(latents[m]), 10)
    }
    expect(retrieval.map(({ from, to }) => `${from}${to}`)).toEqual(['01', '02', '10', '12', '20', '21'])
    for (const { from, to, recallAt, meanReciprocalRank: mrr } of retrieval) {
      const [queries, gallery] = [latents[from], latents[to]]
      for (const k of [1, 5, 10]) expect(recallAt[k]).toBeCloseTo(recallAtK(queries, gallery, k), 12)
      expect(mrr).toBeCloseTo(meanReciprocalRank(queries, gallery), 12)
    }
  })

  it('measures nearness as it is told', async () => {
    const { retrieval } = await report(modelFile, ...paths, '--metric', 'euclidean')
    expect(retrieval[0].recallAt[1]).toBeCloseTo(recallAtK(latents[0], latents[1], 1, { metric: 'euclidean' }), 12)
  })

  it('takes the rows it is told, and no K beyond them', async () => {
    const { rows, retrieval, chance } = await report(modelFile, ...paths, '--rows', '-7:')
    expect(rows).toBe(7)
    expect(Object.keys(retrieval[0].recallAt)).toEqual(['1', '5'])
    expect(chance.recallAt).toEqual({ 1: 1 / 7, 5: 5 / 7 })
  })

  it('adds up retrieval that it does piece by piece', () => {
    const rows = 3000
    const [x, y] = pairedModalities(rows, [24, 24], 20, 0.5)
    const pair = new PerfectAlignment({ nComponents: 20, selection: 'balanced' }).fit([x, y])
    const steps = evaluation(pair, [x, y], 'cosine')
    const done: number[] = []
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) if (step.value?.phase === 'retrieval') done.push(step.value.done)
    expect(done.length).toBeGreaterThan(2)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(done.at(-1)).toBeCloseTo(2, 12)
    const { recallAt, meanReciprocalRank: mrr } = step.value.retrieval[0]
    const [z, w] = [pair.transform(x, 0), pair.transform(y, 1)]
    expect(recallAt[5]).toBeCloseTo(recallAtK(z, w, 5), 12)
    expect(mrr).toBeCloseTo(meanReciprocalRank(z, w), 12)
  })

  it('states what chance reaches: a collapsed model scores just that', async () => {
    const constant = modalities.map((x, m) => sandbox.npy(`constant${m}.npy`, new Matrix(20, x.cols)))
    const { retrieval, chance } = await report(modelFile, ...constant)
    expect(chance.recallAt).toEqual({ 1: 0.05, 5: 0.25, 10: 0.5 })
    for (const { recallAt, meanReciprocalRank: mrr } of retrieval) {
      for (const k of [1, 5, 10]) expect(recallAt[k]).toBeCloseTo(chance.recallAt[k], 12)
      expect(mrr).toBeCloseTo(chance.meanReciprocalRank, 12)
    }
  })
})

describe('collimate evaluate', () => {
  it('prints tables that a person can read', async () => {
    const { code, stdout, stderr } = await collimate(['evaluate', pairFile, paths[0], paths[1]])
    expect([code, stderr]).toEqual([0, ''])
    const number = String.raw`\d+(\.\d+)?(e[+-]\d+)?`
    const columns = (count: number) => `(  +${number}){${count}}`
    expect(stdout).toMatch(
      new RegExp(
        [
          '^80 rows, 3 components, cosine retrieval',
          '',
          'pair +CMAE +NCMAE',
          `0 - 1${columns(2)}`,
          '',
          'modality +energy +effective rank',
          `0${columns(2)}`,
          `1${columns(2)}`,
          '',
          'retrieval +recall@1 +recall@5 +recall@10 +MRR',
          `0 -> 1${columns(4)}`,
          `1 -> 0${columns(4)}`,
          `chance${columns(4)}`,
          '$',
        ].join('\n'),
      ),
    )
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
