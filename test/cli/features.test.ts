import { readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { loadAlignment } from '../../src/align/index.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { fourierFeatures, nystroemFeatures } from '../../src/features/index.js'
import { crossValidate } from '../../src/model-selection/cross-validate.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B] = pairedModalities(60, [6, 5])
const a = sandbox.npy('a.npy', A)
const b = sandbox.npy('b.npy', B)
const out = sandbox.path('model.safetensors')
const load = () => loadAlignment(new Uint8Array(readFileSync(out)))
const fit = (spec: string, ...more: string[]) => collimate(['fit', a, b, '-k', '3', '-o', out, '--features', spec, ...more]) // prettier-ignore

it('fit writes the model that the library fits, of which info, transform, translate and evaluate know', async () => {
  const { code, stdout, stderr } = await fit('fourier:dimensions=20,width=2/nystroem:kernel=polynomial,landmarks=9', '-s', 'balanced') // prettier-ignore
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('3 components of 6 + 5 columns, 60 rows')
  const features = [
    fourierFeatures({ seed: 0, dimensions: 20, width: 2 }),
    nystroemFeatures({ seed: 1, kernel: 'polynomial', landmarks: 9 }),
  ]
  const expected = new PerfectAlignment({ nComponents: 3, selection: 'balanced', features }).fit([A, B])
  expect(load().transform(A, 0).data).toEqual(expected.transform(A, 0).data)
  const info = await collimate(['info', out])
  expect(info.stdout).toMatch(/^features +rows and cosine features of 20 frequencies; polynomial of degree 2 features of 9 landmarks$/m) // prettier-ignore
  expect(info.stdout).toMatch(/^modalities +2, of 6 \+ 5 columns$/m)
  const json = JSON.parse((await collimate(['info', out, '--json'])).stdout) as { features: string[] }
  expect(json.features).toHaveLength(2)
  const z = sandbox.path('z.npy')
  expect((await collimate(['transform', out, b, '-m', '1', '-o', z])).code).toBe(0)
  expect((await collimate(['transform', out, b, '-m', '0', '-o', z])).stderr).toContain('modality 0 of the model has 6')
  expect((await collimate(['translate', out, b, '--from', '1', '--to', '0', '-o', z])).stdout).toContain('60 x 6')
  const refused = await collimate(['translate', out, a, '--from', '0', '--to', '1', '-o', z])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('do not hold the rows')])
  expect((await collimate(['evaluate', out, a, b])).code).toBe(0)
})

it('cross-validate tries what is given several times, fitted to the other folds', async () => {
  const line = [
    '-k',
    '2,3',
    '-s',
    'balanced',
    '--folds',
    '3',
    '--features',
    'none',
    '--features',
    'fourier:dimensions=12',
  ]
  const { code, stdout } = await collimate(['cross-validate', a, b, ...line, '--json', '--out', out])
  expect(code).toBe(0)
  const features = [0, 1].map((seed) => fourierFeatures({ seed, dimensions: 12 }))
  const grid = { nComponents: [2, 3], selection: ['balanced'] as const, features: [undefined, features] }
  const expected = crossValidate(PerfectAlignment, [A, B], { grid, folds: 3, seed: '0' })
  const { table } = JSON.parse(stdout) as { table: { scores: number[]; options: { features?: string } }[] }
  expect(table.map(({ scores }) => scores)).toEqual(expected.table.map(({ scores }) => [...scores]))
  expect(table[1].options.features).toBe('fourier:seed=0,dimensions=12/fourier:seed=1,dimensions=12')
  expect(load().widths).toEqual([6, 5])
})

it.each([
  ['sine', "--features must be none, fourier or nystroem, got 'sine'"],
  ['fourier/none/none', '--features fourier/none/none is of 3 files, expected 1 or 2'],
  ['fourier:width', "--features fourier:width: expected key=value, got 'width'"],
  ['fourier:', "expected key=value, got ''"],
  ['fourier:widht=3', '--features fourier:widht=3: '],
  ['fourier:width=-1', 'width must be finite and above 0, got -1'],
  ['nystroem:kernel=cubic', 'kernel must be one of'],
])('%s is refused', async (spec, message) => {
  const { code, stderr } = await fit(spec)
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
})

it('is for matrices, and not for the factors of their rows', async () => {
  const { code, stderr } = await fit('fourier', '--parts')
  expect([code, stderr]).toEqual([2, expect.stringContaining('--features is for matrices')])
})

it('none is nothing', async () => {
  expect((await fit('none')).code).toBe(0)
  expect(load().maps).toEqual(new PerfectAlignment({ nComponents: 3 }).fit([A, B]).maps)
  expect((await collimate(['info', out])).stdout).not.toContain('features')
})
