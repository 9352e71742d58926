import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import type { LinearAlignment } from '../../src/align/model/linear-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { Matrix } from '../../src/matrix.js'
import { cmae } from '../../src/metrics/alignment.js'
import { recallAtK } from '../../src/metrics/retrieval.js'
import { gaussian } from '../support/random.js'
import { beside, columnMeans, maxDifference, rowRange, rowRanges, sharedLatents, toFloat32 } from './support.js'
import '../support/solvers.js'

type Scales = 'auto' | boolean
const ESTIMATORS: readonly [string, (scale?: Scales) => LinearAlignment & { readonly scale: Scales }][] = [
  ['balanced', (scale) => new PerfectAlignment({ nComponents: 3, selection: 'balanced', scale })],
  ['CCA', (scale) => new CanonicalCorrelation({ nComponents: 3, regularization: 'oas', scale })],
  ['CCA of a given share', (scale) => new CanonicalCorrelation({ nComponents: 3, regularization: 0.1, scale })],
  ['ridge', (scale) => new LeastSquares({ ridge: 10, scale })],
  ['contrastive', (scale) => new LinearContrastive({ nComponents: 3, scale })],
]
const ALL: typeof ESTIMATORS = [
  ...ESTIMATORS,
  ['last', (scale) => new PerfectAlignment({ nComponents: 3, selection: 'last', scale })],
  ['InfoNCE', (scale) => new LinearContrastive({ nComponents: 3, solver: 'infonce', epochs: 20, scale })],
]

/** X with every column multiplied by a number, and one added. */
function changed(X: Matrix, factors: readonly number[], offset = 0): Matrix {
  return new Matrix(X.rows, X.cols, X.data.map((x, at) => offset + x * (factors[at % X.cols] ?? 1))) // prettier-ignore
}

/** Deviations of the columns. */
function deviations(X: Matrix): number[] {
  const means = columnMeans(X)
  return means.map((mean, j) => {
    const squares = Array.from({ length: X.rows }, (_, i) => (X.get(i, j) - mean) ** 2)
    return Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / (X.rows - 1))
  })
}

const counter = (rows: number) =>
  new Matrix(
    rows,
    1,
    Float64Array.from({ length: rows }, (_, i) => i),
  )
/** Recall of the last 100 of 400 rows, of a model of the first 300. */
function heldOutRecall(model: LinearAlignment, modalities: readonly Matrix[]): number {
  model.fit(rowRanges(modalities, 0, 300))
  const [Z1, Z2] = modalities.map((X, m) => model.transform(rowRange(X, 300, 400), m))
  return recallAtK(Z1, Z2, 1)
}

describe("the rule of 'auto'", () => {
  const [X, Y] = sharedLatents(200, [6, 5], 3, 0.1, 1)
  const scalesOf = (first: Matrix, second = Y) =>
    new PerfectAlignment({ nComponents: 2 }).fit([first, second]).scales.map((scales) => [...scales])
  const one = (count: number) => new Array<number>(count).fill(1)

  it('leaves columns alone that differ up to 30 times, and those of other modalities', () => {
    expect(scalesOf(changed(X, [1, 10, 1 / 1000]))).toEqual([one(6), one(5)])
    expect(scalesOf(changed(X, [1, 1e4]))[1]).toEqual(one(5))
    expect(scalesOf(changed(X, one(6)), changed(Y, one(5), 1e5))).toEqual([one(6), one(5)])
  })

  it('gives every column of correlated ones a deviation of 1, if one has 100 times the median', () => {
    const scaled = changed(X, [1, 1000])
    deviations(scaled).forEach((deviation, j) => {
      expect(scalesOf(scaled)[0][j] * deviation).toBeCloseTo(1, 12)
    })
  })

  it('brings single columns of uncorrelated ones to the median, or to 30 times it', () => {
    const noise = changed(gaussian(500, 9, 2), [1, 1e6, 200, 50, 20])
    const [, far, near, nearer] = scalesOf(noise, gaussian(500, 3, 3))[0]
    const sizes = deviations(noise)
    const M = [...sizes].sort((a, b) => a - b)[4]
    expect([far * sizes[1], near * sizes[2], nearer * sizes[3]].map((size) => size / M)).toEqual(
      [1, 30, 30].map((x) => expect.closeTo(x, 10) as number),
    )
    expect(scalesOf(noise, gaussian(500, 3, 3))[0].map((s) => s === 1)).toEqual(
      [true, false, false, false, true, true, true, true, true], // prettier-ignore
    )
  })

  it('takes the lower median of columns that vary, and nothing of those that do not', () => {
    const constant = beside(X, new Matrix(200, 4, new Float64Array(800).fill(7)))
    expect(scalesOf(constant)[0]).toEqual([...one(6), 0, 0, 0, 0])
    expect(scalesOf(new Matrix(200, 2), gaussian(200, 2, 4))[0]).toEqual([0, 0])
    // Two columns: the lower of the two deviations is the median, and the correlation is that of 3 latents.
    const [a, b] = scalesOf(
      changed(
        new Matrix(
          200,
          2,
          X.data.filter((_, at) => at % 6 < 2),
        ),
        [1, 1e4],
      ),
    )[0]
    expect(b / a).toBeLessThan(1e-3)
  })

  it('is the default but for what is in units by definition', () => {
    for (const selection of ['auto', 'balanced'] as const)
      expect(new PerfectAlignment({ nComponents: 1, selection }).scale).toBe('auto')
    for (const options of [{ selection: 'last' }, { selection: 'informative' }, { solver: 'gradient' }] as const)
      expect(new PerfectAlignment({ nComponents: 1, ...options }).scale).toBe(false)
    for (const [, make] of ESTIMATORS) expect(make().scale).toBe('auto')
  })
})

describe.each(ALL)('%s', (name, make) => {
  const [X, Y] = sharedLatents(400, [7, 6], 3, 0.1, 5)
  const factors = [[2 ** 10, 1, 2 ** -7, 4, 1, 2 ** 20, 1], [1, 2 ** -12, 8, 1, 2 ** 5, 1]] // prettier-ignore

  it('true: units change no latent, and no prediction but for its own', () => {
    const inUnits = [changed(X, factors[0]), changed(Y, factors[1])]
    const [plain, other] = [make(true).fit([X, Y]), make(true).fit(inUnits)]
    const source = name === 'ridge' ? 0 : 1
    const [Z, same] = [plain.transform([X, Y][source], source), other.transform(inUnits[source], source)]
    const units = (values: ArrayLike<number>, m: number) =>
      Float64Array.from(values, (x, at) => x / factors[m][at % factors[m].length])
    const latents = name === 'ridge' ? units(same.data, 1) : same.data
    const size = Math.max(...Z.data.map(Math.abs))
    expect(maxDifference(latents, Z.data)).toBeLessThan(1e-9 * size)
    const [predicted, again] = [plain.translate(X, 0, 1), other.translate(inUnits[0], 0, 1)]
    expect(maxDifference(units(again.data, 1), predicted.data)).toBeLessThan(1e-8)
  })

  it('parts merge to what the whole gives, files keep what was asked for and what came of it', () => {
    const modalities = [beside(changed(X, [1000]), counter(400)), Y]
    const whole = make('auto').fit(modalities)
    expect(whole.scales.some((scales) => scales.some((x) => x !== 1))).toBe(true)
    const loaded = loadAlignment(whole.toBytes()) as typeof whole
    expect([loaded.scale, loaded.scales]).toEqual(['auto', whole.scales])
    expect(loaded.transform(modalities[0], 0)).toEqual(whole.transform(modalities[0], 0))
    if (name === 'InfoNCE') return
    const [a, b] = [
      make('auto').fit(rowRanges(modalities, 150, 400)),
      make('auto').partialFit(rowRanges(modalities, 0, 150)),
    ]
    const merged = loadAlignment(a.toBytes({ state: true })).merge(b)
    merged.scales.forEach((scales, m) => {
      scales.forEach((x, j) => {
        expect(x / whole.scales[m][j]).toBeCloseTo(1, 10)
      })
    })
    const [Z, same] = [whole.transform(modalities[0], 0), merged.transform(modalities[0], 0)]
    expect(maxDifference(Z.data, same.data)).toBeLessThan(1e-8 * Math.max(...Z.data.map(Math.abs)))
  })

  it.each(['none', 'AUTO', '', 1, 0, null, {}, [true]])('refuses %j', (scale) => {
    expect(() => make(scale as never)).toThrow("scale must be 'auto', true or false, got")
  })
})

describe('one column of another unit', () => {
  const modalities = sharedLatents(400, [12, 10], 6, 0.1, 8)
  it.each(ESTIMATORS.slice(0, 3))('%s finds what it found without', (_, make) => {
    const plain = heldOutRecall(make(), modalities)
    const [X, Y] = modalities
    const stamps = changed(counter(400), [60], 1.7e9)
    for (const other of [
      [changed(X, [1000]), Y],
      [beside(X, counter(400)), Y],
      [X, beside(Y, stamps)],
    ])
      // prettier-ignore
      expect(heldOutRecall(make(), other)).toBeGreaterThan(plain - 0.1)
  })

  it('is what ridge is told by false, as scikit-learn', () => {
    const [X, Y] = modalities
    const B = (scale: Scales, unit: number) =>
      new LeastSquares({ ridge: 50, scale }).fit([changed(X, [unit]), Y]).maps[0].data
    expect(B('auto', 1)).toEqual(B(false, 1))
    expect(B('auto', 1e4)).not.toEqual(B(false, 1e4))
  })

  it('does not hide exact relations, nor make any', () => {
    const exact = sharedLatents(100, [8, 7], 4, 0, 9)
    const inUnits = [changed(exact[0], [1e7]), beside(exact[1], changed(gaussian(100, 1, 10), [1e9]))]
    const model = new PerfectAlignment({ nComponents: 4 }).fit(inUnits)
    expect(model.selected).toBe('informative')
    const [Z1, Z2] = inUnits.map((X, m) => model.transform(X, m))
    expect(cmae(Z1, Z2)).toBeLessThan(1e-8 * Math.max(...Z1.data.map(Math.abs)))
    expect(new PerfectAlignment({ nComponents: 5 }).fit(inUnits).selected).toBe('balanced')
  })

  it('counts in the singular values of the scaled stack', () => {
    const [X, Y] = modalities
    const model = new PerfectAlignment({ nComponents: 2, scale: true }).fit([changed(X, [1e5]), Y])
    // Unit columns: the squares add up to n - 1 for each.
    const squares = model.singularValues.reduce((sum, sigma) => sum + sigma ** 2, 0)
    expect(squares / (399 * 22)).toBeCloseTo(1, 10)
    const loaded = PerfectAlignment.fromBytes(model.toBytes({ state: true }))
    expect(maxDifference(loaded.singularValues, model.singularValues)).toBeLessThan(1e-9)
  })

  it('may be of any size', () => {
    const [X, Y] = modalities
    for (const factors of [[1e300], [1e-300], [1e150, 1e-150], [1e-310]]) {
      const model = new PerfectAlignment({ nComponents: 4, scale: true }).fit([changed(X, factors), Y])
      expect(model.maps.every((map) => map.data.every(Number.isFinite))).toBe(true)
      const auto = new PerfectAlignment({ nComponents: 4 }).fit([changed(X, factors), Y])
      expect(auto.translate(Y, 1, 0).data.every(Number.isFinite)).toBe(true)
    }
  })

  it('asks for two rows', () => {
    const model = new PerfectAlignment({ nComponents: 1, selection: 'last', scale: true }).fit([[[1, 2]], [[3]]])
    expect(model.scales).toEqual([Float64Array.of(1, 1), Float64Array.of(1)])
  })
})

describe('what does not scale', () => {
  it('has scales of 1: rotations are of the units as they are', () => {
    const modalities = sharedLatents(50, [4, 4], 2, 0.1, 11).map((X) => changed(X, [1000]))
    const model = new OrthogonalProcrustes().fit(modalities)
    expect(model.scales).toEqual([new Float64Array(4).fill(1), new Float64Array(4).fill(1)])
    expect(() => new OrthogonalProcrustes({ scale: true } as never)).toThrow("'scale'")
    expect(new PerfectAlignment({ nComponents: 2, selection: 'last' }).fit(modalities).scales).toEqual(model.scales)
  })
})

describe('files of before there was scale', () => {
  it('go on without', () => {
    const modalities = sharedLatents(60, [5, 4], 2, 0.1, 12).map((X) => changed(X, [1000]))
    const model = new PerfectAlignment({ nComponents: 2, scale: false }).fit(modalities)
    expect(PerfectAlignment.fromBytes(model.toBytes({ state: true })).partialFit(modalities).scales[0][0]).toBe(1)
  })
})

describe('float32', () => {
  it('is scaled as float64', () => {
    const modalities = sharedLatents(100, [5, 4], 2, 0.1, 13).map((X) => changed(X, [1000]))
    const scalesOf = (samples: Matrix[]) => new PerfectAlignment({ nComponents: 2 }).fit(samples).scales[0]
    expect(maxDifference(scalesOf(modalities.map(toFloat32)), scalesOf(modalities))).toBeLessThan(1e-4)
  })
})
