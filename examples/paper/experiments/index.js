import achievability from './achievability.js'
import alignmentErrors from './alignment-errors.js'
import captions from './captions.js'
import cost from './cost.js'
import labels from './labels.js'
import latentSpaces from './latent-spaces.js'
import linearBoundary from './linear-boundary.js'
import nonLinear from './non-linear.js'
import nullSpace from './null-space.js'
import robustness from './robustness/robustness.js'
import sanityCheck from './sanity-check.js'
import sixModalities from './six-modalities.js'
import specialCases from './special-cases.js'
import text from './text.js'
import threeModalities from './three-modalities.js'
import fullWidth from './transfer/full-width.js'
import { depthToInertial, skeletonToInertial } from './transfer/transfer.js'

/** In the order of the report. */
export const EXPERIMENTS = [
  latentSpaces,
  alignmentErrors,
  robustness,
  cost,
  achievability,
  specialCases,
  skeletonToInertial,
  depthToInertial,
  fullWidth,
  sanityCheck,
  labels,
  captions,
  nullSpace,
  linearBoundary,
  threeModalities,
  sixModalities,
  nonLinear,
  text,
]
