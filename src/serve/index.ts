/** Serving: models that map, and galleries that are searched. */
export { AlignmentMap } from './alignment-map.js'
export { loadAlignment } from './load-alignment.js'
export type { VectorLike } from './vector.js'
export { Matrix, type MatrixData, type MatrixLike } from '../matrix.js'
export * from '../errors.js'
