// A worker that makes data, fits to it, tells how far it is, and can be told to stop.
//
//   to it                                      from it
//   { type: 'data', rows, width }              { type: 'data', train, test }
//   { type: 'fit', rows, width, options }      { type: 'progress', phase, done, total } ...
//                                              { type: 'model', bytes, milliseconds, recall } or { type: 'failed', name, message }
//   { type: 'cancel' }
import { Matrix, PerfectAlignment } from '../../dist/index.js'
import { modalityMatrix, pairedModalities } from '../../dist/synthetic.js'
import { recallOf } from './recall.js'

/** Messages of progress are no more frequent than frames. */
const PROGRESS_MS = 16
/** Dimensions of the latents that both modalities show. */
const LATENTS = 20
const NOISE = 3
/** Pairs that are not fitted. */
const NEW_PAIRS = 500

let running = new AbortController()

const handlers = {
  data(request) {
    const { train, test } = sample(request)
    const plain = (views) => views.map(({ rows, cols, data }) => ({ rows, cols, data }))
    const buffers = [...train, ...test].map(({ data }) => data.buffer)
    // Moved, not copied: this thread no longer has them.
    postMessage({ type: 'data', train: plain(train), test: plain(test) }, buffers)
  },
  async fit({ rows, width, options }) {
    running = new AbortController()
    const { signal } = running
    try {
      postMessage({ type: 'progress', phase: 'data', done: 0, total: 1 })
      const { train, test } = sample({ rows, width })
      const start = performance.now()
      // fitAsync gives this thread's event loop a turn every few milliseconds: that is when 'cancel' arrives.
      const model = await new PerfectAlignment(options).fitAsync(train, { signal, onProgress: throttled(tell) })
      const milliseconds = performance.now() - start
      const bytes = model.toBytes()
      postMessage({ type: 'model', bytes, milliseconds, recall: recallOf(model, test) }, [bytes.buffer])
    } catch ({ name, message }) {
      postMessage({ type: 'failed', name, message })
    }
  },
  cancel() {
    running.abort()
  },
}

onmessage = ({ data }) => handlers[data.type](data)

function tell(progress) {
  postMessage({ type: 'progress', ...progress })
}

/** A page would fetch its embeddings here; these are made up, and float32 as embeddings are. */
function sample({ rows, width }) {
  const Z = modalityMatrix({ rows: rows + NEW_PAIRS, cols: LATENTS, low: -1, high: 1, seed: 'latents' })
  const { modalities } = pairedModalities({ Z, dims: [width, width], noise: NOISE, seed: 'views' })
  const part = (from, to) =>
    modalities.map(
      ({ data }) => new Matrix(to - from, width, Float32Array.from(data.subarray(from * width, to * width))),
    )
  return { train: part(0, rows), test: part(rows, rows + NEW_PAIRS) }
}

/** Passes on the first progress of every phase, and then some now and then. */
function throttled(report) {
  let [last, phase] = [-Infinity, '']
  return (progress) => {
    const now = performance.now()
    if (progress.phase === phase && now - last < PROGRESS_MS) return
    ;[last, phase] = [now, progress.phase]
    report(progress)
  }
}
