import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive.js'
import { LeastSquares } from '../../src/align/least-squares.js'
import { PerfectAlignment } from '../../src/align/perfect-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { npyToMatrix, readNpy } from '../../src/io/npy.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B] = pairedModalities(40, [6, 5])
const [a, b] = [sandbox.npy('a.npy', A), sandbox.npy('b.npy', B)]
const out = sandbox.path('out.npy')
const written = () => npyToMatrix(readNpy(new Uint8Array(readFileSync(out))))

describe.each([
  new PerfectAlignment({ nComponents: 3 }),
  new CanonicalCorrelation({ nComponents: 3 }),
  new OrthogonalProcrustes({ nComponents: 3 }),
  new LeastSquares(),
  new LinearContrastive({ nComponents: 3 }),
])('a file of $constructor.name', (model) => {
  const file = sandbox.file(`${model.constructor.name}.safetensors`, model.fit([A, B]).toBytes())

  it('is what transform and translate map by, and what evaluate measures', async () => {
    expect((await collimate(['transform', file, a, '-m', '0', '-o', out])).code).toBe(0)
    expect(written()).toEqual(model.transform(A, 0))
    expect((await collimate(['translate', file, a, '--from', '0', '--to', '1', '-o', out])).code).toBe(0)
    expect(written()).toEqual(model.translate(A, 0, 1))
    expect(await collimate(['evaluate', file, a, b])).toMatchObject({ code: 0, stderr: '' })
  })
})
