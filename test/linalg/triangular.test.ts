import { expect, test } from 'vitest'
import { solveUpperRightSteps, solveUpperSteps } from '../../src/linalg/triangular.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { run } from '../../src/steps.js'
import { onEveryBinary } from '../support/binaries.js'
import { around, TRSM_BLOCK } from '../support/constants.js'
import { expectWithin } from '../support/expectations.js'
import * as oracle from '../support/oracles.js'
import { gaussian } from '../support/random.js'

const EPS = Number.EPSILON

/** An upper triangle that is safe to solve with; what lies below its diagonal must not matter. */
function triangles(n: number): { T: Matrix; withGarbage: Matrix } {
  const withGarbage = gaussian(n, n, n)
  for (let i = 0; i < n; i++) withGarbage.set(i, i, 2 + Math.sqrt(n) + Math.abs(withGarbage.get(i, i)))
  return { T: oracle.triangle(withGarbage, true), withGarbage }
}

onEveryBinary(() => {
  test('T X = B and X T = B, to a backward error of n eps, at orders around a block', () => {
    for (const n of [0, 1, 2, ...around(TRSM_BLOCK), 2 * TRSM_BLOCK + 3]) {
      const { T, withGarbage } = triangles(n)
      for (const k of [0, 1, 5, 40]) {
        const left = gaussian(n, k, 1)
        const X = run(solveUpperSteps(Engine.shared(), withGarbage, left))
        const bound = oracle.absoluteProduct(T, X).data.map((x) => 2 * (n + 2) * EPS * x)
        expectWithin(oracle.product(T, X).data, left.data, bound, `T X = B, ${n}, ${k} columns`)

        const right = gaussian(k, n, 2)
        const Y = run(solveUpperRightSteps(Engine.shared(), right, withGarbage))
        const boundRight = oracle.absoluteProduct(Y, T).data.map((x) => 2 * (n + 2) * EPS * x)
        expectWithin(oracle.product(Y, T).data, right.data, boundRight, `X T = B, ${n}, ${k} rows`)
      }
    }
  })

  test('its arguments stay as they are', () => {
    const { withGarbage } = triangles(9)
    const B = gaussian(9, 9, 3)
    const before = [withGarbage.data.slice(), B.data.slice()]
    run(solveUpperSteps(Engine.shared(), withGarbage, B))
    run(solveUpperRightSteps(Engine.shared(), B, withGarbage))
    expect([withGarbage.data, B.data]).toEqual(before)
  })
})
