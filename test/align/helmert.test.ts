import { describe, expect, it } from 'vitest'
import { uncenteredFactorSteps } from '../../src/align/factor/data-factor.js'
import { helmertSteps } from '../../src/align/factor/helmert.js'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { Matrix } from '../../src/matrix.js'
import { gaussian } from '../support/random.js'
import { centeredOf, centred, frobenius, minus, sharedLatents, times } from './support.js'
import { run } from '../../src/steps.js'

describe('helmertSteps', () => {
  it.each([[[3, 2]], [[2, 4, 3]], [[1, 2, 3, 4, 5]]])('has the misalignment of all pairs, widths %j', (widths) => {
    const modalities = sharedLatents(30, widths, 2, 0.5, 3)
    const d = widths.reduce((sum, width) => sum + width, 0)
    const a = gaussian(d, 1, 4)
    const joint = new JointFactor(widths).update(modalities)
    for (const [factor, data] of [
      [run(uncenteredFactorSteps(joint)), modalities],
      [centeredOf(modalities), modalities.map(centred)],
    ] as const) {
      let offset = 0
      const latents = data.map((X) => times(X, new Matrix(X.cols, 1, a.data.slice(offset, (offset += X.cols)))))
      let pairs = 0
      for (let m = 0; m < latents.length; m++) {
        for (let l = 0; l < m; l++) pairs += frobenius(minus(latents[m], latents[l])) ** 2
      }
      const contrasts = run(helmertSteps(factor))
      expect(contrasts).toHaveLength(widths.length - 1)
      const sum = contrasts.reduce((total, block) => total + frobenius(times(block, a)) ** 2, 0)
      expect(Math.abs(sum / pairs - 1)).toBeLessThan(1e-13)
    }
  })

  it('is [R1, -R2] for two modalities, upper triangular when centred', () => {
    const factor = centeredOf(sharedLatents(20, [2, 3], 2, 1, 5))
    const [block] = run(helmertSteps(factor))
    expect(block.rows).toBe(5)
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 5; j++) expect(block.get(i, j)).toBeCloseTo((j < 2 ? 1 : -1) * factor.R.get(i, j), 14)
    }
  })
})
