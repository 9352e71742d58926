// The sockets of collimate/adapters in the libraries that they are for: an old model's vectors are searched with a new model's queries.
import { Tensor } from '@huggingface/transformers'
import { MemoryVectorStore } from '@langchain/classic/vectorstores/memory'
import { Embeddings } from '@langchain/core/embeddings'
import * as ai from 'ai'
import { MockEmbeddingModelV4 } from 'ai/test'
import * as ai6 from 'ai6'
import { MockEmbeddingModelV3 } from 'ai6/test'
import { embeddingMiddleware, mappedEmbeddings, mappedExtractor, vectorMap } from '../../dist/adapters.js'
import { LeastSquares } from '../../dist/index.js'
import { loadAlignment } from '../../dist/serve.js'

const [OLD, NEW, LATENTS] = [6, 9, 5]

/** Numbers in [-1, 1) that belong to a text. */
function numbersOf(text, count) {
  let state = [...text].reduce((sum, letter) => Math.imul(sum, 31) + letter.codePointAt(0), 7)
  return Array.from({ length: count }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5
    return ((state >>> 8) & 0xffff) / 0x8000 - 1
  })
}

const mixing = (name, width) => Array.from({ length: width }, (_, j) => numbersOf(`${name} ${j}`, LATENTS))

/** Two models of the same: each has its own mixture of what a text means, at length 1. */
function embedder(name, width) {
  const rows = mixing(name, width)
  return (text) => {
    const meaning = numbersOf(text, LATENTS)
    const vector = rows.map((row) => row.reduce((sum, value, i) => sum + value * meaning[i], 0))
    return vector.map((value) => value / Math.hypot(...vector))
  }
}
const [embedOld, embedNew] = [embedder('old', OLD), embedder('new', NEW)]

const pairs = Array.from({ length: 200 }, (_, i) => `pair ${i}`)
const bytes = new LeastSquares({ target: 0 }).fit([pairs.map(embedOld), pairs.map(embedNew)]).toBytes()
const models = ['old', 'provider/new']
const map = vectorMap(loadAlignment(bytes), { from: 1, to: 0, models })

const DOCUMENTS = Array.from({ length: 30 }, (_, i) => `document ${i}`)
const nearestOld = (query) => {
  const scores = DOCUMENTS.map((text) => embedOld(text).reduce((sum, value, i) => sum + value * query[i], 0))
  return DOCUMENTS[scores.indexOf(Math.max(...scores))]
}

function same(got, expected) {
  const [a, b] = [got, expected].map((value) => JSON.stringify(value))
  if (a !== b) throw new Error(`got ${a}, expected ${b}`)
}

async function refused(work, text) {
  const message = await work().then(
    () => 'nothing was thrown',
    (error) => error.message,
  )
  if (!message.includes(text)) throw new Error(`"${message}" does not say "${text}"`)
}

const answer = (values) => ({ embeddings: values.map(embedNew), usage: { tokens: values.length }, warnings: [] })

/** Of either version of the AI SDK: `embed` and `embedMany` with the library's own model for tests. */
const withAi =
  ({ embed, embedMany, wrapEmbeddingModel }, Mock, maxEmbeddingsPerCall) =>
  async () => {
    const wrapped = (modelId, doEmbed = async ({ values }) => answer(values)) =>
      wrapEmbeddingModel({
        model: new Mock({ modelId, maxEmbeddingsPerCall, doEmbed }),
        middleware: embeddingMiddleware(map),
      })
    const { embedding, usage } = await embed({ model: wrapped('new'), value: 'document 3' })
    same([embedding.length, nearestOld(embedding), usage.tokens], [OLD, 'document 3', 1])
    const { embeddings } = await embedMany({ model: wrapped('gateway/provider/new'), values: DOCUMENTS })
    same(embeddings.map(nearestOld), DOCUMENTS)
    const once = { value: 'x', maxRetries: 0 }
    await refused(
      () => embed({ model: wrapped('newer'), ...once }),
      "'newer' embeds, but the map leads from 'provider/new'",
    )
    const short = async () => ({ ...answer(['x']), embeddings: [[1, 2]] })
    await refused(() => embed({ model: wrapped('new', short), ...once }), "vectors of 2 numbers for a map that leads from 'provider/new', 9 numbers, to 'old', 6") // prettier-ignore
  }

class Own extends Embeddings {
  constructor(model, embedText) {
    super({})
    Object.assign(this, { model, embedText })
  }
  async embedQuery(text) {
    return this.embedText(text)
  }
  async embedDocuments(texts) {
    return texts.map(this.embedText)
  }
}

async function withLangchain() {
  const store = new MemoryVectorStore(new Own('old', embedOld))
  await store.addDocuments(DOCUMENTS.map((pageContent) => ({ pageContent, metadata: {} })))
  // The store stays; who embeds is another.
  store.embeddings = mappedEmbeddings(new Own('new', embedNew), map)
  const found = async (text) => (await store.similaritySearch(text, 1))[0].pageContent
  for (const text of DOCUMENTS) same(await found(text), text)
  await store.addDocuments([{ pageContent: 'a later one', metadata: {} }])
  same(await found('a later one'), 'a later one')
  same(
    (await store.asRetriever(1).invoke('document 7')).map(({ pageContent }) => pageContent),
    ['document 7'],
  )
  await refused(async () => mappedEmbeddings(new Own('newer', embedNew), map), "'newer' embeds")
  const short = mappedEmbeddings(new Own('new', () => [1]), map)
  await refused(() => short.embedQuery('x'), 'vectors of 1 numbers')
}

/** As a pipeline of the library answers, which without a model's weights cannot run. */
const extractor = (name) =>
  Object.assign(
    async (texts, { pooling = 'none' } = {}) => {
      const data = Float32Array.from([texts].flat().flatMap(embedNew))
      return new Tensor('float32', data, pooling === 'none' ? [1, data.length / NEW, NEW] : [data.length / NEW, NEW])
    },
    { model: { config: { _name_or_path: name } } },
  )

async function withTransformers() {
  const mapped = mappedExtractor(extractor('someone/new'), map)
  const tensor = await mapped(DOCUMENTS, { pooling: 'mean' })
  same([tensor instanceof Tensor, tensor.type, tensor.dims], [true, 'float32', [DOCUMENTS.length, OLD]])
  same(tensor.tolist().map(nearestOld), DOCUMENTS)
  same((await mapped('document 2', { pooling: 'mean' })).dims, [1, OLD])
  await refused(() => mapped(DOCUMENTS), 'expected [texts, 9]: give it { pooling')
  await refused(async () => mappedExtractor(extractor('someone/newer'), map), "'someone/newer' embeds")
}

export const ADAPTERS = {
  'AI SDK 7: embed and embedMany': withAi(ai, MockEmbeddingModelV4, 7),
  'AI SDK 6: embed and embedMany': withAi(ai6, MockEmbeddingModelV3, 7),
  'LangChain.js: a vector store and a retriever': withLangchain,
  'transformers.js: tensors of a pipeline': withTransformers,
}

/** What compiles against the libraries' types. */
export const ADAPTER_TYPES = `
import { pipeline } from '@huggingface/transformers'
import type { EmbeddingsInterface } from '@langchain/core/embeddings'
import { MemoryVectorStore } from '@langchain/classic/vectorstores/memory'
import { wrapEmbeddingModel, type EmbeddingModelMiddleware } from 'ai'
import { wrapEmbeddingModel as wrap6, type EmbeddingModelMiddleware as Middleware6 } from 'ai6'
import { MockEmbeddingModelV4 } from 'ai/test'
import { MockEmbeddingModelV3 } from 'ai6/test'
import type { Vectorize, VectorizeIndex, VectorizeMatches } from '@cloudflare/workers-types'
import { embeddingMiddleware, mappedEmbeddings, mappedExtractor, mappedVectorize, vectorMap } from 'collimate/adapters'
import { LeastSquares } from 'collimate'
import { loadAlignment } from 'collimate/serve'

declare const bytes: Uint8Array
const served = vectorMap(loadAlignment(bytes), { from: 1, to: 0 })
const map = vectorMap(new LeastSquares(), { from: 1, models: ['old', 'new'] })

export const middleware: EmbeddingModelMiddleware = embeddingMiddleware(map)
export const model = wrapEmbeddingModel({ model: new MockEmbeddingModelV4(), middleware: embeddingMiddleware(served) })
export const middleware6: Middleware6 = embeddingMiddleware(map)
export const model6 = wrap6({ model: new MockEmbeddingModelV3(), middleware: embeddingMiddleware(map) })

declare const embeddings: EmbeddingsInterface
export const mapped: EmbeddingsInterface = mappedEmbeddings(embeddings, map)
export const store = new MemoryVectorStore(mappedEmbeddings(embeddings, map))

const extractor = mappedExtractor(await pipeline('feature-extraction', 'x'), map)
export const rows: number[][] = (await extractor(['a'], { pooling: 'mean' })).tolist()

declare const binding: Vectorize
declare const earlier: VectorizeIndex
export const index: Vectorize = mappedVectorize(binding, map)
export const matches: Promise<VectorizeMatches> = index.query([1], { topK: 3 })
export const indexEarlier: VectorizeIndex = mappedVectorize(earlier, map)

// @ts-expect-error a map is made by vectorMap
embeddingMiddleware(loadAlignment(bytes))
// @ts-expect-error the modality that vectors come from
vectorMap(loadAlignment(bytes), { to: 0 })
`
