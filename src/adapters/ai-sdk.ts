import type { VectorMap } from './vector-map.js'

/** What an embedding model of the AI SDK answers, as far as it is changed. */
interface Embedded {
  embeddings: number[][]
}

/** A middleware for `wrapEmbeddingModel` of the AI SDK, the `ai` package, from version 6 on. */
export interface EmbeddingMiddleware {
  /** Of version 6; version 7 takes it as it is. */
  readonly specificationVersion: 'v3'
  /** Maps what the model gives. */
  wrapEmbed<Result extends Embedded>(call: {
    readonly doEmbed: () => PromiseLike<Result>
    readonly model: { readonly modelId: string }
  }): Promise<Result>
}

/**
 * A middleware for `wrapEmbeddingModel` of the AI SDK: whatever `embed` and `embedMany` give is mapped. Usage, warnings, headers and the response
 * stay as they are.
 *
 * @returns a plain object; `wrapEmbed` rejects with a RangeError if the model's id is another than the one that the map leads from, or its vectors
 *   have another width
 */
export function embeddingMiddleware(map: VectorMap): EmbeddingMiddleware {
  return {
    specificationVersion: 'v3',
    async wrapEmbed({ doEmbed, model }) {
      map.expectEmbedder(model.modelId)
      const result = await doEmbed()
      return { ...result, embeddings: map.map(result.embeddings).toArray() }
    },
  }
}
