import type { VectorMap } from './vector-map.js'

/** What LangChain.js asks of embeddings: `EmbeddingsInterface` of `@langchain/core`. */
export interface EmbeddingsLike {
  /** The vector of a query. */
  embedQuery(text: string): Promise<number[]>
  /** The vectors of some documents. */
  embedDocuments(texts: string[]): Promise<number[][]>
}

/**
 * Embeddings of LangChain.js whose vectors are mapped, those of queries and of documents: a vector store that holds the old model's vectors is given
 * these in place of the new model's.
 *
 * @param embeddings - of the model that the map leads from. Its `model` or `modelName`, if it has one, is checked.
 * @returns a plain object; its methods reject with a RangeError if vectors have another width
 * @throws RangeError if the embeddings say that they are of another model
 */
export function mappedEmbeddings(embeddings: EmbeddingsLike, map: VectorMap): EmbeddingsLike {
  const { model, modelName } = embeddings as { model?: unknown; modelName?: unknown }
  map.expectEmbedder(model ?? modelName)
  return {
    async embedQuery(text) {
      return Array.from(map.map([await embeddings.embedQuery(text)]).data)
    },
    async embedDocuments(texts) {
      return map.map(await embeddings.embedDocuments(texts)).toArray()
    },
  }
}
