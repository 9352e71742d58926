import alignmentErrors from './alignment-errors.js'
import captions from './captions.js'
import cost from './cost.js'
import labels from './labels.js'
import latentSpaces from './latent-spaces.js'
import linearBoundary from './linear-boundary.js'
import nullSpace from './null-space.js'
import robustness from './robustness.js'
import sanityCheck from './sanity-check.js'
import specialCases from './special-cases.js'
import { depthToInertial, skeletonToInertial } from './transfer.js'

/** In the order of the report. */
export const EXPERIMENTS = [
  latentSpaces,
  alignmentErrors,
  robustness,
  cost,
  specialCases,
  skeletonToInertial,
  depthToInertial,
  sanityCheck,
  labels,
  captions,
  nullSpace,
  linearBoundary,
]
