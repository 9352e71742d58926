import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LeastSquares, OrthogonalProcrustes } from '../../src/align/index.js'
import { queryMap, vectorMap } from '../../src/adapters/index.js'
import { NotFittedError } from '../../src/errors.js'
import { Matrix, type MatrixLike } from '../../src/matrix.js'
import { examplesOf, runExample } from '../support/examples.js'
import { gaussian } from '../support/random.js'
import { length, newToOld, NEW_WIDTH, OLD_WIDTH, served, SHARED, vectors } from './support.js'

const MODELS = ['someone/old-model', 'new-model']

describe('vectorMap', () => {
  test('translates, or maps into the shared space, as the model does', () => {
    const [model, x] = [served(), vectors(7)]
    const into = vectorMap(model, { from: 1, to: 0, normalize: false })
    expect(into.map(x).toArray()).toEqual(model.translate(x, 1, 0).toArray())
    expect(into.dimensions).toEqual({ from: NEW_WIDTH, to: OLD_WIDTH })
    const shared = vectorMap(model, { from: 1, normalize: false })
    expect(shared.map(x).toArray()).toEqual(model.transform(x, 1).toArray())
    expect(shared.dimensions).toEqual({ from: NEW_WIDTH, to: SHARED })
  })

  test('gives rows of length 1 in the direction of the model, whatever their size', () => {
    const [model, x] = [served(), vectors(5)]
    const map = vectorMap(model, { from: 1 })
    for (const size of [1e-300, 1, 1e300]) {
      const scaled = x.map((row) => row.map((value) => value * size))
      const [unit, plain] = [map.map(scaled), model.transform(scaled, 1)]
      for (let i = 0; i < unit.rows; i++) {
        expect(length(unit.row(i))).toBeCloseTo(1, 14)
        const largest = Math.max(...Array.from(plain.row(i), Math.abs))
        const ratios = Array.from(plain.row(i), (value, j) => value / largest / unit.get(i, j))
        for (const ratio of ratios) expect(ratio / ratios[0]).toBeCloseTo(1, 9)
      }
    }
  })

  test('leaves the zero vector at zero, and nothing of no rows', () => {
    const map = vectorMap(served(), { from: 1 })
    expect(map.map([]).rows).toBe(0)
    const uncentred = vectorMap(new OrthogonalProcrustes({ center: false }).fit([gaussian(9, 2, 1), gaussian(9, 2, 2)]), { from: 0, to: 1 }) // prettier-ignore
    expect(uncentred.map([[0, 0]]).toArray()).toEqual([[0, 0]])
  })

  test('keeps the precision of the model', () => {
    expect(vectorMap(served({ precision: 'f32' }), { from: 1 }).map(vectors(2)).data).toBeInstanceOf(Float32Array)
    expect(vectorMap(served(), { from: 1 }).map(vectors(2)).data).toBeInstanceOf(Float64Array)
  })

  test('takes a fitted model as well as a served one', () => {
    const model = new LeastSquares({ target: 0 }).fit([gaussian(40, 4, 1), gaussian(40, 6, 2)])
    const map = vectorMap(model, { from: 1, to: 0, normalize: false })
    expect(map.map(vectors(3)).toArray()).toEqual(model.translate(vectors(3), 1, 0).toArray())
  })

  test('names both models, and both widths, where a vector has another', () => {
    const map = newToOld()
    expect(() => map.map([[1, 2, 3, 4, 5]])).toThrow(
      new RangeError(
        "vectors of 5 numbers for a map that leads from 'new-model', 6 numbers, to 'someone/old-model', 4",
      ),
    )
    expect(() => map.map([[1, 2, 3, 4]])).toThrow(/'someone\/old-model', 4: vectors that are there already need no map/)
    expect(() => vectorMap(served(), { from: 1 }).map([[1]])).toThrow(
      /from modality 1, 6 numbers, to the shared space, 3/,
    )
    expect(() => map.map([[1, 2, 3, 4, 5, NaN]])).toThrow(RangeError)
    expect(() => map.map('a text' as never)).toThrow(TypeError)
    expect(map.map(vectors(1)).cols).toBe(OLD_WIDTH)
  })

  test('refuses an embedder of another name, and none that says none', () => {
    const map = newToOld()
    for (const name of ['new-model', 'provider/New-Model', '@cf/x/new-model', undefined, 7]) map.expectEmbedder(name)
    expect(() => {
      map.expectEmbedder('old-model')
    }).toThrow(
      /^'old-model' embeds, but the map leads from 'new-model', 6 numbers, to 'someone\/old-model', 4: embed with 'new-model', or fit/,
    )
    vectorMap(served(), { from: 1 }).expectEmbedder('any')
  })

  test('refuses what it is not made for', () => {
    const model = served()
    const wrong = (options: object) => () => vectorMap(model, options as never)
    expect(wrong({ from: 2 })).toThrow(new RangeError('from must be an integer from 0 to 1, got 2'))
    expect(wrong({})).toThrow(new TypeError('from must be an integer, got undefined'))
    expect(wrong({ from: 1, to: 1 })).toThrow(/from and to are both 1/)
    expect(wrong({ from: 1, target: 0 })).toThrow(/there is no option 'target'/)
    expect(wrong({ from: 1, models: ['one'] })).toThrow(/models must be 2 names/)
    expect(wrong({ from: 1, normalize: 1 })).toThrow(/normalize must be true or false/)
    for (const nothing of [null, undefined, {}, new Matrix(1, 1)]) {
      expect(() => vectorMap(nothing as never, { from: 1 })).toThrow(
        /^model must be a fitted model, or what loadAlignment/,
      )
    }
    expect(() => vectorMap(served({ decoders: false }), { from: 1, to: 0, models: MODELS })).toThrow(NotFittedError)
  })
})

describe('queryMap', () => {
  const models = { old: { model: 'old', dimensions: OLD_WIDTH }, new: { model: 'new', dimensions: NEW_WIDTH } }
  const mapQueries = (x: MatrixLike) => served().translate(x, 1, 0)

  test('maps as the migration does, and knows names and widths by it', () => {
    const map = queryMap({ models, mapQueries })
    expect(map.map(vectors(3)).toArray()).toEqual(mapQueries(vectors(3)).toArray())
    expect(map.dimensions).toEqual({ from: NEW_WIDTH, to: OLD_WIDTH })
    expect(map.map([]).rows).toBe(0)
    expect(() => map.map([[1]])).toThrow(/^vectors of 1 numbers for a map that leads from 'new', 6 numbers, to what is stored of 'old', 4$/) // prettier-ignore
    expect(() => {
      map.expectEmbedder('old')
    }).toThrow(/^'old' embeds/)
  })

  test('says what has no name, and refuses what is no migration', () => {
    const nameless = queryMap({ models: { old: {}, new: { dimensions: NEW_WIDTH } }, mapQueries })
    expect(nameless.route).toBe('from the new model, 6 numbers, to what is stored of the old model, 4')
    nameless.expectEmbedder('any')
    for (const nothing of [null, undefined, {}, served()]) {
      expect(() => queryMap(nothing as never)).toThrow(/^migration must be an EmbeddingMigration/)
    }
  })
})

test('the map of docs/adapters.md', async () => {
  const [example] = examplesOf(readFileSync(new URL('../../docs/adapters.md', import.meta.url), 'utf8'))
  await runExample(example.concat('\nif (queries.rows !== 3 || queries.cols !== 8 || Math.abs(Math.hypot(...queries.row(0)) - 1) > 1e-6) throw new Error("wrong")')) // prettier-ignore
})
