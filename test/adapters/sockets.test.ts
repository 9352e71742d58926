import { describe, expect, test } from 'vitest'
import {
  embeddingMiddleware,
  mappedEmbeddings,
  mappedExtractor,
  mappedVectorize,
  vectorMap,
} from '../../src/adapters/index.js'
import { length, newToOld, NEW, NEW_WIDTH, OLD, OLD_WIDTH, served, vectors } from './support.js'

// With the libraries themselves: test/libraries.

const map = newToOld()
const embed = (texts: readonly string[]) => Promise.resolve(texts.map((text) => vectors(1, text.length)[0]))
const expected = (texts: readonly string[]) => map.map(texts.map((text) => vectors(1, text.length)[0])).toArray()
const TEXTS = ['a', 'of two', 'or three words']

describe('embeddingMiddleware', () => {
  const call = (modelId: string, embeddings: number[][]) =>
    embeddingMiddleware(map).wrapEmbed({
      doEmbed: () => Promise.resolve({ embeddings, usage: { tokens: 5 } }),
      model: { modelId },
    })

  test('maps embeddings and leaves the rest', async () => {
    expect(await call(NEW, await embed(TEXTS))).toEqual({ embeddings: expected(TEXTS), usage: { tokens: 5 } })
    expect(await call(NEW, [])).toEqual({ embeddings: [], usage: { tokens: 5 } })
  })

  test('refuses another model before it is asked, and another width', async () => {
    await expect(call(OLD, [])).rejects.toThrow(/^'someone\/old-model' embeds, but the map leads from 'new-model'/)
    await expect(call(NEW, [[1]])).rejects.toThrow(/vectors of 1 numbers for a map that leads from 'new-model'/)
  })
})

describe('mappedEmbeddings', () => {
  const embeddings = { embedQuery: async (text: string) => (await embed([text]))[0], embedDocuments: embed }

  test('maps queries and documents into lists of numbers', async () => {
    const mapped = mappedEmbeddings(embeddings, map)
    expect(await mapped.embedQuery('a')).toEqual(expected(['a'])[0])
    expect(await mapped.embedDocuments(TEXTS)).toEqual(expected(TEXTS))
    expect(await mapped.embedDocuments([])).toEqual([])
  })

  test('refuses embeddings that say that they are of another model, and another width', async () => {
    expect(() => mappedEmbeddings({ ...embeddings, model: OLD } as never, map)).toThrow(/'someone\/old-model' embeds/)
    expect(() => mappedEmbeddings({ ...embeddings, modelName: OLD } as never, map)).toThrow(RangeError)
    const short = mappedEmbeddings({ ...embeddings, embedQuery: () => Promise.resolve([1]) }, map)
    await expect(short.embedQuery('a')).rejects.toThrow(/to 'someone\/old-model', 4/)
  })
})

class Tensor {
  constructor(
    readonly type: string,
    readonly data: Float32Array,
    readonly dims: readonly number[],
  ) {}
}

describe('mappedExtractor', () => {
  const extractor = async (texts: readonly string[], { pooling }: { pooling?: string } = {}) => {
    const data = Float32Array.from((await embed(texts)).flat())
    return new Tensor('float32', data, pooling === undefined ? [1, texts.length, NEW_WIDTH] : [texts.length, NEW_WIDTH])
  }

  test('gives a tensor of the same class', async () => {
    const tensor = await mappedExtractor(extractor, map)(TEXTS, { pooling: 'mean' })
    expect(tensor).toBeInstanceOf(Tensor)
    expect(tensor.type).toBe('float32')
    expect(tensor.dims).toEqual([3, OLD_WIDTH])
    expected(TEXTS).forEach((row, i) => {
      row.forEach((value, j) => {
        expect(tensor.data[i * OLD_WIDTH + j]).toBeCloseTo(value, 5)
      })
    })
  })

  test('asks for pooling, and refuses another model', async () => {
    await expect(mappedExtractor(extractor, map)(TEXTS)).rejects.toThrow(
      'the pipeline gave [1, 3, 6] numbers, expected [texts, 6]: give it { pooling',
    )
    const other = Object.assign(extractor.bind(null), { model: { config: { _name_or_path: 'Xenova/old-model' } } })
    expect(() => mappedExtractor(other, map)).toThrow(/'Xenova\/old-model' embeds/)
    expect(() => mappedExtractor(undefined as never, map)).toThrow(/extractor must be a pipeline/)
  })
})

/** As the platform's binding: what it holds is private, and its methods are the class's. */
class Binding {
  #calls: unknown[] = []
  query(vector: number[], options?: unknown) {
    this.#calls.push(['query', vector, options])
    return Promise.resolve({ matches: [] })
  }
  insert(stored: { id: string; values: number[] }[]) {
    this.#calls.push(['insert', stored])
    return Promise.resolve(stored.length)
  }
  upsert(stored: { id: string; values: number[] }[]) {
    this.#calls.push(['upsert', stored])
    return Promise.resolve(stored.length)
  }
  takeCalls() {
    return this.#calls.splice(0)
  }
}

describe('mappedVectorize', () => {
  const index = mappedVectorize(new Binding(), map)

  test('maps what is asked and what is stored', async () => {
    const [x, y] = vectors(2, 8)
    const [mappedX, mappedY] = map.map([x, y]).toArray()
    await index.query(x, { topK: 3 })
    await index.insert([{ id: 'x', values: x }])
    await index.upsert([{ id: 'x', values: x }, { id: 'y', values: y }]) // prettier-ignore
    await index.upsert([])
    expect(index.takeCalls()).toEqual([
      ['query', mappedX, { topK: 3 }],
      ['insert', [{ id: 'x', values: mappedX }]],
      ['upsert', [{ id: 'x', values: mappedX }, { id: 'y', values: mappedY }]], // prettier-ignore
      ['upsert', []],
    ])
    expect(length(mappedX)).toBeCloseTo(1)
  })

  test('refuses another width, and asks nothing of the index', async () => {
    await expect(index.query([1, 2])).rejects.toThrow(/vectors of 2 numbers for a map that leads from 'new-model'/)
    await expect(index.upsert([{ id: 'x', values: [1] }])).rejects.toThrow(RangeError)
    expect(index.takeCalls()).toEqual([])
  })

  test('refuses a map into more dimensions than an index has', () => {
    const wide = { ...map, dimensions: { from: 6, to: 3072 }, route: "from 'a', 6 numbers, to 'b', 3072" }
    expect(() => mappedVectorize(new Binding(), wide)).toThrow(
      /^the map leads from 'a', 6 numbers, to 'b', 3072, but an index of Vectorize has at most 1536 dimensions/,
    )
    expect(mappedVectorize(new Binding(), vectorMap(served(), { from: 1 }))).toBeInstanceOf(Binding)
  })
})
