import { wrongKind } from '../describe.js'
import { integerIn, knownOptions } from '../validation.js'
import type { EmbeddingModel } from './options.js'

/** Both models of a migration. */
export interface BothModels {
  readonly old: EmbeddingModel
  readonly new: EmbeddingModel
}

/** A model in words: its name, if there is one, and the width of its vectors. */
function inWords({ model, dimensions }: EmbeddingModel, otherwise = 'a model without a name'): string {
  const name = model === undefined ? otherwise : `'${model}'`
  return dimensions === undefined ? name : `${name} (${dimensions} dimensions)`
}

/**
 * Refuses what is said to be of another model. Nothing is compared that either side does not say.
 *
 * @param what - begins the message, before the name of the model that is meant
 * @throws TypeError if `expect` is no such object, RangeError if it is another model
 */
export function refuseOtherModel(what: string, own: EmbeddingModel, expect: unknown, models: BothModels): void {
  if (expect === undefined) return
  const said: EmbeddingModel = knownOptions(expect as EmbeddingModel, ['model', 'dimensions'])
  const { model, dimensions } = said
  if (model !== undefined && typeof model !== 'string') throw wrongKind('expect.model', 'a string', model)
  if (dimensions !== undefined) integerIn(dimensions, 1, Number.MAX_SAFE_INTEGER, 'expect.dimensions')
  const isOther =
    (model !== undefined && own.model !== undefined && model !== own.model) ||
    (dimensions !== undefined && dimensions !== own.dimensions)
  if (isOther) throw new RangeError(`${what} ${inWords(own)}, got ${inWords(said)}: ${moves(models)}`)
}

/** @throws RangeError unless vectors have the columns of their model: the message says of which they have */
export function refuseOtherWidth(what: string, own: EmbeddingModel, cols: number, models: BothModels): void {
  if (cols === own.dimensions) return
  throw new RangeError(`${what} ${inWords(own)}, got vectors of ${cols}: ${moves(models)}`)
}

const moves = (models: BothModels): string =>
  `the migration is from ${inWords(models.old, 'an old model')} to ${inWords(models.new, 'a new one')}`
