import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import type { LinearAlignment } from '../../src/align/model/linear-alignment.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { FileFormatError, NotFittedError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js'
import { Matrix } from '../../src/matrix.js'
import { gaussian } from '../support/random.js'
import {
  beside,
  centred,
  frobenius,
  maxDifference,
  minus,
  orthonormal,
  rowRanges,
  scaledBy,
  sharedLatents,
  subspaceDistance,
  times,
} from './support.js'
import '../support/solvers.js'

const X = Matrix.from([[1, 2, 0], [3, 1, 4], [0, 5, 2], [2, 2, 7], [6, 1, 1], [4, 3, 3], [5, 0, 2]]) // prettier-ignore
const Y = Matrix.from([[2, 1], [4, 4], [1, 0], [3, 9], [7, 1], [5, 2], [4, 5]]) // prettier-ignore
const Z = Matrix.from([[1, 1], [2, 0], [0, 3], [4, 2], [1, 5], [3, 3], [2, 6]]) // prettier-ignore
const identityGap = (A: Matrix) => frobenius(minus(A, Matrix.identity(A.rows)))
const covariance = (A: Matrix, B: Matrix) => scaledBy(times(centred(A).transpose(), centred(B)), 1 / (A.rows - 1))

const ESTIMATORS = [
  ['PerfectAlignment', () => new PerfectAlignment({ nComponents: 2, selection: 'balanced' }), PerfectAlignment],
  ['CanonicalCorrelation', () => new CanonicalCorrelation({ nComponents: 2, regularization: 'oas' }), CanonicalCorrelation], // prettier-ignore
  ['OrthogonalProcrustes', () => new OrthogonalProcrustes({ nComponents: 2, scaling: true }), OrthogonalProcrustes],
  ['LeastSquares', () => new LeastSquares({ ridge: 0.5 }), LeastSquares],
  ['LinearContrastive', () => new LinearContrastive({ nComponents: 2 }), LinearContrastive],
] as const

describe.each(ESTIMATORS)('%s', (name, make, type) => {
  const modalities = sharedLatents(60, [4, 3], 2, 0.3, 700)

  it('gives the same from parts, merged in any order, from a factor, and asynchronously', async () => {
    const whole = make().fit(modalities)
    const part = (from: number, to: number) => make().partialFit(rowRanges(modalities, from, to))
    const factor = new JointFactor([4, 3]).update(modalities)
    const others = [
      part(0, 20).partialFit(rowRanges(modalities, 20, 60)),
      part(35, 60).merge(part(0, 35)),
      make().fit(factor),
      await make().fitAsync(modalities),
    ]
    for (const other of others) {
      other.maps.forEach((map, m) => {
        expect(maxDifference(map.data, whole.maps[m].data)).toBeLessThan(1e-10 * frobenius(whole.maps[m]))
      })
      expect(other.score(modalities)).toBeCloseTo(whole.score(modalities), 9)
    }
  })

  it('comes back from its file, by its own class and by loadAlignment, with its state if asked', () => {
    const model = make().fit(modalities)
    for (const state of [false, true]) {
      const bytes = model.toBytes({ state })
      for (const loaded of [type.fromBytes(bytes), loadAlignment(bytes)]) {
        expect(loaded).toBeInstanceOf(type)
        expect(loaded.maps).toEqual(model.maps)
        expect(loaded.translate(modalities[0], 0, 1)).toEqual(model.translate(modalities[0], 0, 1))
        expect(loaded.toBytes({ state })).toEqual(bytes)
        if (state) expect(loaded.partialFit(modalities).maps).toHaveLength(2)
        else expect(() => loaded.partialFit(modalities)).toThrow(NotFittedError)
      }
    }
    expect(model.toBytes({ precision: 'f32' }).length).toBeLessThan(model.toBytes().length)
  })

  it('has a file that the Python of docs/estimators.md applies', () => {
    const model = make().fit(modalities)
    const { tensors, metadata } = readSafetensors(model.toBytes())
    const tensor = (name: string) => {
      const { shape, data } = tensors.get(name) ?? { shape: [], data: [] }
      return new Matrix(shape[0], shape[1] ?? 1, Float64Array.from(data, Number))
    }
    const plus = (X: Matrix, row: Matrix, sign: number) =>
      new Matrix(X.rows, X.cols, X.data.map((x, at) => x + sign * row.data[at % X.cols])) // prettier-ignore
    const [X, A, mean, D, target] = [modalities[0], ...['maps.0', 'means.0', 'decoders.0.1', 'means.1'].map(tensor)]
    const latents = times(metadata.centered === 'true' ? plus(X, mean, -1) : X, A.transpose())
    const predicted = plus(times(times(plus(X, mean, -1), A.transpose()), D), target, 1)
    expect(maxDifference(latents.data, model.transform(X, 0).data)).toBeLessThan(1e-12 * frobenius(latents))
    expect(maxDifference(predicted.data, model.translate(X, 0, 1).data)).toBeLessThan(1e-12 * frobenius(predicted))
  })

  it('hands out copies: writing to them changes nothing', () => {
    const model = make().fit(modalities)
    const getters = (prototype: object): string[] =>
      prototype === Object.prototype
        ? []
        : [...Object.getOwnPropertyNames(prototype), ...getters(Object.getPrototypeOf(prototype) as object)]
    const spoil = (value: unknown): number => {
      if (value instanceof Matrix) return spoil(value.data)
      if (value instanceof Float64Array) return value.fill(7).length
      return Array.isArray(value) ? value.map(spoil).reduce((a, b) => a + b, 0) : 0
    }
    const read = (key: string): unknown =>
      key === 'constructor' || key === 'fitted' ? undefined : Reflect.get(model, key)
    // Some are computed, and then kept, when they are first read.
    getters(type.prototype).forEach(read)
    const before = model.toBytes({ state: true })
    const spoilt = getters(type.prototype).filter((key) => spoil(read(key)) > 0)
    expect(spoilt).toEqual(expect.arrayContaining(['maps', 'means']))
    expect(model.toBytes({ state: true })).toEqual(before)
  })

  it.each<[string, (model: LinearAlignment) => unknown, string]>([
    ['options of toBytes', (model) => model.toBytes(null as never), 'options must be an object, got null'],
    [
      'precision',
      (model) => model.toBytes({ precision: 32 as never }),
      "precision must be one of 'f64', 'f32', got 32",
    ],
    ['state', (model) => model.toBytes({ state: 'yes' as never }), 'state must be true or false, got a string'],
    ['samples', (model) => model.fit('data' as never), 'modalities must be an array of matrices'],
    ['more samples', (model) => model.partialFit({} as never), 'modalities must be an array of matrices'],
    ['another model', (model) => model.merge(undefined as never), 'can merge a linear alignment only, got undefined'],
    ['modality', (model) => model.transform([[1]], true as never), 'modality must be an integer, got a boolean'],
    ['from', (model) => model.translate([[1]], '0' as never, 1), 'from must be an integer, got a string'],
    ['scored samples', (model) => model.score(3 as never), 'modalities must be an array of matrices'],
    ['bytes', () => type.fromBytes([1, 2] as never), 'must be a Uint8Array or an ArrayBuffer'],
  ])('refuses the wrong kind of %s', (_, call, message) => {
    const model = make().fit(modalities)
    expect(() => call(model)).toThrow(TypeError)
    expect(() => call(model)).toThrow(message)
  })

  it('names the class that reads a file, when asked of another', () => {
    const bytes = make().fit(modalities).toBytes()
    for (const [other, , wrong] of ESTIMATORS) {
      if (other === name) continue
      expect(() => wrong.fromBytes(bytes)).toThrow(`this is a ${name}, expected a ${other} of collimate: read it with ${name}.fromBytes`) // prettier-ignore
    }
  })

  it.each([
    ['fewer rows than columns', [gaussian(4, 6, 1), gaussian(4, 7, 2)]],
    ['dependent columns', [times(gaussian(20, 1, 3), gaussian(1, 4, 4)), gaussian(20, 3, 5)]],
    ['a constant column', [beside(gaussian(20, 2, 6), new Matrix(20, 1, new Float64Array(20).fill(7))), gaussian(20, 3, 7)]], // prettier-ignore
    ['a zero modality', [new Matrix(20, 3), gaussian(20, 3, 8)]],
    ['identical modalities', [gaussian(20, 3, 9), gaussian(20, 3, 9)]],
    ['as many rows as components', [gaussian(2, 3, 10), gaussian(2, 3, 11)]],
    [
      'one-to-many pairs',
      [
        Matrix.from(Array.from({ length: 20 }, (_, i) => [i >> 2, (i >> 2) ** 2, Math.sin(i >> 2)])),
        gaussian(20, 3, 12),
      ],
    ],
  ])('has finite maps and predictions for %s', (_, samples) => {
    const model = make().fit(samples)
    const numbers = [...model.maps, model.translate(samples[0], 0, 1), model.translate(samples[1], 1, 0)]
    expect(numbers.flatMap(({ data }) => Array.from(data)).every(Number.isFinite)).toBe(true)
    expect(model.score(samples)).toBeLessThanOrEqual(0)
  })

  it('refuses a sample that lacks a modality, with its index', () => {
    const [whole, other] = modalities.map((A) => A.toArray())
    expect(() => make().fit([whole, other.map((row, i) => (i === 7 ? (null as never) : row))])).toThrow(
      'modality 1: row 7 must be an array of numbers, got null',
    )
    expect(() => make().fit([whole, other.map((row, i) => (i === 7 ? row.map(() => NaN) : row))])).toThrow(
      'modality 1: entry (7, 0) is NaN',
    )
  })

  it('refuses one row, and rows that a modality lacks', () => {
    expect(() => make().fit(rowRanges(modalities, 0, 1))).toThrow('at least 2 rows')
    expect(() => make().fit([modalities[0], rowRanges(modalities, 0, 59)[1]])).toThrow(RangeError)
  })
})

// The figures of this block are NumPy's for the formula beside them, Xc and Yc the centred data, n = 7.
describe('figures', () => {
  const cca = (options: object) => new CanonicalCorrelation({ nComponents: 2, ...options }).fit([X, Y])

  // sqrt(eigvals(inv(Sxx) Sxy inv(Syy) Sxy^T)) with S(c) = (1 - c) S + c trace(S) / d I
  it.each([
    [0, [0.9839455194146032, 0.9214758565803373]],
    [0.3, [1.0256922609245982, 0.8325934399378624]],
    [1, [1.2205274980604888, 0.7988327778914428]],
  ])('canonical correlations, regularization %f', (regularization, expected) => {
    expect(maxDifference(cca({ regularization }).canonicalCorrelations, expected)).toBeLessThan(1e-13)
  })

  // eigvals of inv(blockdiag(S)) (S - blockdiag(S)), halved
  it('MAXVAR of three modalities', () => {
    const model = new CanonicalCorrelation({ nComponents: 2 }).fit([X, Y, Z])
    const expected = [0.9025958495827464, 0.6969687786296599]
    expect(maxDifference(model.canonicalCorrelations, expected)).toBeLessThan(1e-13)
  })

  // inv(Xc^T Xc + alpha I) Xc^T Yc, as scikit-learn's Ridge
  it.each([
    [
      0,
      [
        [0.9916756846749357, -0.3460417880629314],
        [0.24219595438275232, -1.136914176308998],
        [0.04465995171897111, 1.121514192957629],
      ],
    ],
    [
      2.5,
      [
        [0.8267850030932659, -0.1843743654083188],
        [0.07577162412967499, -0.8521954314121503],
        [0.02678941079982559, 1.0531711087428435],
      ],
    ],
  ])('least squares, ridge %f', (ridge, B) => {
    const model = new LeastSquares({ ridge }).fit([X, Y])
    expect(maxDifference(model.maps[0].transpose().data, B.flat())).toBeLessThan(1e-13)
    const prediction = times(centred(X), Matrix.from(B))
    expect(maxDifference(centred(model.translate(X, 0, 1)).data, centred(prediction).data)).toBeLessThan(1e-13)
    const swapped = new LeastSquares({ ridge, target: 0 }).fit([Y, X])
    expect(maxDifference(swapped.maps[1].data, model.maps[0].data)).toBeLessThan(1e-13)
  })

  // u, s, vt = svd(Xc[:, :2]^T Yc): Q = u vt, scale = sum(s) / norm(Xc[:, :2])^2
  it('Procrustes rotation and scale', () => {
    const two = Matrix.from(X.toArray().map((row) => row.slice(0, 2)))
    const Q = [0.9825702456970679, -0.18589166810485078, -0.18589166810485075, -0.982570245697068]
    const model = new OrthogonalProcrustes({ scaling: true }).fit([two, Y])
    expect(model.scale).toBeCloseTo(0.8558259265346696, 13)
    expect(maxDifference(model.maps[0].transpose().data, Q.map((q) => q * model.scale))).toBeLessThan(1e-13) // prettier-ignore
    expect(() => new OrthogonalProcrustes().fit([X, Y])).toThrow('3 and 2 columns: give nComponents')
  })

  // svd(Xc^T Yc / (n - 1))
  it('contrastive cross-covariance', () => {
    const model = new LinearContrastive({ nComponents: 2 }).fit([X, Y])
    expect(maxDifference(model.singularValues, [6.542607328229459, 4.282123258154919])).toBeLessThan(1e-13)
    const product = times(model.maps[0].transpose(), model.maps[1])
    expect(maxDifference(product.data, covariance(X, Y).data)).toBeLessThan(1e-13)
  })
})

describe('identities', () => {
  it('CCA: latents of unit variance, uncorrelated but for rho; the same for any units and mixtures', () => {
    const [X1, X2] = sharedLatents(80, [5, 4], 3, 0.5, 710)
    const model = new CanonicalCorrelation({ nComponents: 4 }).fit([X1, X2])
    const [Z1, Z2] = [model.transform(X1, 0), model.transform(X2, 1)]
    expect(identityGap(covariance(Z1, Z1))).toBeLessThan(1e-12)
    expect(identityGap(covariance(Z2, Z2))).toBeLessThan(1e-12)
    const cross = covariance(Z1, Z2)
    model.canonicalCorrelations.forEach((rho, j) => cross.set(j, j, cross.get(j, j) - rho))
    expect(frobenius(cross)).toBeLessThan(1e-12)
    const mixed = new CanonicalCorrelation({ nComponents: 4 }).fit([times(X1, gaussian(5, 5, 1)), scaledBy(X2, 1e-9)])
    expect(maxDifference(mixed.canonicalCorrelations, model.canonicalCorrelations)).toBeLessThan(1e-11)
  })

  it('perfect alignment of whitened modalities is CCA: sigma^2 = 1 - rho, vectors over sqrt 2', () => {
    const n = 50
    const basis = (seed: number) => {
      const { data } = centred(beside(...sharedLatents(n, [4, 3], 2, 0.4, 720)))
      return orthonormalOf(new Matrix(n, 7, data), seed)
    }
    const [W1, W2] = [basis(0), basis(1)]
    const cca = new CanonicalCorrelation({ nComponents: 3 }).fit([W1, W2])
    const last = new PerfectAlignment({ nComponents: 3, selection: 'last' }).fit([W1, W2])
    const squares = Array.from(last.singularValues.slice(-3).reverse(), (sigma) => sigma ** 2)
    expect(maxDifference(squares, cca.complements)).toBeLessThan(1e-13)
    const scale = 1 / Math.sqrt(2 * (n - 1))
    const stacked = scaledBy(beside(...cca.maps), scale)
    expect(subspaceDistance(stacked, beside(...last.maps))).toBeLessThan(1e-12)
    expect(identityGap(times(stacked, stacked.transpose()))).toBeLessThan(1e-12)
  })

  it('1 - rho keeps its digits where rho is 1 to rounding', () => {
    const Q = orthonormalOf(centred(gaussian(60, 2, 730)), undefined)
    const epsilon = 1e-7
    const tilted = Matrix.from(Q.toArray().map(([a, b]) => [a + epsilon * b]))
    const { complements } = new CanonicalCorrelation({ nComponents: 1 }).fit([columnsOf(Q, 0, 1), tilted])
    // cos(arctan(epsilon)) = 1 - epsilon^2 / 2 + ...
    expect(Math.abs(complements[0] / (epsilon ** 2 / 2) - 1)).toBeLessThan(1e-7)
  })

  it('SUMCOR is no less than MAXVAR with unit variances, and CCA for two', () => {
    const modalities = sharedLatents(60, [4, 3, 5], 2, 0.8, 740)
    const sum = (criterion: 'maxvar' | 'sumcor') => {
      const model = new CanonicalCorrelation({ nComponents: 1, criterion }).fit(modalities)
      const latents = modalities.map((A, m) => {
        const L = model.transform(A, m)
        return scaledBy(L, 1 / frobenius(L))
      })
      return [
        [0, 1],
        [0, 2],
        [1, 2],
      ].reduce((s, [i, j]) => s + times(latents[i].transpose(), latents[j]).get(0, 0), 0)
    }
    const model = new CanonicalCorrelation({ nComponents: 2, criterion: 'sumcor' }).fit(modalities)
    expect(sum('sumcor')).toBeGreaterThanOrEqual(sum('maxvar') - 1e-12)
    expect(model.canonicalCorrelations[0]).toBeCloseTo(sum('sumcor') / 3, 10)
    modalities.forEach((A, m) => {
      expect(identityGap(covariance(model.transform(A, m), model.transform(A, m)))).toBeLessThan(1e-10)
    })
    const two = [0, 1].map((m) => modalities[m])
    const [a, b] = (['maxvar', 'sumcor'] as const).map((criterion) => new CanonicalCorrelation({ nComponents: 2, criterion }).fit(two)) // prettier-ignore
    expect(a.maps).toEqual(b.maps)
  })

  it('Procrustes finds a rotation and a scale, after PCA the common part', () => {
    const A = gaussian(30, 4, 750)
    const Q = orthonormal(4, 4, 751)
    const B = scaledBy(times(A, Q), 2.5)
    const model = new OrthogonalProcrustes({ scaling: true }).fit([A, B])
    expect(model.scale).toBeCloseTo(2.5, 12)
    expect(-model.score([A, B])).toBeLessThan(1e-13 * frobenius(B))
    const wide = times(B, orthonormal(7, 4, 752).transpose())
    const reduced = new OrthogonalProcrustes({ nComponents: 4, scaling: true }).fit([A, wide])
    expect(-reduced.score([A, wide])).toBeLessThan(1e-13 * frobenius(B))
  })

  it('least squares keeps the digits that a Gram matrix loses', () => {
    const U = orthonormal(80, 3, 760)
    const graded = Matrix.from(U.toArray().map(([a, b, c]) => [a, b * 1e-3, (c * 1e-7)])) // prettier-ignore
    const A = times(graded, orthonormal(3, 3, 761))
    const B = gaussian(3, 2, 762)
    const found = new LeastSquares().fit([A, times(A, B)]).maps[0].transpose()
    expect(frobenius(minus(found, B))).toBeLessThan(1e-7)
  })
})

it('loadAlignment refuses other files', () => {
  expect(() => loadAlignment(new JointFactor([1, 1]).toBytes())).toThrow('this is a JointFactor, expected a model')
  expect(() => loadAlignment(writeSafetensors({ tensors: [] }))).toThrow(FileFormatError)
})

/** Every option of every method, and what it must be. */
const OPTIONS: readonly [string, (options: object) => unknown, Record<string, string>][] = [
  ['PerfectAlignment', (o) => new PerfectAlignment({ nComponents: 1, ...o }), { nComponents: 'must be an integer', selection: 'must be one of', center: 'must be true or false', tolerance: 'must be a number', solver: 'must be one of', seed: 'must be a string or a number', maxIterations: 'must be an integer', gradientTolerance: 'must be a number' }],
  ['CanonicalCorrelation', (o) => new CanonicalCorrelation({ nComponents: 1, ...o }), { nComponents: 'must be an integer', regularization: 'must be a number', criterion: 'must be one of', tolerance: 'must be a number' }],
  ['OrthogonalProcrustes', (o) => new OrthogonalProcrustes(o), { nComponents: 'must be an integer', scaling: 'must be true or false', center: 'must be true or false' }],
  ['LeastSquares', (o) => new LeastSquares(o), { target: 'must be an integer', ridge: 'must be a number' }],
  ['LinearContrastive', (o) => new LinearContrastive({ nComponents: 1, ...o }), { nComponents: 'must be an integer', solver: 'must be one of', temperature: 'must be a number', normalize: 'must be true or false', regularization: 'must be a number', epochs: 'must be an integer', batchSize: 'must be an integer', learningRate: 'must be a number', seed: 'must be a string or a number' }],
] // prettier-ignore

it.each(OPTIONS)('%s checks the kind of every option, and takes undefined for the default', (_, make, options) => {
  for (const [name, says] of Object.entries(options)) {
    for (const wrong of [null, {}, [1], Symbol('x'), 1n, () => 1]) {
      expect(() => make({ [name]: wrong }), name).toThrow(TypeError)
      expect(() => make({ [name]: wrong }), name).toThrow(`${name} ${says}`)
    }
    if (name !== 'nComponents') expect(make({ [name]: undefined })).toEqual(make({}))
  }
})

it.each([PerfectAlignment, CanonicalCorrelation, OrthogonalProcrustes, LeastSquares, LinearContrastive])('options that are no object are a TypeError: %o', (type) => {
  for (const none of [null, 3, 'k', [2]]) expect(() => new type(none as never)).toThrow(TypeError)
}) // prettier-ignore

it.each<[string, () => unknown, string]>([
  ['options that are none', () => new CanonicalCorrelation(null as never), 'options must be an object, got null'],
  ['no options', () => new CanonicalCorrelation(undefined as never), 'nComponents must be an integer, got undefined'],
  [
    'a regularization above 1',
    () => new CanonicalCorrelation({ nComponents: 1, regularization: 2 }),
    'from 0 to 1, got 2',
  ],
  ['a negative ridge', () => new LeastSquares({ ridge: -1 }), 'ridge must be from 0'],
  ['a third target', () => new LeastSquares({ target: 2 as never }), 'target must be an integer from 0 to 1'],
  ['no components', () => new LinearContrastive({} as never), 'nComponents must be an integer'],
  ['three modalities', () => new LeastSquares().fit([X, Y, Z]), 'aligns two modalities, got 3'],
  ['more components than columns', () => new LinearContrastive({ nComponents: 3 }).fit([X, Y]), 'expected at most 2'],
])('refuses %s', (_, f, message) => {
  expect(f).toThrow(message)
})

function columnsOf(A: Matrix, from: number, to: number): Matrix {
  return Matrix.from(A.toArray().map((row) => row.slice(from, to)))
}

/** An orthonormal basis of the columns of A; of its first four or last three if `half` is given. */
function orthonormalOf(A: Matrix, half: number | undefined): Matrix {
  const part = half === undefined ? A : half === 0 ? columnsOf(A, 0, 4) : columnsOf(A, 4, 7)
  const out = part.toArray()
  for (let j = 0; j < part.cols; j++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let l = 0; l < j; l++) {
        const along = out.reduce((sum, row) => sum + row[l] * row[j], 0)
        for (const row of out) row[j] -= along * row[l]
      }
    }
    const length = Math.sqrt(out.reduce((sum, row) => sum + row[j] ** 2, 0))
    for (const row of out) row[j] /= length
  }
  return Matrix.from(out)
}

it('what a model maps beyond the range of float64 is infinite or NaN, as in NumPy, and no error', () => {
  const model = new LeastSquares().fit([scaledBy(gaussian(20, 2, 1), 1e-6), gaussian(20, 2, 2)])
  for (const mapped of [model.transform([[1e306, 3e305]], 0), model.translate([[1e306, 3e305]], 0, 1)]) {
    expect(mapped.data.some((x) => Number.isFinite(x))).toBe(false)
  }
})
