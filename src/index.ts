export { Matrix, type MatrixData, type MatrixLike } from './matrix.js'
export * from './errors.js'
export * from './linalg/index.js'
export type { AsyncOptions, Progress } from './runtime/steps.js'
