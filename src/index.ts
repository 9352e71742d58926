export { Matrix, type MatrixData, type MatrixLike } from './matrix.js'
export * from './errors.js'
export * from './linalg/index.js'
export * from './align/index.js'
// Not all of it: what the spectrum tells has an entry of its own, so that a page which maps and searches does not load it.
export {
  crossValidate,
  crossValidateAsync,
  type CrossValidateOptions,
  type CrossValidation,
  type CrossValidationRow,
  type Estimator,
  type FoldFailure,
  type Grid,
  type Groups,
  type Scorer,
  type SelectionMetric,
} from './model-selection/index.js'
export * from './metrics/index.js'
export * from './search/index.js'
export * from './comparison/index.js'
export * from './evaluation/index.js'
export type { AsyncOptions, Progress } from './runtime/steps.js'
export { binaryName, releaseMemory, type BinaryName } from './runtime/index.js'
