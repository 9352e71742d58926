import { describe, expect, it } from 'vitest'
import { FileFormatError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors, type Safetensors } from '../../src/io/safetensors.js'
import { EmbeddingMigration, type MigrationWay } from '../../src/migration/index.js'
import { loadAlignment } from '../../src/serve/index.js'
import { maxDifference, twoModels, unit } from './support.js'

const pairs = twoModels(60, [6, 6], 4, 0.2)
const WAYS: readonly MigrationWay[] = ['none', 'queries', 'stored', 'both']
const models = { old: 'small-1', new: 'large-2' }
const fit = (way: MigrationWay) => EmbeddingMigration.fit(pairs, { way, models, date: '2026-11-30', curve: [] })

describe.each(WAYS)('a file of way %s', (way) => {
  const migration = fit(way)

  it('holds all of it, exactly', () => {
    const loaded = EmbeddingMigration.fromBytes(migration.toBytes())
    expect([loaded.way, loaded.method, loaded.setting]).toEqual([way, migration.method, migration.setting])
    expect([loaded.models, loaded.pairs, loaded.date]).toEqual([migration.models, 60, '2026-11-30'])
    expect(loaded.evaluation).toEqual(migration.evaluation)
    expect(String(loaded.evaluation)).toBe(String(migration.evaluation))
    expect(loaded.mapQueries(pairs[1])).toEqual(migration.mapQueries(pairs[1]))
    expect(loaded.mapStored(pairs[0])).toEqual(migration.mapStored(pairs[0]))
    expect(loaded.calibration).toEqual(migration.calibration)
    expect(loaded.toBytes()).toEqual(migration.toBytes())
  })

  it('in float32 is half as large, or nearly so, and as good as float32', () => {
    const bytes = migration.toBytes({ precision: 'f32' })
    const loaded = EmbeddingMigration.fromBytes(bytes)
    expect(maxDifference(loaded.mapQueries(pairs[1]), migration.mapQueries(pairs[1]))).toBeLessThan(1e-5)
    expect(loaded.toBytes({ precision: 'f32' })).toEqual(bytes)
  })

  it('is read by collimate/serve, which maps alike', () => {
    const map = loadAlignment(migration.toBytes())
    expect([map.method, map.widths]).toEqual(['EmbeddingMigration', [6, 6]])
    const [stored, queries] = {
      none: () => [map.transform(pairs[0], 0), map.transform(pairs[1], 1)],
      queries: () => [pairs[0], map.translate(pairs[1], 1, 0)],
      stored: () => [map.translate(pairs[0], 0, 1), pairs[1]],
      both: () => [map.transform(pairs[0], 0), map.transform(pairs[1], 1)],
    }[way]()
    expect(maxDifference(unit(queries), unit(migration.mapQueries(pairs[1])))).toBeLessThan(1e-12)
    expect(maxDifference(unit(stored), unit(migration.mapStored(pairs[0])))).toBeLessThan(1e-12)
  })
})

const queries = fit('queries')

it('structuredClone and JSON refuse it, and say what to keep', () => {
  expect(() => structuredClone(queries)).toThrow('toBytes()')
  expect(() => JSON.stringify(queries)).toThrow('toBytes()')
})

describe('what a loader expects', () => {
  const bytes = queries.toBytes()

  it('is compared with both models, as far as it is said', () => {
    for (const expected of [
      {},
      { old: { model: 'small-1' } },
      { old: { dimensions: 6 }, new: { model: 'large-2', dimensions: 6 } },
    ]) {
      // prettier-ignore
      expect(EmbeddingMigration.fromBytes(bytes, { expect: expected }).way).toBe('queries')
    }
    expect(() => EmbeddingMigration.fromBytes(bytes, { expect: { new: { model: 'large-3', dimensions: 6 } } })).toThrow(
      "this migration is to 'large-2' (6 dimensions), got 'large-3' (6 dimensions): the migration is from 'small-1' (6 dimensions) to 'large-2' (6 dimensions)",
    )
    expect(() => EmbeddingMigration.fromBytes(bytes, { expect: { old: { dimensions: 7 } } })).toThrow(RangeError)
    expect(() => EmbeddingMigration.fromBytes(bytes, { expected: {} } as never)).toThrow(TypeError)
  })

  it('passes where no names were given', () => {
    const nameless = EmbeddingMigration.fit(pairs, { way: 'queries', curve: [] })
    expect(nameless.models.old).toEqual({ model: undefined, dimensions: 6 })
    const loaded = EmbeddingMigration.fromBytes(nameless.toBytes(), { expect: { old: { model: 'any' } } })
    expect(loaded.models).toEqual(nameless.models)
    expect(String(loaded.evaluation)).toMatch(/^old model \(6\) to new model \(6\): /)
  })
})

describe('a file that is no sound one is refused', () => {
  const edited = (edit: (file: Safetensors) => void) => {
    const file = readSafetensors(queries.toBytes())
    edit(file)
    return writeSafetensors(file)
  }
  const without = (name: string) => edited(({ metadata }) => Reflect.deleteProperty(metadata, name))
  const saying = (name: string, text: string) => edited(({ metadata }) => (metadata[name] = text))
  const evaluation = (change: (data: Record<string, never>) => void) => {
    const data = JSON.parse(JSON.stringify(queries.evaluation)) as Record<string, never>
    change(data)
    return saying('evaluation', JSON.stringify(data))
  }

  it.each([
    ['of another kind', saying('collimate', 'LeastSquares'), 'this is a LeastSquares, expected a EmbeddingMigration'],
    ['of another version', saying('version', '9'), 'format version 9'],
    ['an unknown way', saying('way', 'sideways'), "'way' is 'sideways'"],
    ['a method of another way', saying('method', 'perfect-alignment'), "way 'queries' has method 'perfect-alignment'"],
    ['three widths', saying('widths', '6,6,6'), 'expected 2'],
    ['other components', saying('nComponents', '5'), 'cannot have them'],
    ['no evaluation', without('evaluation'), "'evaluation' is missing"],
    ['no JSON', saying('evaluation', '{'), 'no JSON text'],
    ['null', saying('evaluation', 'null'), "'evaluation' must be an object"],
    ['rows that are none', evaluation((data) => Object.assign(data, { rows: 3 })), "'evaluation.rows' must be a list"],
    ['a row without numbers', evaluation((data) => Object.assign(data, { rows: [{}] })), "'evaluation.rows[0].way' must be"], // prettier-ignore
    ['a verdict without words', evaluation((data) => Object.assign(data, { verdict: { isAdvised: 'yes' } })), "'evaluation.verdict.isAdvised' must be boolean"], // prettier-ignore
    ['a name that is none', evaluation((data) => Object.assign(data, { models: { old: { model: 3, dimensions: 6 } } })), "'evaluation.models.old.model' must be string"], // prettier-ignore
    ['no map', edited(({ tensors }) => tensors.delete('maps.1')), "'maps.1' is missing"],
    ['a curve that falls', edited(({ tensors }) => tensors.set('calibration.values', { shape: [2], dtype: 'F64', data: Float64Array.of(1, 0) })), 'both rising'], // prettier-ignore
  ])('%s', (_, bytes, message) => {
    expect(() => EmbeddingMigration.fromBytes(bytes)).toThrow(FileFormatError)
    expect(() => EmbeddingMigration.fromBytes(bytes)).toThrow(message)
  })

  it('no bytes at all, and numbers that are not finite', () => {
    expect(() => EmbeddingMigration.fromBytes(null as never)).toThrow(TypeError)
    const infinite = edited(({ tensors }) => tensors.get('maps.1')?.data.fill(NaN as never))
    expect(() => EmbeddingMigration.fromBytes(infinite)).toThrow(RangeError)
  })
})
