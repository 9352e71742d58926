import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const model = new PerfectAlignment({ nComponents: 3 }).fit(pairedModalities(60, [6, 5]))
const path = sandbox.file('model.safetensors', model.toBytes({ precision: 'f32', state: true }))

describe('collimate info', () => {
  it('says what is in a model, as JSON', async () => {
    const { code, stdout, stderr } = await collimate(['info', path, '--json'])
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({
      method: 'perfect-alignment',
      components: 3,
      columns: [6, 5],
      selection: 'auto',
      selected: model.selected,
      solver: 'svd',
      centered: model.centered,
      scale: 'auto',
      tolerance: null,
      seed: 0,
      maxIterations: 5000,
      gradientTolerance: 1e-6,
      precision: 'F32',
      state: true,
      sharedStrength: [...model.sharedStrength],
      chanceStrength: model.chanceStrength,
      unrelatedStrength: 0.25,
      singularValues: [...model.singularValues],
    })
  })

  it('says it in words', async () => {
    const { stdout } = await collimate(['info', path])
    const value = (name: string) => new RegExp(`^${name} +(.*)$`, 'm').exec(stdout)?.[1]
    expect(value('components')).toBe('3')
    expect(value('modalities')).toBe('2, of 6 + 5 columns')
    expect(value('selection')).toBe(`auto, which chose ${model.selected}`)
    expect(value('stored as')).toBe('float32')
    expect(value('state')).toMatch(/^kept/)
  })

  it('tells a model without state from one with, and float64 from float32', async () => {
    const plain = new PerfectAlignment({ nComponents: 2, selection: 'last', tolerance: 1e-9 })
    const file = sandbox.file('plain.safetensors', plain.fit(pairedModalities(60, [6, 5])).toBytes())
    expect(JSON.parse((await collimate(['info', file, '--json'])).stdout)).toMatchObject({
      selection: 'last',
      centered: false,
      tolerance: 1e-9,
      precision: 'F64',
      state: false,
      singularValues: null,
    })
    expect((await collimate(['info', file])).stdout).toMatch(/^singular values +not kept: .* --state/m)
  })
})
