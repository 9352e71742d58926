import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { gaussian } from '../support/random.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B, C] = pairedModalities(60, [6, 5, 7])
const a = sandbox.npy('a.npy', A)
const b = sandbox.npy('b.npy', B)
const c = sandbox.npy('c.npy', C)
const load = (path: string) => PerfectAlignment.fromBytes(new Uint8Array(readFileSync(path)))
const rowsOf = (x: Matrix, start: number, stop: number) =>
  new Matrix(stop - start, x.cols, x.data.slice(start * x.cols, stop * x.cols))

describe('collimate fit', () => {
  it('writes the model that the library fits', async () => {
    const out = sandbox.path('model.safetensors')
    const { code, stdout, stderr } = await collimate(['fit', a, b, '--components', '3', '--out', out])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('3 components of 6 + 5 columns, 60 rows')
    const expected = new PerfectAlignment({ nComponents: 3 }).fit([A, B])
    expect(load(out).maps.map((m) => m.toArray())).toEqual(expected.maps.map((m) => m.toArray()))
  })

  it('names columns of another unit on stderr, and leaves them if told so', async () => {
    const scaled = new Matrix(60, 6, A.data.map((x, at) => (at % 6 === 2 ? 1e4 * x : x))) // prettier-ignore
    const file = sandbox.npy('scaled.npy', scaled)
    const out = sandbox.path('scaled.safetensors')
    const found = await collimate(['fit', b, file, '-k', '3', '-o', out])
    expect([found.code, found.stderr]).toEqual([0, `note: column 2 of ${file} has more than 100 times the deviation of the others, and was scaled: --scale false leaves columns as they are\n`]) // prettier-ignore
    expect(load(out).scales[1][2]).toBeLessThan(1)
    const info = await collimate(['info', out])
    expect(info.stdout).toMatch(/^scale +auto, 0 \+ 6 columns scaled$/m)
    for (const scale of ['true', 'false']) {
      const told = await collimate(['fit', b, file, '-k', '3', '-o', out, '--scale', scale])
      expect([told.code, told.stderr]).toEqual([0, ''])
      expect(load(out).scale).toBe(scale === 'true')
    }
    const wrong = await collimate(['fit', b, file, '-k', '3', '-o', out, '--scale', 'yes'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(/--scale must be 'auto', true or false/)
  })

  it('says on stderr that nothing is above chance, as where the rows are of another order', async () => {
    const shuffled = sandbox.npy('shuffled.npy', Matrix.from([...B.toArray().slice(11), ...B.toArray().slice(0, 11)]))
    const out = sandbox.path('shuffled.safetensors')
    const { code, stderr } = await collimate(['fit', a, shuffled, '-k', '2', '-o', out])
    expect(code).toBe(0)
    expect(stderr).toMatch(
      /^note: no component is stronger than \d.*, what unrelated files of this size share by chance/,
    )
    const info = await collimate(['info', out])
    expect(info.stdout).toMatch(/^shared strength .*, 2 of 2 not above the \d.* of unrelated data of this size$/m)
  })

  it('names single columns of many that are far out', async () => {
    const noise = (cols: number, seed: number) => new Matrix(60, cols, gaussian(60, cols, seed).data)
    const wide = noise(30, 1)
    for (let i = 0; i < 60; i++) for (let j = 0; j < 10; j++) wide.set(i, j, 1e4 * wide.get(i, j))
    const paths = [sandbox.npy('wide.npy', wide), sandbox.npy('narrow.npy', noise(4, 2))]
    const { stderr } = await collimate(['fit', ...paths, '-k', '2', '-o', sandbox.path('wide.safetensors')])
    expect(stderr).toMatch(
      /^note: 10 columns 0, 1, 2, 3, 4, 5, 6, 7, \.\.\. of .*wide\.npy have more than 100 times .* and were scaled/m,
    )
  })

  it.each(['auto', 'balanced', 'informative', 'last'] as const)('passes on every option: %s', async (selection) => {
    const out = sandbox.path(`${selection}.safetensors`)
    const options = ['--selection', selection, '--center', '--tolerance', '1e-6', '--rows', '10:50']
    const { code } = await collimate(['fit', a, b, '-k', '2', ...options, '-o', out])
    expect(code).toBe(0)
    const training = [rowsOf(A, 10, 50), rowsOf(B, 10, 50)]
    const expected = new PerfectAlignment({ nComponents: 2, selection, center: true, tolerance: 1e-6 }).fit(training)
    expect(load(out).transform(B, 1).toArray()).toEqual(expected.transform(B, 1).toArray())
  })

  it('takes three modalities', async () => {
    const out = sandbox.path('three.safetensors')
    expect((await collimate(['fit', a, b, c, '-k', '3', '-o', out])).code).toBe(0)
    expect(load(out).maps.map(({ rows, cols }) => [rows, cols])).toEqual([
      [3, 6],
      [3, 5],
      [3, 7],
    ])
  })

  it('stores float32, the state and no decoders if asked to', async () => {
    const size = async (...options: string[]) => {
      const out = sandbox.path('size.safetensors')
      expect((await collimate(['fit', a, b, '-k', '3', '-o', out, ...options])).code).toBe(0)
      return readFileSync(out).length
    }
    const [plain, single, state] = [await size(), await size('--precision', 'f32'), await size('--state')]
    expect(await size('--no-decoders')).toBeLessThan(plain)
    expect(single).toBeLessThan(plain)
    expect(state).toBeGreaterThan(plain)
  })

  it('fits a saved state further', async () => {
    const out = sandbox.path('part.safetensors')
    expect((await collimate(['fit', a, b, '-k', '3', '--rows', ':30', '--state', '-o', out])).code).toBe(0)
    const rest = new PerfectAlignment({ nComponents: 3 }).partialFit([rowsOf(A, 30, 60), rowsOf(B, 30, 60)])
    const merged = load(out).merge(rest)
    const whole = new PerfectAlignment({ nComponents: 3 }).fit([A, B])
    merged.singularValues.forEach((s, i) => {
      expect(s).toBeCloseTo(whole.singularValues[i], 10)
    })
  })

  it('is stopped by Ctrl-C: exit code 130, nothing written', async () => {
    const before = readdirSync(sandbox.folder)
    const argv = ['fit', a, b, '-k', '3', '--out', sandbox.path('aborted.safetensors')]
    const { code, stdout, stderr } = await collimate(argv, { signal: AbortSignal.abort() })
    expect([code, stdout, stderr]).toEqual([130, '', 'collimate: interrupted\n'])
    expect(readdirSync(sandbox.folder)).toEqual(before)
  })
})
