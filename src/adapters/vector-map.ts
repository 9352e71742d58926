import { Matrix, toMatrix, type MatrixLike } from '../matrix.js'
import { wrongKind } from '../describe.js'
import { unitRows } from '../dense/norms.js'
import { isFloat32 } from '../typed-arrays.js'
import { flag, integerIn, knownOptions, optionsObject } from '../validation.js'

/** What vectors are mapped by: an `AlignmentMap` of `collimate/serve`, or a fitted model. Modality 0 and 1 are two embedding models. */
export interface MappingModel {
  /** The dimensions of either embedding model. */
  readonly widths: readonly number[]
  /** Rows of one modality into the shared space. */
  transform(x: MatrixLike, modality: number): Matrix
  /** Rows of one modality into the space of another. */
  translate(x: MatrixLike, from: number, to: number): Matrix
}

/** Options of {@link vectorMap}. */
export interface VectorMapOptions {
  /** The modality that the vectors are of: that of the model which embeds the queries. */
  readonly from: number
  /** The modality whose space they are translated to. Default: none; they are mapped into the shared space. */
  readonly to?: number
  /**
   * The names of the embedding models, one for each modality. Messages say them, and an embedder that calls itself otherwise than the one of
   * `from` is refused. Names are compared after their last slash, in small letters.
   */
  readonly models?: readonly string[]
  /** Whether what comes out has length 1, as of most embedding models; the zero vector stays as it is. Default true. */
  readonly normalize?: boolean
}

/** Maps vectors of one embedding model to where those of another are. {@link vectorMap} and {@link queryMap} make it. */
export interface VectorMap {
  /** How many numbers go in, and how many come out. */
  readonly dimensions: { readonly from: number; readonly to: number }
  /** Where it leads from and to, as messages say it. */
  readonly route: string
  /**
   * Maps rows.
   *
   * @param x - n x `dimensions.from`
   * @returns n x `dimensions.to`, in the precision of the model
   * @throws TypeError if x is no matrix, RangeError if it has other columns, or an entry is not finite
   */
  map(x: MatrixLike): Matrix
  /** @throws RangeError if an embedder says its name, and it is another than that which the vectors must be of */
  expectEmbedder(name: unknown): void
}

const plainName = (name: string) => name.slice(name.lastIndexOf('/') + 1).toLowerCase()

/** @throws TypeError unless it is a name for each modality, or nothing */
function namesOf(models: unknown, count: number): readonly string[] | undefined {
  if (models === undefined) return undefined
  const isList = Array.isArray(models) && models.length === count && models.every((name) => typeof name === 'string')
  if (!isList) throw wrongKind('models', `${count} names, one for each modality`, models)
  return models
}

/**
 * From a fitted model, the map that the other functions of `collimate/adapters` put behind an embedder: of queries into the space where the stored
 * vectors are (`to`), or into the shared space, where stored vectors have been mapped from their own side.
 *
 * @param model - what `loadAlignment` gives, or a fitted model
 * @throws TypeError if the model or an option is of the wrong kind, RangeError if there is no such modality, or `from` and `to` are the same,
 *   NotFittedError if `to` is given and the file has no decoders
 */
export function vectorMap(model: MappingModel, options: VectorMapOptions): VectorMap {
  if (typeof (model as Partial<MappingModel> | null)?.translate !== 'function') {
    throw wrongKind('model', 'a fitted model, or what loadAlignment() gives', model)
  }
  knownOptions(optionsObject(options) as object, ['from', 'to', 'models', 'normalize'])
  const { widths } = model
  const modality = (value: unknown, name: string) => integerIn(value, 0, widths.length - 1, name)
  const from = modality(options.from, 'from')
  const to = options.to === undefined ? undefined : modality(options.to, 'to')
  if (from === to) throw new RangeError(`from and to are both ${from}, expected two different modalities`)
  const names = namesOf(options.models, widths.length)
  const isUnit = options.normalize === undefined || flag(options.normalize, 'normalize')

  const mapped = (x: Matrix) => (to === undefined ? model.transform(x, from) : model.translate(x, from, to))
  const nameOf = (m: number) => (names === undefined ? `modality ${m}` : `'${names[m]}'`)
  return built(mapped, widths[from], names?.[from], nameOf(from), to === undefined ? 'the shared space' : nameOf(to), isUnit) // prettier-ignore
}

/** What `EmbeddingMigration` of `collimate/migration` is, as far as queries need it. */
export interface QueryMigration {
  /** What was embedded by whom: the names, if they were given, and the columns. */
  readonly models: { readonly [side in 'old' | 'new']: { readonly model?: string; readonly dimensions?: number } }
  /** Brings vectors of the new model to where they are compared with what is stored. */
  mapQueries(x: MatrixLike): Matrix
}

/**
 * From an `EmbeddingMigration`, the map that the other functions of `collimate/adapters` put behind an embedder: of queries of the new model to where the
 * stored vectors are, the way that the migration goes. Names, widths and length are the migration's.
 *
 * @throws TypeError if it is no migration
 */
export function queryMap(migration: QueryMigration): VectorMap {
  const given = Object(migration) as Partial<QueryMigration>
  const { models } = given
  if (typeof given.mapQueries !== 'function' || models?.new.dimensions === undefined) {
    throw wrongKind('migration', 'an EmbeddingMigration', migration)
  }
  const { old, new: own } = models
  const nameOf = (name: string | undefined, otherwise: string) => (name === undefined ? otherwise : `'${name}'`)
  const mapped = (x: Matrix) => migration.mapQueries(x)
  return built(mapped, models.new.dimensions, own.model, nameOf(own.model, 'the new model'), `what is stored of ${nameOf(old.model, 'the old model')}`, false) // prettier-ignore
}

/** @param embedder - the name that an embedder must not contradict */
function built(
  mapped: (x: Matrix) => Matrix,
  width: number,
  embedder: string | undefined,
  source: string,
  target: string,
  isUnit: boolean,
): VectorMap {
  // Of no rows: what the file cannot do is known before there is a query.
  const dimensions = { from: width, to: mapped(new Matrix(0, width)).cols }
  const route = `from ${source}, ${width} numbers, to ${target}, ${dimensions.to}`
  return {
    dimensions,
    route,
    map(x) {
      const rows = toMatrix(x, 'vectors')
      if (rows.cols !== width && rows.rows > 0) {
        const advice = rows.cols === dimensions.to ? ': vectors that are there already need no map' : ''
        throw new RangeError(`vectors of ${rows.cols} numbers for a map that leads ${route}${advice}`)
      }
      const result = mapped(rows.rows > 0 ? rows : new Matrix(0, width))
      if (!isUnit) return result
      const unit = unitRows(result)
      return new Matrix(result.rows, result.cols, isFloat32(result.data) ? Float32Array.from(unit) : unit)
    },
    expectEmbedder(name) {
      if (typeof name !== 'string' || embedder === undefined || plainName(name) === plainName(embedder)) return
      throw new RangeError(`'${name}' embeds, but the map leads ${route}: embed with ${source}, or fit a map of pairs that '${name}' embedded`) // prettier-ignore
    },
  }
}
