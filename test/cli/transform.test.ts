import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { npyToMatrix, readNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B] = pairedModalities(40, [6, 5])
const model = new PerfectAlignment({ nComponents: 3, selection: 'balanced' }).fit([A, B])
const modelFile = sandbox.file('model.safetensors', model.toBytes())
const a = sandbox.npy('a.npy', A)
const b = sandbox.npy('b.npy', B)
const out = sandbox.path('out.npy')
const written = () => npyToMatrix(readNpy(new Uint8Array(readFileSync(out))))

describe('collimate transform', () => {
  it('writes the latents that the library computes, as float64', async () => {
    const { code, stdout, stderr } = await collimate(['transform', modelFile, b, '--modality', '1', '--out', out])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('40 x 3 latents of modality 1')
    expect(written()).toEqual(model.transform(B, 1))
  })

  it('maps selected rows and stores float32', async () => {
    const { code } = await collimate([
      'transform',
      modelFile,
      a,
      '-m',
      '0',
      '--rows',
      '5:9',
      '--precision',
      'f32',
      '-o',
      out,
    ])
    expect(code).toBe(0)
    const expected = model.transform(A, 0)
    expect(written()).toEqual(new Matrix(4, 3, Float32Array.from(expected.data.subarray(15, 27))))
  })

  it('writes rows for a role, which rank by distance as the score does', async () => {
    for (const [role, file, m, X] of [
      ['query', a, 0, A],
      ['gallery', b, 1, B],
    ] as const) {
      // prettier-ignore
      const { code, stdout } = await collimate(['transform', modelFile, file, '-m', String(m), '--role', role, '--metric', 'likelihood', '-o', out]) // prettier-ignore
      expect([code, stdout]).toEqual([0, `${out}: 40 x 3 rows for a ${role} of modality ${m}\n`])
      expect(written()).toEqual(model.transform(X, m, { role, metric: 'likelihood' }).rows)
    }
  })

  it('refuses a role that the model cannot have, and its options without it', async () => {
    const none = sandbox.file('last.safetensors', new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit([A, B]).toBytes()) // prettier-ignore
    const refused = async (...argv: string[]) => {
      const { code, stderr } = await collimate(['transform', ...argv, '-o', out])
      expect(code).toBe(2)
      return stderr
    }
    expect(await refused(none, a, '-m', '0', '--role', 'query')).toMatch(/no rho/)
    expect(await refused(modelFile, a, '-m', '0', '--role', 'query', '--partner', '0')).toMatch(/both 0/)
    expect(await refused(modelFile, a, '-m', '0', '--metric', 'cosine')).toMatch(/give --role query or --role gallery/)
    expect(await refused(modelFile, a, '-m', '0', '--role', 'judge')).toMatch(/query, gallery/)
  })

  it('maps more rows than it takes at a time', async () => {
    const copies = 9000
    const many = new Matrix(40 * copies, 5, new Float64Array(40 * copies * 5))
    for (let i = 0; i < copies; i++) many.data.set(B.data, i * B.data.length)
    const file = sandbox.npy('many.npy', many)
    expect((await collimate(['transform', modelFile, file, '-m', '1', '-o', out])).code).toBe(0)
    const expected = model.transform(B, 1).data
    const { data, rows } = written()
    expect(rows).toBe(40 * copies)
    let largest = 0
    for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i] - expected[i % expected.length]))
    expect(largest).toBeLessThan(1e-13)
  })

  it('maps no rows to no rows', async () => {
    const file = sandbox.npy('none.npy', new Matrix(0, 6))
    expect((await collimate(['transform', modelFile, file, '-m', '0', '-o', out])).code).toBe(0)
    expect([written().rows, written().cols]).toEqual([0, 3])
  })
})

describe('collimate translate', () => {
  it('writes the prediction of the library', async () => {
    const { code, stdout, stderr } = await collimate(['translate', modelFile, a, '--from', '0', '--to', '1', '-o', out])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('40 x 5, modality 1 predicted from modality 0')
    expect(written()).toEqual(model.translate(A, 0, 1))
  })

  it('predicts selected rows and stores float32', async () => {
    const argv = [
      'translate',
      modelFile,
      b,
      '--from',
      '1',
      '--to',
      '0',
      '--rows',
      '-2:',
      '--precision',
      'f32',
      '-o',
      out,
    ]
    expect((await collimate(argv)).code).toBe(0)
    const expected = model.translate(B, 1, 0)
    expect(written()).toEqual(new Matrix(2, 6, Float32Array.from(expected.data.subarray(38 * 6))))
  })
})
