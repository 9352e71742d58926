import { wrongKind } from '../describe.js'
import { NotFittedError } from '../errors.js'
import type { TensorEntry } from '../io/tensor-file.js'
import type { Matrix } from '../matrix.js'
import type { Engine } from '../runtime/engine.js'
import type { Steps } from '../steps.js'

/** What of a feature map stands in front of a modality. */
interface Fitted<Map> {
  readonly outputs: number
  equals(other: Map | undefined): boolean
  toBytes(): Uint8Array<ArrayBuffer>
  featureSteps(engineOf: () => Engine, X: Matrix, name: string): Steps<Matrix>
}

/** What of a recipe does. */
interface Recipe<Map> {
  fitSteps(engineOf: () => Engine, X: Matrix, name: string): Steps<Map>
}

/** As asked for: of one modality, or of each. */
type Asked<Map> = Map | Recipe<Map> | null | undefined

/** The map of every modality that has one. */
type Maps<Map> = readonly (Map | undefined)[]

/** @throws TypeError unless all is a map, a recipe, or nothing */
export function checkAsked(asked: unknown): void {
  for (const one of [asked].flat()) {
    const isOurs = typeof one === 'object' && one !== null && ('fitSteps' in one || 'featureSteps' in one)
    if (one != null && !isOurs) throw wrongKind('features', "of 'collimate/features', or null", one)
  }
}

/** One per modality. @throws RangeError for another number of them */
function listed<Map>(asked: unknown, count: number): readonly Asked<Map>[] {
  const list = (Array.isArray(asked) ? asked : Array(count).fill(asked)) as Asked<Map>[]
  if (list.length === count) return list
  throw new RangeError(`got features for ${list.length} modalities, expected ${count}`)
}

const isRecipe = <Map>(one: Asked<Map>): one is Recipe<Map> => one != null && 'fitSteps' in (one as object)

/**
 * The features of rows, and the maps: those that there are, or those that the rows make.
 *
 * @param isGrowing - whether more rows are to come, so that these must not make any
 * @throws RangeError for another number of maps than modalities, or rows that none can be fitted to; NotFittedError for a recipe of rows that grow
 */
export function* steps<Map extends Fitted<Map>>(
  engine: Engine,
  asked: unknown,
  modalities: readonly Matrix[],
  isGrowing = false,
): Steps<{ features: Maps<Map>; matrices: Matrix[] }> {
  const features: (Map | undefined)[] = []
  const matrices = [...modalities]
  for (const [m, one] of listed<Map>(asked, modalities.length).entries()) {
    const name = `modality ${m}`
    const isFitting = isRecipe(one) && !isGrowing
    const map = isFitting ? yield* one.fitSteps(() => engine, modalities[m], name) : mapOf(one, m)
    features.push(map)
    if (map !== undefined) matrices[m] = yield* map.featureSteps(() => engine, modalities[m], name)
  }
  return { features, matrices }
}

/** @throws NotFittedError unless it is a map, or nothing */
function mapOf<Map>(one: Asked<Map>, m: number): Map | undefined {
  if (!isRecipe(one)) return one ?? undefined
  throw new NotFittedError(
    `the features of modality ${m} are not fitted, and every few rows would make others: fit them to a sample and give these, features: [recipe.fit(sample), ...]`,
  )
}

/**
 * The maps that there are before any rows.
 *
 * @param widths - of the factor of their features
 * @throws NotFittedError if one is yet to be fitted, RangeError for another number of them, or a factor of other columns than they give
 */
export function given<Map extends Fitted<Map>>(asked: unknown, widths: readonly number[]): Maps<Map> {
  return listed<Map>(asked, widths.length).map((one, m) => {
    const map = mapOf(one, m)
    if (map === undefined || map.outputs === widths[m]) return map
    throw new RangeError(`the factor has ${widths[m]} columns of modality ${m}, its features ${map.outputs}`)
  })
}

/** @throws RangeError unless what was asked for, or fitted, are the maps of the other, bit by bit; NotFittedError if it is not fitted */
export function checkSame<Map extends Fitted<Map>>(asked: unknown, others: Maps<Map> | undefined): void {
  const count = others?.length ?? (Array.isArray(asked) ? asked.length : 1)
  listed<Map>(asked, count).forEach((one, m) => {
    const [own, other] = [mapOf(one, m), others?.[m]]
    if (own === other || own?.equals(other) === true) return
    throw new RangeError(
      `modality ${m} has other features in the model that is to be merged: fit the map to one sample, and give that to all parts`,
    )
  })
}

/** Of a model file: each map as the file that it is by itself. */
export function entries<Map extends Fitted<Map>>(maps: Maps<Map> = []): TensorEntry[] {
  return maps.flatMap((map, m): TensorEntry[] => {
    const data = map?.toBytes()
    return data === undefined ? [] : [[`features.${m}`, { shape: [data.length], data }]]
  })
}

/** What estimators do with maps in front of them: maps and recipes bring it along, so that estimators without do not carry it. */
export const front = { checkAsked, steps, given, checkSame, entries }
