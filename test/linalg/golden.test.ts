import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { svd } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { onEveryBinary } from '../support/binaries.js'
import { factorisationRatio, orthogonalityRatio } from '../support/ratios.js'

interface GoldenCase {
  name: string
  rows: number
  cols: number
  data: number[]
  singularValues: number[]
  numericalRank: number
  accuracy: 'relative' | 'absolute'
}

const { cases } = JSON.parse(readFileSync(new URL('../golden/svd.json', import.meta.url), 'utf8')) as {
  cases: GoldenCase[]
}
const ran = new Set<string>()

test('the golden file holds its 30 cases', () => {
  expect(cases).toHaveLength(30)
})

onEveryBinary((binary) => {
  describe.each(cases)('golden $name', ({ rows, cols, data, singularValues: golden, accuracy, numericalRank }) => {
    const A = new Matrix(rows, cols, Float64Array.from(data))
    const size = Math.max(rows, cols)
    const eps = Number.EPSILON

    test('singular values', () => {
      ran.add(Engine.shared().binary)
      for (const vectors of ['thin', 'full', 'none'] as const) {
        const { S } = svd(A, { vectors })
        expect(S).toHaveLength(golden.length)
        golden.forEach((g, i) => {
          const absolute = 10 * size * eps * golden[0]
          const bound = accuracy === 'absolute' || g === 0 ? absolute : 1e-13 * g + 2 ** -1072
          expect(Math.abs(S[i] - g), `sigma ${i} = ${S[i]}, exact ${g} (${vectors}, ${binary})`).toBeLessThanOrEqual(
            bound,
          )
        })
      }
    })

    test('vectors', () => {
      for (const vectors of ['thin', 'full'] as const) {
        const { U, S, V } = svd(A, { vectors })
        expect(orthogonalityRatio(U)).toBeLessThanOrEqual(10)
        expect(orthogonalityRatio(V)).toBeLessThanOrEqual(10)
        expect(factorisationRatio(A, U, S, V)).toBeLessThanOrEqual(10)
      }
    })

    test('numerical rank', () => {
      expect(svd(A).rank).toBe(numericalRank)
      expect(svd(A, { vectors: 'none' }).rank).toBe(numericalRank)
    })
  })
})

afterAll(() => {
  // Node 20 hides relaxed SIMD behind a flag; without it both runs would silently use one binary.
  expect([...ran].sort()).toEqual(['relaxed', 'simd'])
})
