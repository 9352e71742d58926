import { describe, expect, test } from 'vitest'
import {
  CanonicalCorrelation,
  evaluate,
  FileFormatError,
  JointFactor,
  LeastSquares,
  LinearContrastive,
  loadAlignment,
  Matrix,
  OrthogonalProcrustes,
  PerfectAlignment,
  type LinearAlignment,
} from '../../src/index.js'
import { FeatureMap, fourierFeatures, nystroemFeatures, registerFeatures } from '../../src/features/index.js'
import { readSafetensors, writeSafetensors } from '../../src/io/index.js'
import { crossValidate } from '../../src/model-selection/index.js'
import { registerSolvers } from '../../src/solvers/index.js'
import { randomStream } from '../../src/random/random-stream.js'

registerFeatures()
registerSolvers()

/** Two views of points on a circle and of how far round they are, which no linear map takes from one to the other. */
function views(n: number, seed: string): Matrix[] {
  const { normal, uniform } = randomStream(seed, 'views')
  const angles = Array.from({ length: n }, () => 2 * Math.PI * uniform())
  const noisy = (rows: number[][]) => Matrix.from(rows.map((row) => row.map((x) => x + 0.02 * normal())))
  return [
    noisy(angles.map((t) => [Math.cos(t), Math.sin(t), 0.3 * Math.cos(t) - Math.sin(t)])),
    noisy(angles.map((t) => [Math.cos(2 * t) + 5, Math.sin(2 * t), Math.cos(t), 3 * Math.sin(2 * t)])),
  ]
}

const train = views(90, 'train')
const held = views(25, 'held')
const recipes = [fourierFeatures({ dimensions: 20, width: 1, seed: 1 }), fourierFeatures({ dimensions: 24, width: 1, seed: 2 })] // prettier-ignore
const maps = recipes.map((recipe, m) => recipe.fit(train[m]))
const through = (modalities: readonly Matrix[]) => modalities.map((X, m) => maps[m].transform(X))

const close = (found: Matrix, wanted: Matrix, tolerance = 1e-9) => {
  expect([found.rows, found.cols]).toEqual([wanted.rows, wanted.cols])
  const size = Math.max(...Array.from(wanted.data, Math.abs))
  expect(Math.max(...Array.from(found.data, (x, i) => Math.abs(x - wanted.data[i]))) / size).toBeLessThan(tolerance)
}

type Estimator = new (options: object) => LinearAlignment
const METHODS: [string, Estimator, object][] = [
  ['PerfectAlignment', PerfectAlignment as Estimator, { nComponents: 4 }],
  ["'last'", PerfectAlignment as Estimator, { nComponents: 3, selection: 'last' }],
  ['CanonicalCorrelation', CanonicalCorrelation as Estimator, { nComponents: 4, regularization: 0.1 }],
  ['LeastSquares', LeastSquares, { ridge: 0.5 }],
  ['OrthogonalProcrustes', OrthogonalProcrustes, { nComponents: 4 }],
  ['LinearContrastive', LinearContrastive as Estimator, { nComponents: 4 }],
  ['InfoNCE', LinearContrastive as Estimator, { nComponents: 3, solver: 'infonce', epochs: 3 }],
]

describe.each(METHODS)('%s behind feature maps', (_, Method, options) => {
  const model = new Method({ ...options, features: recipes }).fit(train)
  const plain = new Method(options).fit(through(train))

  test('is the method on features, of rows', () => {
    close(model.transform(held[0], 0), plain.transform(maps[0].transform(held[0]), 0))
    close(model.translate(held[0], 0, 1), maps[1].inverse(plain.translate(maps[0].transform(held[0]), 0, 1)))
    expect(model.widths).toEqual([3, 4])
    expect(model.featureMaps.map((map) => map?.outputs)).toEqual([23, 28])
    expect(model.maps.map(({ cols }) => cols)).toEqual([23, 28])
    expect(model.score(held)).toBeCloseTo(plain.score(through(held)), 9)
  })

  test('is the same for one vector, and in turns', async () => {
    const Z = model.transform(held[1], 1)
    const Y = model.translate(held[1], 1, 0)
    expect(model.transformVector(held[1].row(3), 1)).toHaveLength(Z.cols)
    close(new Matrix(1, Z.cols, model.transformVector(held[1].row(3), 1)), new Matrix(1, Z.cols, Z.row(3)))
    close(new Matrix(1, 3, model.translateVector(held[1].row(3), 1, 0)), new Matrix(1, 3, Y.row(3)))
    const again = await new Method({ ...options, features: recipes }).fitAsync(train)
    close(await again.transformAsync(held[1], 1), Z)
    close(await again.translateAsync(held[1], 1, 0), Y)
    const single = model.transform(held[1], 1, { precision: 'f32' })
    expect(single.data).toBeInstanceOf(Float32Array)
    close(single, Z, 1e-5)
    expect((await model.transformAsync(held[1], 1, { precision: 'f32' })).data).toEqual(single.data)
  })

  test.each(['f64', 'f32'] as const)('is read from a %s file', (precision) => {
    const bytes = model.toBytes({ precision })
    const tolerance = precision === 'f64' ? 1e-12 : 1e-5
    for (const read of [loadAlignment(bytes), loadAlignment(loadAlignment(bytes).toBytes({ precision }))]) {
      close(read.transform(held[0], 0), model.transform(held[0], 0), tolerance)
      close(read.translate(held[0], 0, 1), model.translate(held[0], 0, 1), tolerance)
      expect(read.widths).toEqual([3, 4])
    }
  })

  test('is evaluated on rows', () => {
    const [found, wanted] = [evaluate(model, held), evaluate(plain, through(held))]
    expect(found.means.cmae).toBeCloseTo(wanted.means.cmae, 9)
    expect(found.means.recallAt).toEqual(wanted.means.recallAt)
  })
})

describe('which features', () => {
  const options = { nComponents: 2, selection: 'balanced' } as const

  test('one for all, one for some, and maps that are fitted', () => {
    const one = new PerfectAlignment({ ...options, features: recipes[0] }).fit(train)
    close(one.transform(held[1], 1), new PerfectAlignment({ ...options, features: [recipes[0], recipes[0]] }).fit(train).transform(held[1], 1)) // prettier-ignore
    const some = new PerfectAlignment({ ...options, features: [null, recipes[1]] }).fit(train)
    expect(some.featureMaps.map((map) => map?.outputs)).toEqual([undefined, 28])
    expect(some.translate(held[0], 0, 1).cols).toBe(4)
    close(loadAlignment(some.toBytes()).translate(held[1], 1, 0), some.translate(held[1], 1, 0))
    // Fitted here, by the build that fits below: files before this one may have used another.
    const fitted = recipes.map((recipe, m) => recipe.fit(train[m]))
    const given = new PerfectAlignment({ ...options, features: fitted }).fit(train)
    expect(given.transform(held[0], 0).data).toEqual(new PerfectAlignment({ ...options, features: recipes }).fit(train).transform(held[0], 0).data) // prettier-ignore
    expect(given.featureMaps[0]).toBe(fitted[0])
    const none = new PerfectAlignment({ ...options, features: [null, undefined] }).fit(train)
    expect(none.toBytes()).toEqual(new PerfectAlignment(options).fit(train).toBytes())
  })

  test('three modalities', () => {
    const three = [...train, train[0]]
    const model = new PerfectAlignment({ ...options, features: recipes[0] }).fit(three)
    expect(model.transform(held[0], 2).cols).toBe(2)
    expect(model.widths).toEqual([3, 4, 3])
  })

  test('what holds no rows maps, and is not led to', () => {
    const features = [nystroemFeatures({ landmarks: 30 }), recipes[1]]
    const model = new PerfectAlignment({ ...options, features }).fit(train)
    expect(() => model.translate(held[1], 1, 0)).toThrow('do not hold the rows')
    expect(model.translate(held[0], 0, 1).cols).toBe(4)
    const read = loadAlignment(model.toBytes())
    close(read.transform(held[0], 0), model.transform(held[0], 0))
    close(read.translate(held[0], 0, 1), model.translate(held[0], 0, 1))
    expect(() => read.translate(held[1], 1, 0)).toThrow('do not hold the rows')
    expect(loadAlignment(read.toBytes()).toBytes()).toEqual(read.toBytes())
    const both = new PerfectAlignment({ ...options, features: [nystroemFeatures({ linear: true, landmarks: 30 }), recipes[1]] }).fit(train) // prettier-ignore
    expect(both.translate(held[1], 1, 0).cols).toBe(3)
  })

  test('translations are least squares on the rows themselves', () => {
    const model = new PerfectAlignment({ nComponents: 5, features: recipes }).fit(train)
    const Z = model.transform(train[0], 0).toArray()
    const direct = new LeastSquares().fit([Z, train[1]])
    close(model.translate(held[0], 0, 1), direct.translate(model.transform(held[0], 0), 0, 1))
  })
})

describe('rows that come a few at a time', () => {
  const options = { nComponents: 3, selection: 'balanced' } as const
  const part = (from: number, to: number) => train.map((X) => Matrix.from(X.toArray().slice(from, to)))
  const whole = new PerfectAlignment({ ...options, features: maps }).fit(train)

  test('go through the same maps', async () => {
    const model = new PerfectAlignment({ ...options, features: maps }).partialFit(part(0, 40)).partialFit(part(40, 90))
    close(await model.transformAsync(held[0], 0), whole.transform(held[0], 0), 1e-8)
    close(model.translate(held[0], 0, 1), whole.translate(held[0], 0, 1), 1e-8)
  })

  test('after a fit go through those of the fit, of a file too', () => {
    const model = new PerfectAlignment({ ...options, features: recipes }).fit(part(0, 50))
    const first = recipes.map((recipe, m) => recipe.fit(part(0, 50)[m]))
    const wanted = new PerfectAlignment({ ...options, features: first }).fit(train)
    const read = PerfectAlignment.fromBytes(model.toBytes({ state: true }))
    for (const one of [model, read]) {
      close(one.partialFit(part(50, 90)).transform(held[0], 0), wanted.transform(held[0], 0), 1e-8)
    }
    expect(model.fit(train).transform(held[0], 0).data).not.toEqual(wanted.transform(held[0], 0).data)
  })

  test('need maps', () => {
    const model = new PerfectAlignment({ ...options, features: recipes })
    expect(() => model.partialFit(train)).toThrow('features of modality 0 are not fitted')
    expect(() => model.partialFit(train)).toThrow('fit them to a sample')
    expect(() => model.fit(new JointFactor([23, 28]).update(through(train)))).toThrow('not fitted')
    expect(model.fit(train).maps).toHaveLength(2)
  })

  test('merge if the maps are the same, whether they are one object or not', () => {
    const copies = maps.map((map) => FeatureMap.fromBytes(map.toBytes()))
    const [a, b] = [part(0, 40), part(40, 90)]
    const left = new PerfectAlignment({ ...options, features: maps }).partialFit(a)
    const right = new PerfectAlignment({ ...options, features: copies }).partialFit(b)
    close(left.merge(right).transform(held[0], 0), whole.transform(held[0], 0), 1e-8)
    const other = new PerfectAlignment({ ...options, features: recipes }).fit(b)
    expect(() => left.merge(other)).toThrow('modality 0 has other features')
    expect(() => left.merge(new PerfectAlignment(options).fit(through(b)))).toThrow('modality 0 has other features')
    expect(() => new PerfectAlignment(options).partialFit(through(a)).merge(right)).toThrow('other features')
    expect(() => new PerfectAlignment({ ...options, features: recipes }).merge(right)).toThrow('not fitted')
    const empty = new PerfectAlignment({ ...options, features: maps })
    close(empty.merge(right).merge(new PerfectAlignment({ ...options, features: maps }).fit(a)).transform(held[0], 0), whole.transform(held[0], 0), 1e-8) // prettier-ignore
  })

  test('may come as the factor of what the maps give', () => {
    const joint = new JointFactor([23, 28]).update(through(train))
    const model = new PerfectAlignment({ ...options, features: maps }).fit(joint)
    close(model.transform(held[0], 0), whole.transform(held[0], 0))
    close(new PerfectAlignment({ ...options, features: maps }).partialFit(joint).transform(held[0], 0), whole.transform(held[0], 0)) // prettier-ignore
    const raw = new JointFactor([3, 4]).update(train)
    expect(() => model.fit(raw)).toThrow('the factor has 3 columns of modality 0, its features 23')
    expect(() => model.partialFit(raw)).toThrow('cannot merge a factor of widths 3, 4')
  })
})

describe('cross-validation', () => {
  test('fits features to the rows of the other folds, once for all that share them', () => {
    let fits = 0
    const counted = recipes.map((recipe) => ({
      ...recipe,
      fitSteps: (...args: Parameters<typeof recipe.fitSteps>) => (fits++, recipe.fitSteps(...args)),
    }))
    const grid = { nComponents: [1, 2, 4], features: [undefined, counted] }
    const result = crossValidate(PerfectAlignment, train, { grid, folds: 3 })
    expect(fits).toBe(2 * 3)
    for (const row of result.table) {
      const scores = result.folds.map((rows) => {
        const pick = (X: Matrix, wanted: boolean) => X.toArray().filter((_, i) => rows.includes(i) === wanted)
        const model = new PerfectAlignment(row.options).fit(train.map((X) => pick(X, false)))
        return evaluate(model, train.map((X) => pick(X, true))).means.recallAt[1] // prettier-ignore
      })
      row.scores.forEach((score, f) => { expect(score).toBeCloseTo(scores[f], 12) }) // prettier-ignore
    }
    expect(result.best.options.features).toBe(counted)
    expect(result.refit().widths).toEqual([3, 4])
    expect(String(result)).toContain('fourier:dimensions=20,width=1,seed=1/fourier:dimensions=24,width=1,seed=2')
    expect(JSON.stringify(result)).toContain('fourier:dimensions=20')
    const fixed = crossValidate(PerfectAlignment, train, { grid: { nComponents: [2], features: [maps, maps[0]] } })
    expect(JSON.stringify(fixed)).toContain('rows and cosine features of 20 frequencies')
    expect(fixed.table[1].failures[0].error.message).toContain('columns, expected 3')
  })
})

describe('what features are refused', () => {
  const make = (features: unknown) => new PerfectAlignment({ nComponents: 2, features: features as null })

  test.each([
    ['a text', 'fourier'],
    ['a number', 3],
    ['an object', {}],
    ['a text in a list', [maps[0], 'x']],
    ['true', true],
  ])('%s', (_, features) => {
    expect(() => make(features)).toThrow(TypeError)
    expect(() => make(features)).toThrow("'collimate/features'")
  })

  test('too few or too many, and those of other widths', () => {
    expect(() => make([maps[0]]).fit(train)).toThrow('got features for 1 modalities, expected 2')
    expect(() => make([maps[0], maps[1], null]).partialFit(train)).toThrow('got features for 3 modalities, expected 2')
    expect(() => make([maps[1], maps[0]]).fit(train)).toThrow('modality 0 has 3 columns, expected 4')
    const model = make(recipes).fit(train)
    expect(() => model.transform(held[1], 0)).toThrow('x has 4 columns, expected 3')
    expect(() => model.transformVector([1, 2], 0)).toThrow(RangeError)
    expect(() => evaluate(model, [held[1], held[1]])).toThrow('modality 0 has 4 columns, expected 3')
    expect(() => make(recipes[0]).partialFit(held)).toThrow('not fitted')
  })

  test('rows with NaN, and none; the model stays as it was', async () => {
    const model = make(recipes).fit(train)
    const before = model.transform(held[0], 0).data
    const bad = [Matrix.from(train[0].toArray()), train[1]]
    bad[0].set(3, 1, NaN)
    for (const rows of [bad, [new Matrix(0, 3), new Matrix(0, 4)]]) {
      expect(() => model.fit(rows)).toThrow(RangeError)
      await expect(model.fitAsync(rows)).rejects.toThrow(RangeError)
    }
    expect(() => model.fit(bad)).toThrow('modality 0: entry (3, 1) is NaN')
    expect(() => model.partialFit(bad)).toThrow('modality 0: entry (3, 1) is NaN')
    expect(() => model.transform(bad[0], 0)).toThrow('x: entry (3, 1) is NaN')
    await expect(model.transformAsync(bad[0], 0, { precision: 'f32' })).rejects.toThrow('x: entry (3, 1) is NaN')
    expect(model.transform(held[0], 0).data).toEqual(before)
    expect(model.transform(new Matrix(0, 3), 0).rows).toBe(0)
  })

  test('rows that are all the same', () => {
    const still = [new Matrix(6, 3, new Float64Array(18).fill(2)), new Matrix(6, 4)]
    const model = make(recipes).fit(still)
    expect([...model.transform(still[0], 0).data].every((x) => x === 0)).toBe(true)
    close(model.translate(still[1], 1, 0), still[0])
  })
})

describe('files', () => {
  const bytes = new PerfectAlignment({ nComponents: 2, features: recipes }).fit(train).toBytes()

  test('say that they are of another version than those without', () => {
    expect(readSafetensors(bytes).metadata.version).toBe('3')
    expect(readSafetensors(new PerfectAlignment({ nComponents: 2 }).fit(train).toBytes()).metadata.version).toBe('1')
  })

  test('hold the maps, byte for byte', () => {
    const { tensors } = readSafetensors(bytes)
    expect(tensors.get('features.0')?.data).toEqual(maps[0].toBytes())
    expect(tensors.get('decoders.0.1')?.shape).toEqual([2, 4])
  })

  test.each([
    ['a map of other widths', 'features.0', maps[1].toBytes()],
    ['no map', 'features.1', new Uint8Array(40)],
  ])('with %s are refused', (_, name, data) => {
    const { tensors, metadata } = readSafetensors(bytes)
    tensors.set(name, { shape: [data.length], dtype: 'U8', data })
    const changed = writeSafetensors({ tensors, metadata })
    expect(() => loadAlignment(changed)).toThrow(FileFormatError)
  })
})
