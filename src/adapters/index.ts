/** Sockets for embedding libraries: what embeds with one model, and answers where the vectors of another are. */
export {
  queryMap,
  vectorMap,
  type MappingModel,
  type QueryMigration,
  type VectorMap,
  type VectorMapOptions,
} from './vector-map.js'
export { embeddingMiddleware, type EmbeddingMiddleware } from './ai-sdk.js'
export { mappedEmbeddings, type EmbeddingsLike } from './langchain.js'
export { mappedExtractor, type TensorLike } from './transformers.js'
export { mappedVectorize, type StoredVector, type VectorizeLike } from './vectorize.js'
export { Matrix, type MatrixData, type MatrixLike } from '../matrix.js'
