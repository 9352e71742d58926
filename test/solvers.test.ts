import { describe, expect, it, vi } from 'vitest'
import { sharedLatents } from './align/support.js'

const modalities = sharedLatents(40, [4, 3], 2, 0.2, 7)

/** The package as it is before anybody registers anything. */
async function fresh() {
  vi.resetModules()
  const [all, solvers, features] = [await import('../src/index.js'), await import('../src/solvers/index.js'), await import('../src/features/index.js')] // prettier-ignore
  return { ...all, ...solvers, ...features }
}

describe('methods that iterate', () => {
  it('are asked for by name, and say where they are until they are registered', async () => {
    const { CanonicalCorrelation, PerfectAlignment, LinearContrastive, registerSolvers } = await fresh()
    const models = [
      new PerfectAlignment({ nComponents: 2, solver: 'gradient' }),
      new LinearContrastive({ nComponents: 2, solver: 'infonce', epochs: 2 }),
    ]
    const three = [...modalities, modalities[0]]
    const sumcor = new CanonicalCorrelation({ nComponents: 2, criterion: 'sumcor' })
    expect(() => sumcor.fit(three)).toThrow(/'sumcor' is in an entry of its own/)
    for (const model of models) {
      expect(() => model.fit(modalities)).toThrow(/'\w+' is in an entry of its own: .*collimate\/solvers/)
      await expect(model.fitAsync(modalities)).rejects.toThrow(RangeError)
    }
    // Nothing is lost, and all else works.
    expect(new LinearContrastive({ nComponents: 2 }).fit(modalities).maps).toHaveLength(2)
    registerSolvers()
    registerSolvers()
    expect(sumcor.fit(three).canonicalCorrelations).toHaveLength(2)
    for (const model of models) expect(model.fit(modalities).lossHistory.length).toBeGreaterThan(1)
  })

  it('are not needed for a model that was fitted by them', async () => {
    const known = await fresh()
    known.registerSolvers()
    const fitted = new known.LinearContrastive({ nComponents: 2, solver: 'infonce', epochs: 2 }).fit(modalities)
    const expected = fitted.transform(modalities[0], 0).data
    const bytes = fitted.toBytes()
    const { LinearContrastive, loadAlignment } = await fresh()
    const loaded = loadAlignment(bytes)
    expect(loaded).toBeInstanceOf(LinearContrastive)
    expect(loaded.transform(modalities[0], 0).data).toEqual(expected)
  })
})

describe('feature maps', () => {
  it('need no registering to be fitted, and say what to call where a file has them', async () => {
    const known = await fresh()
    const model = new known.PerfectAlignment({ nComponents: 2, features: known.nystroemFeatures({ landmarks: 9 }) })
    const expected = model.fit(modalities).transform(modalities[0], 0).data
    const bytes = model.toBytes()
    const { loadAlignment, PerfectAlignment, registerFeatures } = await fresh()
    expect(() => loadAlignment(bytes)).toThrow(/'features' is in an entry of its own: .*collimate\/features/)
    expect(() => PerfectAlignment.fromBytes(bytes)).toThrow(RangeError)
    registerFeatures()
    expect(loadAlignment(bytes).transform(modalities[0], 0).data).toEqual(expected)
  })

  it('of another copy of this package serve as well', async () => {
    const other = await fresh()
    const { PerfectAlignment } = await fresh()
    const features = [
      other.fourierFeatures({ dimensions: 9 }).fit(modalities[0]),
      other.fourierFeatures({ dimensions: 9 }),
    ]
    const model = new PerfectAlignment({ nComponents: 2, features }).fit(modalities)
    const own = new other.PerfectAlignment({ nComponents: 2, features }).fit(modalities)
    expect(model.transform(modalities[1], 1).data).toEqual(own.transform(modalities[1], 1).data)
    expect(new other.PerfectAlignment({ nComponents: 2, features: own.featureMaps }).merge(model).widths).toEqual([
      4, 3,
    ])
  })
})

describe('sources of rows', () => {
  it('need registering where there are some, and nowhere else', async () => {
    const known = await fresh()
    const { registerIo } = await import('../src/io/index.js')
    const options = { source: { name: 'x', from: 0, to: 40 } }
    const widths = [4, 3]
    const untold = new known.JointFactor(widths)
    expect(() => untold.update(modalities, options)).toThrow(/registerIo } from 'collimate\/io'/)
    expect(untold.rows).toBe(0)
    registerIo()
    const bytes = untold.update(modalities, options).toBytes()
    const { JointFactor } = await fresh()
    const part = JointFactor.fromBytes(bytes)
    expect(part.merge(new JointFactor(widths).update(modalities)).rows).toBe(80)
    expect(() => new JointFactor(widths).merge(part)).toThrow(/is in an entry of its own/)
  })
})
