import { describe, expect, test } from 'vitest'
import { CanonicalCorrelation, FileFormatError, JointFactor, Matrix, NotFittedError } from '../../src/index.js'
import { fourierFeatures, registerFeatures } from '../../src/features/index.js'
import { examplesOf, runExample } from '../support/examples.js'
import { readSource } from '../support/source-files.js'
import { readSafetensors, writeSafetensors } from '../../src/io/index.js'
import { loadAlignment as serve } from '../../src/serve/index.js'
import { DiscriminativeCorrelation } from '../../src/solvers/index.js'
import { randomStream } from '../../src/random/random-stream.js'

registerFeatures()

/** Rows of classes whose means differ, seen in several ways, with noise of their own that the views share and that is no class. */
function labelled(n: number, widths: readonly number[], classes: number, seed: string) {
  const { normal } = randomStream(seed, 'labelled')
  const labels = Array.from({ length: n }, (_, i) => (i * 7 + Math.floor(i / 5)) % classes)
  const nuisance = labels.map(() => [3 * normal(), 3 * normal()])
  const modalities = widths.map((d) => {
    const means = Array.from({ length: classes }, () => Array.from({ length: d }, () => normal()))
    const mix = Array.from({ length: 2 }, () => Array.from({ length: d }, () => normal()))
    return Matrix.from(labels.map((c, i) => means[c].map((mean, j) => 4 + mean + nuisance[i][0] * mix[0][j] + nuisance[i][1] * mix[1][j] + 0.5 * normal()))) // prettier-ignore
  })
  return { labels, modalities }
}

const centred = (X: Matrix): number[][] => {
  const rows = X.toArray()
  const mean = rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j] / rows.length, 0))
  return rows.map((row) => row.map((x, j) => x - mean[j]))
}
const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0)
/** X w. */
const latentOf = (X: Matrix, w: Float64Array | Float32Array) => centred(X).map((row) => dot(row, [...w]))

function close(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance = 1e-8): void {
  expect(found.length).toBe(wanted.length)
  const size = Math.max(...Array.from(wanted, Math.abs))
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(found[i] - wanted[i])).toBeLessThan(tolerance * size)
}

const all = labelled(140, [5, 4, 6], 4, 'train')
const cut = (from: number, to: number) => ({
  labels: all.labels.slice(from, to),
  modalities: all.modalities.map((X) => Matrix.from(X.toArray().slice(from, to))),
})
const { labels, modalities } = cut(0, 80)
const [X1, X2] = modalities

describe('its special cases', () => {
  const each = labels.map((_, i) => i)

  test.each([[0], [0.2]])('labels that are all different, two modalities: CCA, regularization %s', (regularization) => {
    const model = new DiscriminativeCorrelation({ nComponents: 3, regularization }).fit([X1, X2], each)
    const cca = new CanonicalCorrelation({ nComponents: 3, regularization }).fit([X1, X2])
    close(model.withinCorrelations, cca.canonicalCorrelations)
    for (const m of [0, 1]) close(model.maps[m].data, cca.maps[m].data, 1e-7)
  })

  test('labels that are all different, three modalities: multiple CCA', () => {
    const model = new DiscriminativeCorrelation({ nComponents: 3 }).fit(modalities, each)
    const mcca = new CanonicalCorrelation({ nComponents: 3, criterion: 'maxvar' }).fit(modalities)
    close(model.withinCorrelations, mcca.canonicalCorrelations)
    for (const m of [0, 1, 2]) close(model.maps[m].data, mcca.maps[m].data, 1e-7)
  })

  test('two modalities: discriminative CCA, by its eigenvalue equations', () => {
    const model = new DiscriminativeCorrelation({ nComponents: 3 }).fit([X1, X2], labels)
    const largest = Math.max(...[0, 1, 2, 3].map((c) => labels.filter((label) => label === c).length))
    model.withinCorrelations.forEach((rho, j) => {
      const [u, v] = [latentOf(X1, model.maps[0].row(j)), latentOf(X2, model.maps[1].row(j))]
      // A v, A being 1 for two samples of one class: X1^T A v = rho n_max X1^T u, and the other way round.
      const across = (z: number[]) => labels.map((c) => z.reduce((sum, x, i) => sum + (labels[i] === c ? x : 0), 0))
      for (const [X, own, other] of [
        [X1, u, v],
        [X2, v, u],
      ] as const) {
        // prettier-ignore
        const columns = centred(X)[0].map((_, d) => centred(X).map((row) => row[d]))
        close(columns.map((column) => dot(column, across(other))), columns.map((column) => rho * largest * dot(column, own))) // prettier-ignore
      }
    })
    expect(model.withinCorrelations[0]).toBeGreaterThan(0.3)
  })
})

describe('what it maximises', () => {
  const model = new DiscriminativeCorrelation({ nComponents: 3 }).fit(modalities, labels)

  test('is the within-class correlation of all pairs, and minus the between-class one', () => {
    const largest = Math.max(...[0, 1, 2, 3].map((c) => labels.filter((label) => label === c).length))
    model.withinCorrelations.forEach((rho, j) => {
      const Z = modalities.map((X, m) => latentOf(X, model.maps[m].row(j)))
      let [within, between] = [0, 0]
      for (const [m, z] of Z.entries()) {
        for (const [l, y] of Z.entries()) {
          if (m === l) continue
          for (const [i, x] of z.entries()) {
            for (const [k, other] of y.entries()) {
              if (labels[i] === labels[k]) within += x * other
              else between += x * other
            }
          }
        }
      }
      const variance = Z.reduce((sum, z) => sum + dot(z, z), 0)
      expect(within / largest / variance / 2).toBeCloseTo(rho, 8)
      expect((within + between) / within).toBeCloseTo(0, 8)
    })
  })

  test('finds classes that the correlation does not show: what varies most is shared, and no class', () => {
    const { labels: truth, modalities: held } = cut(80, 140)
    const share = (maps: Matrix[]) => {
      const Z = Matrix.from(held[0].toArray().map((row) => [0, 1].map((j) => dot(row, [...maps[0].row(j)]))))
      const centre = (rows: number[][]) => [0, 1].map((j) => rows.reduce((sum, row) => sum + row[j] / rows.length, 0))
      const middle = centre(Z.toArray())
      let [between, total] = [0, 0]
      for (const row of Z.toArray()) total += (row[0] - middle[0]) ** 2 + (row[1] - middle[1]) ** 2
      for (const c of [0, 1, 2, 3]) {
        const rows = Z.toArray().filter((_, i) => truth[i] === c)
        const mean = centre(rows)
        between += rows.length * ((mean[0] - middle[0]) ** 2 + (mean[1] - middle[1]) ** 2)
      }
      return between / total
    }
    const mcca = new CanonicalCorrelation({ nComponents: 3, criterion: 'maxvar' }).fit(modalities)
    expect(share(model.maps)).toBeGreaterThan(0.5)
    expect(share(mcca.maps)).toBeLessThan(0.2)
  })

  test('there are at most as many components as classes less one', () => {
    const more = new DiscriminativeCorrelation({ nComponents: 4 }).fit(modalities, labels)
    expect(more.withinCorrelations[2]).toBeGreaterThan(0)
    expect(more.withinCorrelations[3]).toBe(0)
    expect(more.maps.every((A) => A.row(3).every((x) => x === 0))).toBe(true)
    const one = new DiscriminativeCorrelation({ nComponents: 1 }).fit([X1, X2], labels.map((c) => (c > 1 ? 'b' : 'a'))) // prettier-ignore
    expect(one.classNames).toEqual(['a', 'b'])
  })

  test('an indicator maps to the centroid of its class', () => {
    const centroids = model.transform(Matrix.identity(4), 3)
    const latents = modalities.map((X, m) => model.transform(X, m))
    model.classNames?.forEach((name, at) => {
      const rows = labels.flatMap((label, i) => (label === name ? [i] : []))
      const mean = [0, 1, 2].map((j) => latents.reduce((sum, Z) => sum + rows.reduce((part, i) => part + Z.get(i, j) / rows.length / 3, 0), 0)) // prettier-ignore
      close(centroids.row(at), mean)
    })
    // Least squares on indicators finds most classes again.
    const predicted = model.translate(X1, 0, 3)
    const found = labels.filter((label, i) => model.classNames?.[predicted.row(i).indexOf(Math.max(...predicted.row(i)))] === label) // prettier-ignore
    expect(found.length).toBeGreaterThan(60)
  })
})

describe('as every alignment', () => {
  const options = { nComponents: 3, regularization: 'oas', classes: [0, 1, 2, 3] } as const
  const whole = new DiscriminativeCorrelation(options).fit(modalities, labels)
  const part = (from: number, to: number) => [modalities.map((X) => X.toArray().slice(from, to)), labels.slice(from, to)] as const // prettier-ignore

  test('takes rows a few at a time, merges, and is kept', async () => {
    const streamed = new DiscriminativeCorrelation(options).partialFit(...part(0, 30)).partialFit(...part(30, 80))
    const merged = new DiscriminativeCorrelation(options).partialFit(...part(0, 50)).merge(new DiscriminativeCorrelation(options).fit(...part(50, 80))) // prettier-ignore
    const later = await new DiscriminativeCorrelation(options).fitAsync(modalities, { labels })
    const read = DiscriminativeCorrelation.fromBytes(whole.toBytes({ state: true }))
    const own = DiscriminativeCorrelation.fromBytes(new DiscriminativeCorrelation({ nComponents: 3, regularization: 'oas' }).fit(...part(0, 40)).toBytes({ state: true })) // prettier-ignore
    for (const model of [streamed, merged, later, read]) {
      for (const m of [0, 1, 2, 3]) close(model.maps[m].data, whole.maps[m].data, 1e-7)
      expect(model.classNames).toEqual([0, 1, 2, 3])
    }
    expect(read.shrinkage).toEqual(whole.shrinkage)
    expect(own.partialFit(...part(40, 80)).classNames).toEqual([...new Set(labels)])
    close(own.withinCorrelations, whole.withinCorrelations)
    close(serve(whole.toBytes()).transform(X1, 0).data, whole.transform(X1, 0).data)
  })

  test('takes indicators, and their factor', () => {
    const indicators = Matrix.from(labels.map((c) => [0, 1, 2, 3].map((l) => (l === c ? 1 : 0))))
    const joint = new JointFactor([5, 4, 6, 4]).update([...modalities, indicators])
    for (const model of [
      new DiscriminativeCorrelation(options).fit([...modalities, indicators]),
      new DiscriminativeCorrelation(options).fit(joint),
    ]) {
      // prettier-ignore
      close(model.maps[0].data, whole.maps[0].data)
    }
  })

  test('takes feature maps in front of all but the classes', () => {
    const features = [fourierFeatures({ dimensions: 9 }), null, null]
    const model = new DiscriminativeCorrelation({ ...options, features }).fit(modalities, labels)
    expect(model.widths).toEqual([5, 4, 6, 4])
    close(DiscriminativeCorrelation.fromBytes(model.toBytes()).transform(X1, 0).data, model.transform(X1, 0).data)
    expect(() => new DiscriminativeCorrelation({ ...options, features: features[0] })).toThrow(TypeError)
  })

  test('refuses, and loses nothing', () => {
    const model = new DiscriminativeCorrelation({ nComponents: 2 }).fit(modalities, labels)
    const before = model.maps
    const wrong: [() => unknown, new (message: string) => Error, string][] = [
      [() => model.fit(modalities, labels.slice(1)), RangeError, 'modality 0 has 80 rows but labels has 79 entries'],
      [() => model.fit(modalities, labels.map(() => 1)), RangeError, 'got 1 classes'],
      [() => model.fit(modalities, labels.map((c) => (c === 2 ? NaN : c))), RangeError, 'NaN, which is no class'],
      [() => model.fit(modalities, labels.map((c) => BigInt(c)) as never), TypeError, 'a label must be a string or a number'],
      [() => model.fit([X1], labels), RangeError, 'got 1 modalities beside the classes'],
      [() => model.partialFit(modalities, labels.map((c) => c + 1)), RangeError, "is '4', expected one of"],
      [() => model.merge(new DiscriminativeCorrelation({ nComponents: 2, classes: ['a', 'b'] }).fit(modalities, labels.map((c) => (c > 1 ? 'a' : 'b')))), RangeError, 'other classes'],
      [() => new DiscriminativeCorrelation({ nComponents: 2, classes: [1] }), RangeError, 'got 1 classes'],
      [() => new DiscriminativeCorrelation({ nComponents: 2, classes: 'ab' as never }), TypeError, 'classes must be'],
      [() => new DiscriminativeCorrelation({ nComponents: 5 }).fit(modalities, labels), RangeError, 'nComponents is 5, expected at most 4'],
      [() => new DiscriminativeCorrelation({ nComponents: 2 }).withinCorrelations, NotFittedError, 'no samples'],
    ] // prettier-ignore
    for (const [call, kind, message] of wrong) {
      expect(call, message).toThrow(kind)
      expect(call).toThrow(message)
    }
    expect(model.maps).toEqual(before)
    expect(model.classNames).toEqual([...new Set(labels)])
  })

  test('constant columns, and a modality that is constant, are no error', () => {
    const still = new Matrix(80, 3, new Float64Array(240).fill(7))
    const model = new DiscriminativeCorrelation({ nComponents: 2 }).fit([X1, still], labels)
    expect([...model.withinCorrelations]).toEqual([0, 0])
  })

  test.each([
    ['null', true],
    ['[1,1,2,3]', false],
    ['{', false],
  ])('a file whose classes are %s', (classNames, isSound) => {
    const { tensors, metadata } = readSafetensors(whole.toBytes())
    const read = () => DiscriminativeCorrelation.fromBytes(writeSafetensors({ tensors, metadata: { ...metadata, classNames } })) // prettier-ignore
    if (isSound) expect(read().maps).toEqual(whole.maps)
    else expect(read).toThrow(FileFormatError)
  })
})

test('the example of docs/estimators.md runs', async () => {
  const [example] = examplesOf(readSource('docs/estimators.md')).filter((text) =>
    text.includes('DiscriminativeCorrelation'),
  )
  expect(await runExample(example)).toEqual(['3 3 4'])
})
