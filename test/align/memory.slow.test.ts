import { describe, expect, it } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { sharedLatents } from './support.js'

/** Cheap uniform numbers: the data must not take longer than the factorisation. */
function chunks(rows: number, widths: readonly number[]): () => Matrix[] {
  let state = 1
  const modalities = widths.map((d) => new Matrix(rows, d))
  return () => {
    for (const { data } of modalities) {
      for (let i = 0; i < data.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0
        data[i] = state / 2 ** 31
      }
    }
    return modalities
  }
}

describe('memory', () => {
  it('depends on d and not on n: a million rows of 32 + 32 columns, chunk by chunk', () => {
    const next = chunks(10_000, [32, 32])
    const model = new PerfectAlignment({ nComponents: 8 })
    const engine = Engine.shared()
    model.partialFit(next())
    const afterFirst = engine.memoryBytes
    for (let rows = 10_000; rows < 1_000_000; rows += 10_000) model.partialFit(next())
    expect(engine.memoryBytes).toBe(afterFirst)
    expect(engine.memoryBytes).toBeLessThan(8 * 2 ** 20)
    expect(model.sharedStrength[0]).toBeLessThan(model.unrelatedStrength)
    expect(engine.memoryBytes).toBeLessThan(8 * 2 ** 20)
  })

  it('depends on d and not on n within one call', () => {
    const engine = Engine.shared()
    new JointFactor([8, 8]).update(chunks(3000, [8, 8])())
    const before = engine.memoryBytes
    const large = chunks(300_000, [8, 8])()
    const model = new PerfectAlignment({ nComponents: 2 }).fit(large)
    expect(model.transform(large[0], 0).rows).toBe(300_000)
    expect(model.translate(large[0], 0, 1).rows).toBe(300_000)
    expect(engine.memoryBytes).toBe(before)
  })

  it('is after 10,000 fits what it was after the tenth, errors among them', () => {
    const modalities = sharedLatents(30, [3, 3], 2, 0.1, 130)
    const selections = ['auto', 'balanced', 'informative', 'last'] as const
    const engine = Engine.shared()
    let afterTenth = 0
    for (let i = 0; i < 10_000; i++) {
      const model = new PerfectAlignment({ nComponents: 2, selection: selections[i % 4] }).fit(modalities)
      if (i % 100 === 0) expect(() => model.fit([modalities[0], [[NaN, 1, 2]]])).toThrow(RangeError)
      if (i === 9) afterTenth = engine.memoryBytes
    }
    expect(engine.memoryBytes).toBe(afterTenth)
  })
})
