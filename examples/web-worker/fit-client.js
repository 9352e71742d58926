import { PerfectAlignment } from '../../dist/index.js'

/** The page's end of worker.js: one request at a time. */
export class FitClient {
  #worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' })

  /** Pairs to fit and pairs to test, made up: `{ train, test }`, whose memory the worker gives away. */
  async data(shape) {
    return this.#ask({ type: 'data', ...shape })
  }

  /**
   * Fits in the worker.
   *
   * @param {{ rows: number, width: number, options: object }} request - options are those of PerfectAlignment
   * @param {{ signal?: AbortSignal, onProgress?: (progress: object) => void }} [how] - as for fitAsync
   * @returns {Promise<{ model: PerfectAlignment, milliseconds: number, recall: number }>} how long the fit alone took, and what it finds
   *   of new pairs; rejects with the signal's reason on an abort
   */
  async fit(request, { signal, onProgress } = {}) {
    signal?.throwIfAborted()
    const cancel = () => this.#worker.postMessage({ type: 'cancel' })
    signal?.addEventListener('abort', cancel)
    try {
      const { bytes, milliseconds, recall } = await this.#ask({ type: 'fit', ...request }, onProgress)
      return { model: PerfectAlignment.fromBytes(bytes), milliseconds, recall }
    } catch (error) {
      throw error.name === 'AbortError' && signal?.aborted ? signal.reason : error
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  #ask(request, onProgress) {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => {
        if (data.type === 'progress') onProgress?.(data)
        else if (data.type === 'failed') reject(Object.assign(new Error(data.message), { name: data.name }))
        else resolve(data)
      }
      this.#worker.onerror = (event) => reject(new Error(event.message))
      this.#worker.postMessage(request)
    })
  }
}
