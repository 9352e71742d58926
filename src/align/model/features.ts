import { wrongKind } from '../../describe.js'
import type { FeatureMap, ModalityFeatures } from '../../features/feature-map.js'
import type { Rule } from './options.js'

/** What is in front of an estimator: feature maps, or what makes them, one per modality or one for all. */
export type FeaturesOption = ModalityFeatures | readonly ModalityFeatures[]

/** What every estimator takes. */
export interface WithFeatures {
  /**
   * What rows are turned into before they are aligned, by `collimate/features`: one per modality or one for all, null where rows are taken as
   * they come. `fit` fits them to its rows, and `partialFit` then goes on with the same maps; one that begins needs maps that are fitted. Default
   * none.
   */
  readonly features?: FeaturesOption
}

/** The map of every modality that has one. */
export type FeatureMaps = readonly (FeatureMap | undefined)[]

/** What to do with features comes with them; undefined if there are none. @throws TypeError unless `collimate/features` has made the first that there is */
export function frontOf(...features: FeaturesOption[]): FeatureMap['front'] | undefined {
  const each: readonly unknown[] = features.flat()
  const one = each.find((x) => x != null) as FeatureMap | undefined
  if (one === undefined || (one.front as unknown)) return one?.front
  throw wrongKind('features', "of 'collimate/features', or null", one)
}

/** The rule of the option `features`. @throws TypeError unless `collimate/features` has made all */
export const featuresRule: Rule<FeaturesOption> = (value) => {
  const features = value as FeaturesOption
  frontOf(features)?.checkAsked(features)
  return features
}
