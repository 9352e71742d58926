import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { cmae, meanPairwiseCmae, meanPairwiseNcmae, mlre, ncmae } from '../../src/metrics/index.js'
import { latentsOf, pairOfLatents } from './arbitraries.js'

const scaled = (rows: number[][], factor: number) => rows.map((row) => row.map((x) => x * factor))
const rotated = (rows: number[][], angle: number) =>
  rows.map(([x, y]) => [Math.cos(angle) * x - Math.sin(angle) * y, Math.sin(angle) * x + Math.cos(angle) * y])

// The definitions, as the paper writes them.
const length = (z: number[]) => Math.sqrt(z.reduce((sum, x) => sum + x * x, 0))
const naiveCmae = (Z1: number[][], Z2: number[][]) =>
  Z1.reduce((sum, z1, i) => sum + length(z1.map((x, j) => x - Z2[i][j])), 0) / Z1.length
const unit = (Z: number[][]) => Z.map((z) => z.map((x) => x / length(z)))

describe('cmae', () => {
  it('is the mean distance of partners', () => {
    expect(cmae([[0, 0], [1, 1]], [[3, 4], [1, 2]])).toBe(3) // prettier-ignore
  })

  it('follows Eq. 8 and is symmetric, non-negative, and 0 on equal latents', () => {
    fc.assert(
      fc.property(pairOfLatents(), ([Z1, Z2]) => {
        const expected = naiveCmae(Z1, Z2)
        expect(Math.abs(cmae(Z1, Z2) - expected)).toBeLessThanOrEqual(1e-13 * expected)
        expect(cmae(Z2, Z1)).toBe(cmae(Z1, Z2))
        expect(cmae(Z1, Z1)).toBe(0)
      }),
    )
  })

  it('obeys the triangle inequality', () => {
    fc.assert(
      fc.property(latentsOf(4, 3), latentsOf(4, 3), latentsOf(4, 3), (A, B, C) => {
        expect(cmae(A, C)).toBeLessThanOrEqual((cmae(A, B) + cmae(B, C)) * (1 + 1e-14))
      }),
    )
  })

  it('does not change under a common rotation or shift', () => {
    fc.assert(
      fc.property(latentsOf(5, 2), latentsOf(5, 2), fc.double({ min: 0, max: 6.3, noNaN: true }), (Z1, Z2, angle) => {
        const before = cmae(Z1, Z2)
        expect(Math.abs(cmae(rotated(Z1, angle), rotated(Z2, angle)) - before)).toBeLessThanOrEqual(1e-12)
        const shift = (Z: number[][]) => Z.map((z) => z.map((x) => x + 7))
        expect(Math.abs(cmae(shift(Z1), shift(Z2)) - before)).toBeLessThanOrEqual(1e-12)
      }),
    )
  })

  it.each([-990, -600, -500, 500, 600, 1000])('scales with the latents, exactly, by 2^%i', (e) => {
    fc.assert(
      fc.property(integerPair(), ([Z1, Z2]) => {
        expect(cmae(scaled(Z1, 2 ** e), scaled(Z2, 2 ** e))).toBe(cmae(Z1, Z2) * 2 ** e)
      }),
    )
  })

  it('reads every form of matrix, float32 included', () => {
    const Z2 = Matrix.from([[3, 4]])
    expect(cmae({ rows: 1, cols: 2, data: new Float32Array(2) }, Z2)).toBe(5)
    expect(cmae({ data: [0, 0], shape: [1, 2] }, { data: [3, 4], dims: [1, 2] })).toBe(5)
  })
})

describe('ncmae', () => {
  it('is sqrt(2 - 2 cos t) for directions at angle t, whatever their lengths', () => {
    for (const t of [0, 0.1, 1, Math.PI / 2, 3, Math.PI]) {
      const Z2 = [[7e100 * Math.cos(t), 7e100 * Math.sin(t)]]
      expect(ncmae([[3e-250, 0]], Z2)).toBeCloseTo(Math.sqrt(Math.max(0, 2 - 2 * Math.cos(t))), 14)
    }
  })

  it('is the CMAE of the latents scaled to unit length', () => {
    fc.assert(
      fc.property(pairOfLatents(), ([Z1, Z2]) => {
        fc.pre([...Z1, ...Z2].every((z) => length(z) > 1e-100))
        expect(Math.abs(ncmae(Z1, Z2) - naiveCmae(unit(Z1), unit(Z2)))).toBeLessThanOrEqual(1e-14)
      }),
    )
  })

  it('ignores the scale of every single row', () => {
    fc.assert(
      fc.property(integerPair(), fc.double({ min: 1e-3, max: 1e3, noNaN: true }), ([Z1, Z2], factor) => {
        const uneven = Z1.map((z, i) => z.map((x) => x * factor * (i + 1)))
        expect(Math.abs(ncmae(uneven, Z2) - ncmae(Z1, Z2))).toBeLessThanOrEqual(1e-14)
      }),
    )
  })

  it('counts a zero latent as orthogonal to everything, so that collapse is never a good score', () => {
    const zeros = [[0, 0], [0, 0]] // prettier-ignore
    const Z = [[1, 0], [0, 2]] // prettier-ignore
    expect(ncmae(zeros, zeros)).toBe(Math.SQRT2)
    expect(ncmae(Z, zeros)).toBe(Math.SQRT2)
    expect(ncmae(zeros, Z)).toBe(Math.SQRT2)
    expect(ncmae([[1, 0], [0, 0]], [[1, 0], [0, 0]])).toBe(Math.SQRT2 / 2) // prettier-ignore
    expect(ncmae(Z, Z)).toBe(0)
  })

  it('tells the smallest subnormal from zero', () => {
    expect(ncmae([[5e-324, 0]], [[1e308, 0]])).toBe(0)
    expect(ncmae([[0, 5e-324]], [[1e308, 0]])).toBe(Math.SQRT2)
  })
})

describe('mlre', () => {
  it('is the mean over modalities of the mean distance from the truth', () => {
    const Z = [[0, 0], [1, 1]] // prettier-ignore
    expect(mlre(Z, [[[3, 4], [1, 2]], Z])).toBe(1.5) // prettier-ignore
    expect(mlre(Z, [Z, Z, Z])).toBe(0)
  })

  it('is the mean of the CMAEs between truth and estimates', () => {
    fc.assert(
      fc.property(latentsOf(3, 2), fc.array(latentsOf(3, 2), { minLength: 1, maxLength: 4 }), (Z, Zs) => {
        const expected = Zs.reduce((sum, estimate) => sum + naiveCmae(Z, estimate), 0) / Zs.length
        expect(Math.abs(mlre(Z, Zs) - expected)).toBeLessThanOrEqual(1e-13 * expected)
      }),
    )
  })

  it('refuses one matrix in place of a list', () => {
    const Z = Matrix.from([[1, 2]])
    expect(() => mlre(Z, Z as never)).toThrow(/Zs must be an array of matrices, one per modality/)
    expect(() => mlre(Z, [])).toThrow(RangeError)
    expect(() => mlre(Z, [[[1, 2, 3]]])).toThrow(/Z is 1 x 2 but Zs\[0\] is 1 x 3/)
  })
})

describe('mean over pairs of modalities', () => {
  const Zs = [[[0, 0]], [[3, 4]], [[0, 1]]]

  it('averages the three pairs of three modalities', () => {
    expect(meanPairwiseCmae(Zs)).toBeCloseTo((5 + 1 + Math.sqrt(18)) / 3, 14)
    expect(meanPairwiseNcmae(Zs)).toBeCloseTo((2 * Math.SQRT2 + Math.sqrt(2 - 1.6)) / 3, 14)
  })

  it('is the plain metric for two, and does not depend on the order', () => {
    fc.assert(
      fc.property(latentsOf(4, 2), latentsOf(4, 2), latentsOf(4, 2), (A, B, C) => {
        expect(meanPairwiseCmae([A, B])).toBe(cmae(A, B))
        expect(meanPairwiseNcmae([A, B])).toBe(ncmae(A, B))
        expect(Math.abs(meanPairwiseCmae([A, B, C]) - meanPairwiseCmae([C, A, B]))).toBeLessThanOrEqual(1e-12)
      }),
    )
  })

  it('needs two modalities of one shape', () => {
    expect(() => meanPairwiseCmae([[[1]]])).toThrow(
      new RangeError('Zs must hold at least 2 matrices, one per modality, got 1'),
    )
    expect(() => meanPairwiseCmae([[[1]], [[1]], [[1, 2]]])).toThrow(/Zs\[0\] is 1 x 1 but Zs\[2\] is 1 x 2/)
  })
})

describe.each([
  ['cmae', cmae],
  ['ncmae', ncmae],
])('%s refuses', (_, metric) => {
  it('shapes that differ, naming both', () => {
    expect(() => metric([[1, 2]], [[1, 2], [3, 4]])).toThrow(/Z1 is 1 x 2 but Z2 is 2 x 2/) // prettier-ignore
    expect(() => metric([[1, 2]], [[1, 2, 3]])).toThrow(/Z1 is 1 x 2 but Z2 is 1 x 3/)
    expect(() => metric([[1, 2]], [[1, 2, 3]])).toThrow(RangeError)
  })

  it('no samples and no components', () => {
    expect(() => metric([], [])).toThrow(RangeError)
    expect(() => metric(new Matrix(3, 0), new Matrix(3, 0))).toThrow(/at least one sample and one component, got 3 x 0/)
  })

  it('NaN, infinities and what is no matrix', () => {
    expect(() => metric([[1, NaN]], [[1, 2]])).toThrow(/Z1: entry \(0, 1\) is NaN/)
    expect(() => metric([[1, 2]], [[-Infinity, 2]])).toThrow(RangeError)
    expect(() => metric('latents' as never, [[1]])).toThrow(TypeError)
  })
})

function integerPair() {
  const entry = fc.integer({ min: -9, max: 9 })
  const rows = fc.array(fc.array(entry, { minLength: 3, maxLength: 3 }), { minLength: 4, maxLength: 4 })
  return fc.tuple(rows, rows)
}
