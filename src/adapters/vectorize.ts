import type { VectorMap } from './vector-map.js'

/** What an index of Cloudflare Vectorize stores, as far as it is changed. */
export interface StoredVector {
  readonly values: ArrayLike<number>
}

/** A binding of Cloudflare Vectorize, as far as it is changed: `Vectorize` and `VectorizeIndex` of `@cloudflare/workers-types`. */
export interface VectorizeLike {
  /** The vectors that are nearest. */
  query(vector: number[], options?: unknown): Promise<unknown>
  /** Adds vectors. */
  insert(vectors: StoredVector[]): Promise<unknown>
  /** Adds vectors, or replaces them. */
  upsert(vectors: StoredVector[]): Promise<unknown>
}

/** The most numbers that a vector of Cloudflare Vectorize has. */
const MOST_DIMENSIONS = 1536

/**
 * A binding of Cloudflare Vectorize that maps vectors on their way: those of `query`, and the `values` of what `insert` and `upsert` are given. All
 * else is the binding's own. A model of 3,072 dimensions, which no index takes, comes down to the 1,536 of the old one, or to a shared space.
 *
 * @param index - `env.NAME` of a Worker; its dimensions are those of `map.dimensions.to`
 * @returns the same type of object; its methods reject with a RangeError if a vector has another width than the map takes
 * @throws RangeError if the map gives more than 1,536 numbers
 */
export function mappedVectorize<Index extends VectorizeLike>(index: Index, map: VectorMap): Index {
  if (map.dimensions.to > MOST_DIMENSIONS) {
    throw new RangeError(`the map leads ${map.route}, but an index of Vectorize has at most ${MOST_DIMENSIONS} dimensions: map into a shared space of as many components, or fewer`) // prettier-ignore
  }
  const stored = (vectors: StoredVector[]) => {
    const values = map.map(vectors.map((vector) => vector.values)).toArray()
    return vectors.map((vector, i) => ({ ...vector, values: values[i] }))
  }
  const own: VectorizeLike = {
    query: async (vector, options) => index.query(Array.from(map.map([vector]).data), options),
    insert: async (vectors) => index.insert(stored(vectors)),
    upsert: async (vectors) => index.upsert(stored(vectors)),
  }
  // Not a copy of its methods: those that the platform adds later are there as well, and find their private fields.
  return new Proxy(index, {
    get(target, name) {
      const value: unknown = Reflect.get(name in own ? own : target, name)
      return typeof value === 'function' && !(name in own) ? (value.bind(target) as unknown) : value
    },
  })
}
