import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
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
