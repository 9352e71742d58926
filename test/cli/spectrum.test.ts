import { afterAll, describe, expect, it } from 'vitest'
import { spectrum, type SpectrumData } from '../../src/model-selection/index.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const modalities = pairedModalities(90, [6, 5, 7], 3, 0.3)
const paths = modalities.map((x, m) => sandbox.npy(`${m}.npy`, x))
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

describe('collimate spectrum', () => {
  it('prints what the library finds', async () => {
    const { code, stdout, stderr } = await collimate(['spectrum', ...paths])
    const found = spectrum(modalities)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(`${String(found)}\n`)
    expect(found.suggested).toBe(3)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it.each([
    [['--selection', 'last', '-k', '2'], { selection: 'last', nComponents: 2 } as const],
    [['--seed', 'another'], { seed: 'another' }],
  ])('takes options: %s', async (argv, options) => {
    const { stdout } = await collimate(['spectrum', ...paths.slice(0, 2), ...argv, '--json'])
    expect(JSON.parse(stdout)).toEqual(plain(spectrum(modalities.slice(0, 2), options)))
  })

  it('looks at the rows that it is told', async () => {
    const { stdout } = await collimate(['spectrum', ...paths, '--rows', '10:50', '--json'])
    expect((JSON.parse(stdout) as SpectrumData).rows).toBe(40)
  })

  it('says what every column means', async () => {
    const { stdout: help } = await collimate(['spectrum', '--help'])
    const { stdout } = await collimate(['spectrum', ...paths])
    const heading = stdout.split('\n').find((line) => line.includes('sigma')) ?? ''
    for (const column of heading.trim().split(/ {2,}/)) expect(help).toContain(column.replace(/\d/, 'M'))
  })

  it('names options as the command line does, and needs two files', async () => {
    const many = await collimate(['spectrum', ...paths, '-k', '40'])
    expect([many.code, many.stderr]).toEqual([2, 'collimate: --components must be an integer from 1 to 18, got 40\n'])
    const one = await collimate(['spectrum', paths[0]])
    expect([one.code, one.stderr]).toEqual([
      2,
      'collimate: spectrum needs two or more files, one per modality, got 1\n',
    ])
    const row = await collimate(['spectrum', ...paths, '--rows', '3:4'])
    expect([row.code, row.stderr]).toEqual([2, 'collimate: spectrum needs at least 2 rows, got 1\n'])
  })

  it('is stopped by Ctrl-C', async () => {
    const { code, stdout } = await collimate(['spectrum', ...paths], { signal: AbortSignal.abort() })
    expect([code, stdout]).toEqual([130, ''])
  })
})
