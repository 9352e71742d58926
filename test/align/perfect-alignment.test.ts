import { describe, expect, it } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { ConvergenceError, NotFittedError } from '../../src/errors.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix, type MatrixLike } from '../../src/matrix.js'
import { cmae } from '../../src/metrics/alignment.js'
import { gaussian } from '../support/random.js'
import {
  beside,
  centred,
  columnMeans,
  frobenius,
  maxDifference,
  minus,
  rowRanges,
  scaledBy,
  sharedLatents,
  subspaceDistance,
  times,
  toFloat32,
} from './support.js'

const SELECTIONS = ['auto', 'balanced', 'informative', 'last'] as const
const stackedMap = ({ maps }: PerfectAlignment) => beside(...maps)
const offset = (X: Matrix, by: number) =>
  new Matrix(
    X.rows,
    X.cols,
    Float64Array.from(X.data, (x, at) => x + by * (1 + (at % X.cols))),
  )

describe('fit', () => {
  it('takes every form of a matrix', () => {
    const [X1, X2] = sharedLatents(20, [2, 3], 2, 0.1, 80)
    const expected = new PerfectAlignment({ nComponents: 2 }).fit([X1, X2]).maps
    const forms: MatrixLike[][] = [
      [X1.toArray(), X2.toArray()],
      [
        { rows: 20, cols: 2, data: Array.from(X1.data) },
        { data: X2.data, shape: [20, 3] },
      ],
      [{ data: X1.data, dims: [20, 2] }, X2],
    ]
    for (const form of forms) expect(new PerfectAlignment({ nComponents: 2 }).fit(form).maps).toEqual(expected)
  })

  it('has maps of k x d_m, and forgets earlier fits', () => {
    const model = new PerfectAlignment({ nComponents: 2, selection: 'balanced' })
    expect(model.fit(sharedLatents(20, [4, 4, 4], 2, 0.1, 81))).toBe(model)
    const modalities = sharedLatents(20, [2, 3], 2, 0.1, 82)
    model.fit(modalities)
    expect(model.maps.map(({ rows, cols }) => [rows, cols])).toEqual([[2, 2], [2, 3]]) // prettier-ignore
    expect(model.maps).toEqual(new PerfectAlignment({ nComponents: 2, selection: 'balanced' }).fit(modalities).maps)
    expect(model.singularValues).toHaveLength(5)
  })

  it('does not change what it was given', () => {
    const modalities = sharedLatents(20, [2, 3], 2, 0.1, 83)
    const copies = modalities.map((X) => X.toArray())
    new PerfectAlignment({ nComponents: 2 }).fit(modalities).transform(modalities[0], 0)
    expect(modalities.map((X) => X.toArray())).toEqual(copies)
  })

  it.each(SELECTIONS)('computes float32 data in float64: %s', (selection) => {
    const modalities = sharedLatents(60, [4, 5], 3, 0.3, 84).map(toFloat32)
    const doubles = modalities.map((X) => new Matrix(X.rows, X.cols, Float64Array.from(X.data)))
    const model = new PerfectAlignment({ nComponents: 3, selection }).fit(modalities)
    expect(model.maps).toEqual(new PerfectAlignment({ nComponents: 3, selection }).fit(doubles).maps)
    expect(model.transform(modalities[0], 0).data).toBeInstanceOf(Float64Array)
  })

  it.each([
    ['zero', new Matrix(6, 3)],
    ['constant', new Matrix(6, 3, new Float64Array(18).fill(1e9))],
    ['of one column', new Matrix(6, 1, Float64Array.of(1, 2, 3, 4, 5, 9))],
    ['of rank one', times(gaussian(6, 1, 1), gaussian(1, 3, 2))],
  ])('copes with a modality that is %s', (_, X) => {
    for (const selection of SELECTIONS) {
      for (const others of [[gaussian(6, 3, 85)], [X], [gaussian(6, 3, 85), X, gaussian(6, 2, 86)]]) {
        const modalities = [X, ...others]
        const model = new PerfectAlignment({ nComponents: 2, selection }).fit(modalities)
        const numbers = [...model.maps, model.translate(X, 0, 1)].flatMap(({ data }) => Array.from(data))
        expect([...numbers, ...model.singularValues, ...model.sharedStrength].every(Number.isFinite)).toBe(true)
        expect(model.score(modalities)).toBeLessThanOrEqual(0)
      }
    }
  })

  it.each([2 ** -1020, 1e-140, 1e140, 2 ** 1015])('copes with data of size %f', (size) => {
    const modalities = sharedLatents(40, [4, 3], 2, 0.2, 87)
    for (const selection of SELECTIONS) {
      const model = new PerfectAlignment({ nComponents: 2, selection }).fit(modalities.map((X) => scaledBy(X, size)))
      const same = new PerfectAlignment({ nComponents: 2, selection }).fit(modalities)
      const unscaled = stackedMap(model).data.map((a) => (model.selected === 'balanced' ? a * size : a))
      expect(maxDifference(unscaled, stackedMap(same).data)).toBeLessThan(1e-10)
      expect(maxDifference(model.sharedStrength, same.sharedStrength)).toBeLessThan(1e-9)
    }
  })
})

it('says that data is too large or maps the smallest of all to finite numbers', () => {
  const modalities = sharedLatents(40, [4, 3], 2, 0.2, 87)
  const sized = (e: number) => modalities.map((X) => scaledBy(scaledBy(X, 2 ** (e / 2)), 2 ** (e / 2)))
  for (const selection of SELECTIONS) {
    const model = new PerfectAlignment({ nComponents: 2, selection })
    expect(() => model.fit(sized(1021))).toThrow('beyond the largest float64: scale them down first')
    model.fit(sized(-1060))
    const numbers = [...model.maps, model.translate(sized(-1060)[0], 0, 1)].flatMap(({ data }) => Array.from(data))
    expect([...numbers, ...model.sharedStrength].every(Number.isFinite)).toBe(true)
  }
})

describe('partialFit and merge', () => {
  it.each(SELECTIONS)('give the latent subspace of one fit, in any order: %s', (selection) => {
    for (const [widths, noise] of [
      [[6, 5], 0.3],
      [[6, 5], 0],
      [[4, 5, 3], 0.3],
    ] as const) {
      // prettier-ignore
      const modalities = sharedLatents(120, widths, 3, noise, 90)
      const options = { nComponents: 3, selection }
      const whole = new PerfectAlignment(options).fit(modalities)
      const part = (start: number, end: number) =>
        new PerfectAlignment(options).partialFit(rowRanges(modalities, start, end))
      const streamed = part(0, 7)
        .partialFit(rowRanges(modalities, 7, 70))
        .partialFit(rowRanges(modalities, 70, 120))
      const merged = part(70, 120).merge(part(0, 1).merge(part(1, 70)))
      for (const model of [streamed, merged]) {
        expect(model.selected).toBe(whole.selected)
        // Where there are 11 - 3 null directions, the last three are whichever rounding makes them.
        if (selection === 'last' && noise === 0) continue
        expect(subspaceDistance(stackedMap(model), stackedMap(whole))).toBeLessThan(1e-10)
        expect(maxDifference(model.sharedStrength, whole.sharedStrength)).toBeLessThan(1e-9 * whole.sharedStrength[0])
        model.means.forEach((mean, m) => {
          expect(maxDifference(mean, whole.means[m])).toBeLessThan(1e-14)
        })
      }
    }
  })

  it('goes on after a fit, with new maps only when samples came in', () => {
    const modalities = sharedLatents(60, [3, 4], 2, 0.3, 91)
    const model = new PerfectAlignment({ nComponents: 2 }).fit(rowRanges(modalities, 0, 30))
    const before = model.maps
    expect(model.maps).toEqual(before)
    const values = model.singularValues
    model.partialFit(rowRanges(modalities, 30, 60))
    expect(model.maps[0]).not.toEqual(before[0])
    expect(model.singularValues).not.toEqual(values)
    const whole = new PerfectAlignment({ nComponents: 2 }).fit(modalities)
    expect(subspaceDistance(stackedMap(model), stackedMap(whole))).toBeLessThan(1e-12)
  })

  it('merges with what is not fitted, and leaves the other as it was', () => {
    const modalities = sharedLatents(40, [3, 4], 2, 0.3, 92)
    const empty = () => new PerfectAlignment({ nComponents: 2 })
    const fitted = empty().fit(modalities)
    const maps = fitted.maps
    expect(() => empty().merge(empty()).maps).toThrow(NotFittedError)
    expect(empty().fit(modalities).merge(empty()).maps).toEqual(maps)
    const adopted = empty().merge(fitted)
    expect(adopted.maps).toEqual(maps)
    adopted.partialFit(modalities)
    expect(fitted.maps).toEqual(maps)
  })

  it('take a joint factor for the samples that it has seen, which stays as it was', async () => {
    const modalities = sharedLatents(60, [3, 4], 2, 0.3, 94)
    const factor = (start: number, end: number) => new JointFactor([3, 4]).update(rowRanges(modalities, start, end))
    const joint = factor(0, 60)
    const options = { nComponents: 2 }
    const whole = new PerfectAlignment(options).fit(modalities)
    expect(new PerfectAlignment(options).fit(joint).maps).toEqual(whole.maps)
    expect((await new PerfectAlignment(options).fitAsync(joint)).maps).toEqual(whole.maps)
    expect(new PerfectAlignment(options).partialFit(joint).maps).toEqual(whole.maps)
    const streamed = new PerfectAlignment(options).partialFit(factor(0, 20)).partialFit(factor(20, 60))
    expect(subspaceDistance(stackedMap(streamed), stackedMap(whole))).toBeLessThan(1e-12)
    const grown = new PerfectAlignment(options).fit(joint).partialFit(modalities)
    expect([joint.rows, grown.maps.length]).toEqual([60, 2])
  })

  it('accepts chunks without rows, and single rows', () => {
    const modalities = sharedLatents(5, [2, 2], 2, 0.1, 93)
    const model = new PerfectAlignment({ nComponents: 1, selection: 'balanced' })
    model.partialFit([new Matrix(0, 2), new Matrix(0, 2)])
    expect(() => model.maps).toThrow(NotFittedError)
    model.partialFit(rowRanges(modalities, 0, 1))
    expect(() => model.maps).toThrow(new RangeError("selection 'balanced' needs at least 2 rows, got 1"))
    for (let i = 1; i < 5; i++) model.partialFit(rowRanges(modalities, i, i + 1))
    const whole = new PerfectAlignment({ nComponents: 1, selection: 'balanced' }).fit(modalities)
    expect(subspaceDistance(stackedMap(model), stackedMap(whole))).toBeLessThan(1e-12)
  })
})

describe('transform', () => {
  const modalities = sharedLatents(2100, [4, 3], 2, 0.2, 95).map((X) => offset(X, 4))

  it('is A x, of x less the mean if the model is centred', () => {
    for (const [selection, center] of [
      ['last', false],
      ['last', true],
      ['informative', false],
      ['balanced', true],
    ] as const) {
      // prettier-ignore
      const model = new PerfectAlignment({ nComponents: 2, selection, center }).fit(modalities)
      expect(model.centered).toBe(center)
      modalities.forEach((X, m) => {
        const expected = times(center ? centred(X) : X, model.maps[m].transpose())
        expect(maxDifference(model.transform(X, m).data, expected.data)).toBeLessThan(1e-11)
      })
    }
  })

  it('maps rows one by one, and no rows to no rows', () => {
    const model = new PerfectAlignment({ nComponents: 2 }).fit(modalities)
    const all = model.transform(modalities[1], 1)
    const [one] = rowRanges([modalities[1]], 1500, 1501)
    expect(maxDifference(model.transform(one, 1).data, all.row(1500))).toBeLessThan(1e-14)
    for (const none of [[], new Matrix(0, 3), new Matrix(0, 0)])
      expect(model.transform(none, 1)).toEqual(new Matrix(0, 2))
  })
})

describe('translate', () => {
  it('is the least-squares prediction of the target from the latent, with an intercept', () => {
    const modalities = sharedLatents(200, [5, 4, 6], 3, 0.4, 96).map((X) => offset(X, 10))
    for (const selection of SELECTIONS) {
      const model = new PerfectAlignment({ nComponents: 2, selection }).fit(modalities)
      for (const [from, to] of [
        [0, 1],
        [2, 0],
        [1, 2],
      ]) {
        // prettier-ignore
        const predicted = model.translate(modalities[from], from, to)
        const error = minus(modalities[to], predicted)
        // Normal equations: the residual is orthogonal to every latent and to the intercept.
        const Z = model.transform(modalities[from], from)
        const scale = frobenius(modalities[to])
        expect(frobenius(times(centred(Z).transpose(), error))).toBeLessThan(1e-12 * scale * frobenius(Z))
        expect(Math.hypot(...columnMeans(error))).toBeLessThan(1e-12 * scale)
      }
    }
  })

  it('is exact where the latent tells all', () => {
    const modalities = sharedLatents(100, [5, 4], 3, 0, 97).map((X) => offset(X, 2))
    for (const selection of ['auto', 'balanced', 'informative'] as const) {
      const model = new PerfectAlignment({ nComponents: 3, selection, center: true }).fit(modalities)
      expect(maxDifference(model.translate(modalities[0], 0, 1).data, modalities[1].data)).toBeLessThan(1e-11)
    }
  })

  it('keeps its accuracy where a Gram matrix of the latents would lose it', () => {
    const Z = gaussian(300, 2, 98)
    for (let i = 0; i < 300; i++) Z.set(i, 1, Z.get(i, 0) + 1e-7 * Z.get(i, 1))
    const modalities = [Z, times(Z, Matrix.from([[1, 1e7], [0, -1e7]]))] // prettier-ignore
    const model = new PerfectAlignment({ nComponents: 2, selection: 'informative', center: true }).fit(modalities)
    const predicted = model.translate(Z, 0, 1)
    const error = Array.from({ length: 300 }, (_, i) => predicted.get(i, 1) - modalities[1].get(i, 1))
    expect(Math.hypot(...error) / Math.hypot(...modalities[1].transpose().row(1))).toBeLessThan(1e-7)
  })

  it('predicts the mean from latents that collapsed, and not their rounding', () => {
    const modalities = sharedLatents(50, [8, 3], 2, 0, 99).map((X) => offset(X, 1))
    // 'last' with k = d holds the collapsed directions, and with center: true nothing else but the relations.
    const [X1, X2] = modalities
    const constant = new Matrix(50, 2, new Float64Array(100).fill(5))
    const model = new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit([constant, X2])
    const predicted = model.translate(constant, 0, 1)
    for (let i = 0; i < 50; i++) expect(maxDifference(predicted.row(i), columnMeans(X2))).toBeLessThan(1e-12)
    const full = new PerfectAlignment({ nComponents: 11, selection: 'last', center: true }).fit(modalities)
    expect(maxDifference(full.translate(X1, 0, 1).data, X2.data)).toBeLessThan(1e-10)
  })
})

describe('score', () => {
  it('is minus the CMAE, averaged over the pairs', () => {
    const modalities = sharedLatents(50, [4, 3, 5], 2, 0.3, 100)
    const model = new PerfectAlignment({ nComponents: 2 }).fit(modalities)
    const [Z0, Z1, Z2] = modalities.map((X, m) => model.transform(X, m))
    const mean = (cmae(Z0, Z1) + cmae(Z0, Z2) + cmae(Z1, Z2)) / 3
    expect(model.score(modalities)).toBeCloseTo(-mean, 12)
    const pair = modalities.slice(0, 2)
    const two = new PerfectAlignment({ nComponents: 2 }).fit(pair)
    expect(two.score(pair)).toBe(-cmae(two.transform(pair[0], 0), two.transform(pair[1], 1)))
  })
})

describe('more than two modalities', () => {
  it("'last' minimises the misalignment of all pairs, the sum of the k smallest sigma^2", () => {
    const modalities = sharedLatents(70, [4, 3, 5], 2, 0.4, 101)
    const model = new PerfectAlignment({ nComponents: 3, selection: 'last' }).fit(modalities)
    const Z = modalities.map((X, m) => model.transform(X, m))
    const pairs = frobenius(minus(Z[0], Z[1])) ** 2 + frobenius(minus(Z[0], Z[2])) ** 2 + frobenius(minus(Z[1], Z[2])) ** 2 // prettier-ignore
    const least = model.singularValues.slice(-3).reduce((sum, sigma) => sum + sigma ** 2, 0)
    expect(pairs / least).toBeCloseTo(1, 10)
    // All differences on top of each other have the same singular values as the contrasts.
    const zero = (X: Matrix) => new Matrix(X.rows, X.cols)
    const [X0, X1, X2] = modalities
    const rows = [
      beside(X0, scaledBy(X1, -1), zero(X2)),
      beside(X0, zero(X1), scaledBy(X2, -1)),
      beside(zero(X0), X1, scaledBy(X2, -1)),
    ]
    const all = new Matrix(210, 12, rows.flatMap(({ data }) => Array.from(data))) // prettier-ignore
    expect(maxDifference(model.singularValues, svdvals(all))).toBeLessThan(1e-12 * model.singularValues[0])
  })
})

describe('what is reported', () => {
  it('tells shared components from others', () => {
    const shared = sharedLatents(400, [8, 9], 3, 0.5, 102)
    const model = new PerfectAlignment({ nComponents: 6, selection: 'balanced' }).fit(shared)
    expect(model.unrelatedStrength).toBe(0.25)
    const count = (m: PerfectAlignment) => m.sharedStrength.filter((mu) => mu > m.unrelatedStrength).length
    // Three are shared; the others correlate by chance, as few rows let them.
    expect(model.sharedStrength[2]).toBeGreaterThan(5 * model.sharedStrength[3])
    expect(model.sharedStrength[3]).toBeLessThan(0.6)
    const nothing = [gaussian(400, 8, 103), gaussian(400, 9, 104)]
    expect(count(new PerfectAlignment({ nComponents: 6, selection: 'balanced' }).fit(nothing))).toBe(0)
    // A collapse, which no alignment error shows: the last singular vectors of rank-deficient data.
    const collapsed = new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(sharedLatents(100, [30, 30], 2, 0, 105)) // prettier-ignore
    expect(count(collapsed)).toBeLessThan(2)
    const three = new PerfectAlignment({ nComponents: 1 }).fit(sharedLatents(100, [3, 3, 3], 2, 0.1, 106))
    expect(three.unrelatedStrength).toBeCloseTo(1 / 18, 15)
  })
})

describe('errors', () => {
  const modalities = sharedLatents(20, [2, 3], 2, 0.1, 110)
  const model = () => new PerfectAlignment({ nComponents: 2 }).fit(modalities)
  const holed = modalities[0].toArray()
  holed[7][1] = NaN
  it.each<[() => unknown, new (...args: never[]) => Error, string]>([
    [() => new PerfectAlignment(undefined as never), TypeError, 'nComponents must be an integer, got undefined'],
    [() => new PerfectAlignment({} as never), TypeError, 'nComponents must be an integer, got undefined'],
    [() => new PerfectAlignment({ nComponents: 0 }), RangeError, 'nComponents must be an integer from 1'],
    [() => new PerfectAlignment({ nComponents: 1.5 }), RangeError, 'got 1.5'],
    [
      () => new PerfectAlignment({ nComponents: 2, selection: 'best' as never }),
      RangeError,
      "selection must be one of 'auto'",
    ],
    [() => new PerfectAlignment({ nComponents: 2, selection: 3 as never }), TypeError, 'selection must be one of'],
    [
      () => new PerfectAlignment({ nComponents: 2, center: 1 as never }),
      TypeError,
      'center must be true or false, got 1',
    ],
    [() => new PerfectAlignment({ nComponents: 2, tolerance: '0' as never }), TypeError, 'tolerance must be a number'],
    [
      () => new PerfectAlignment({ nComponents: 2, tolerance: -1 }),
      RangeError,
      'tolerance must be from 0 to below 1, got -1',
    ],
    [() => new PerfectAlignment({ nComponents: 2, tolerance: NaN }), RangeError, 'got NaN'],
    [() => model().fit(7 as never), TypeError, 'modalities must be an array of matrices, one per modality, got 7'],
    [() => model().fit([modalities[0]]), RangeError, 'got 1 modalities, expected at least 2'],
    [() => model().fit([]), RangeError, 'got 0 modalities, expected at least 2'],
    [
      () =>
        model().fit([
          [1, 2],
          [3, 4],
        ] as never),
      TypeError,
      'modality 0: row 0 must be an array of numbers',
    ],
    [() => model().fit([modalities[0], [[1]]]), RangeError, 'modality 1 has 1 rows, modality 0 has 20'],
    [() => model().fit([modalities[0], new Matrix(20, 0)]), RangeError, 'modality 1 has no columns'],
    [
      () => model().fit([new Matrix(0, 2), new Matrix(0, 2)]),
      RangeError,
      "selection 'auto' needs at least 2 rows, got 0",
    ],
    [() => model().fit([[[1, 2]], [[1, 2]]]), RangeError, "selection 'auto' needs at least 2 rows, got 1"],
    [() => model().fit([holed, modalities[1]]), RangeError, 'modality 0: entry (7, 1) is NaN'],
    [
      () =>
        model().fit([
          [[1], [null as never]],
          [[1], [2]],
        ]),
      TypeError,
      'modality 0: entry (1, 0) must be a number, got null',
    ],
    [
      () =>
        model().fit([
          [[1], [2, 3]],
          [[1], [2]],
        ]),
      RangeError,
      'modality 0: row 1 has 2 entries, row 0 has 1',
    ],
    [
      () => new PerfectAlignment({ nComponents: 6 }).fit(modalities),
      RangeError,
      'nComponents is 6, expected at most 5',
    ],
    [() => new PerfectAlignment({ nComponents: 6 }).partialFit(modalities), RangeError, 'nComponents is 6'],
    [() => new PerfectAlignment({ nComponents: 6 }).merge(model()), RangeError, 'nComponents is 6'],
    [() => model().partialFit([modalities[1], modalities[0]]), RangeError, 'modality 0 has 3 columns, expected 2'],
    [() => model().partialFit([holed, modalities[1]]), RangeError, 'entry (7, 1) is NaN'],
    [() => model().fit(new JointFactor([5])), RangeError, 'got a factor of 1 modalities, expected at least 2'],
    [() => new PerfectAlignment({ nComponents: 6 }).fit(new JointFactor([2, 3])), RangeError, 'nComponents is 6'],
    [() => model().fit(new JointFactor([2, 3])), RangeError, "selection 'auto' needs at least 2 rows, got 0"],
    [() => model().partialFit(new JointFactor([3, 2])), RangeError, 'cannot merge a factor of widths 3, 2'],
    [() => model().merge({} as never), TypeError, 'can merge a linear alignment only, got '],
    [
      () =>
        model().merge(
          new PerfectAlignment({ nComponents: 1 }).fit([
            [[1], [2]],
            [[1], [2]],
          ]),
        ),
      RangeError,
      'cannot merge',
    ],
    [() => new PerfectAlignment({ nComponents: 2 }).maps, NotFittedError, 'call fit or partialFit first'],
    [() => new PerfectAlignment({ nComponents: 2 }).singularValues, NotFittedError, 'call fit'],
    [() => new PerfectAlignment({ nComponents: 2 }).transform([[1, 2]], 0), NotFittedError, 'call fit'],
    [() => new PerfectAlignment({ nComponents: 2 }).translate([[1, 2]], 0, 1), NotFittedError, 'call fit'],
    [() => new PerfectAlignment({ nComponents: 2 }).score(modalities), NotFittedError, 'call fit'],
    [() => new PerfectAlignment({ nComponents: 2 }).toBytes(), NotFittedError, 'call fit'],
    [() => model().transform(modalities[0], 2), RangeError, 'modality must be an integer from 0 to 1, got 2'],
    [() => model().transform(modalities[0], -1), RangeError, 'modality must be an integer from 0 to 1, got -1'],
    [() => model().transform(modalities[0], '0' as never), TypeError, 'modality must be an integer, got a string'],
    [
      () => model().transform(modalities[1], 0),
      RangeError,
      'x has 3 columns, expected 2 as modality 0 was fitted with',
    ],
    [() => model().transform([1, 2] as never, 0), TypeError, 'x: row 0 must be an array of numbers, got 1'],
    [() => model().transform([[1, Infinity]], 0), RangeError, 'x: entry (0, 1) is Infinity'],
    [() => model().translate(modalities[0], 0, 0), RangeError, 'from and to are both 0'],
    [() => model().translate(modalities[0], 0, 5), RangeError, 'to must be an integer from 0 to 1, got 5'],
    [() => model().translate(modalities[0], 9, 0), RangeError, 'from must be an integer from 0 to 1, got 9'],
    [() => model().score([modalities[0]]), RangeError, 'got 1 modalities, expected 2'],
    [() => model().score([modalities[1], modalities[0]]), RangeError, 'modality 0 has 3 columns, expected 2'],
    [() => model().score([new Matrix(0, 2), new Matrix(0, 3)]), RangeError, 'must hold at least one sample'],
    [() => model().toBytes({ precision: 'f16' as never }), RangeError, "precision must be one of 'f64', 'f32'"],
  ])('%# says what is wrong', (work, kind, message) => {
    expect(work).toThrow(kind)
    expect(work).toThrow(message)
  })

  it('leave the model as it was and the package working', () => {
    const fitted = model()
    const before = fitted.toBytes({ state: true })
    const bad: (() => unknown)[] = [
      () => fitted.fit([holed, modalities[1]]),
      () => fitted.fit([[[1, 2]], [[1, 2, 3]]]),
      () => fitted.partialFit([holed, modalities[1]]),
      () =>
        fitted.merge(
          new PerfectAlignment({ nComponents: 1 }).fit([
            [[1], [2]],
            [[1], [2]],
          ]),
        ),
      () => fitted.transform(holed, 0),
    ]
    for (const work of bad) expect(work).toThrow(RangeError)
    expect(fitted.toBytes({ state: true })).toEqual(before)
    expect(model().maps).toEqual(fitted.maps)
    expect(new ConvergenceError('').name).toBe('ConvergenceError')
  })
})
