import { expect, test, vi } from 'vitest'
import type { DataFactor } from '../../src/align/factor/data-factor.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import type { Matrix } from '../../src/matrix.js'
import type { Steps } from '../../src/steps.js'
import { sharedLatents } from './support.js'

type Helmert = typeof import('../../src/align/factor/helmert.js')

const asked: DataFactor[] = []
const made = new Set<readonly Matrix[]>()
vi.mock('../../src/align/factor/helmert.js', async (original) => {
  const helmert = await original<Helmert>()
  return {
    ...helmert,
    helmertSteps: function* (factor: DataFactor, units?: ArrayLike<number>): Steps<readonly Matrix[]> {
      const blocks = yield* helmert.helmertSteps(factor, units)
      asked.push(factor)
      made.add(blocks)
      return blocks
    },
  }
})

test.each([
  ['auto', 'informative', 0],
  ['auto', 'balanced', 0.5],
  ['informative', 'informative', 0],
  ['informative', 'last', 0.5],
  ['last', 'last', 0.5],
  ['balanced', 'balanced', 0.5],
] as const)(
  "a fit of '%s' that comes to '%s' makes the contrasts of each factor once",
  (selection, selected, noise) => {
    asked.length = 0
    made.clear()
    const samples = sharedLatents(60, [6, 5], 3, noise, 4)
    const model = new PerfectAlignment({ nComponents: 2, selection }).fit(samples)
    expect(model.selected).toBe(selected)
    // The data in one size, as it is, and without its means.
    const factors = new Set(asked.map(({ R }) => R)).size
    expect(made.size).toBe(factors)
    expect(factors).toBeLessThanOrEqual(3)
    if (selected === 'informative') expect(asked.length).toBeGreaterThan(factors)
  },
)
