import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

// More would not help: the longest experiment alone takes most of the time.
const MOST_WORKERS = 4

/**
 * Runs experiments in worker threads, as many at a time as there are cores; those that measure time come first, alone.
 *
 * @param {{ id: string, alone?: boolean, weight?: number }[]} experiments
 * @param {{ quick: boolean, folder: string | undefined }} options
 * @param {{ progress(message: object): void, finished(outcome: object): void }} listener
 * @returns {Promise<Map<string, { result?: object, error?: Error, seconds?: number }>>}
 */
export async function runAll(experiments, options, listener) {
  const outcomes = new Map()
  const start = async ({ id }) => {
    const outcome = await runOne(id, options, listener)
    outcomes.set(id, outcome)
    listener.finished({ id, ...outcome })
  }
  for (const experiment of experiments.filter(({ alone }) => alone)) await start(experiment)
  const queue = experiments.filter(({ alone }) => !alone).sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0))
  const workers = Math.min(availableParallelism(), MOST_WORKERS)
  const drain = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await start(next)
  }
  await Promise.all(Array.from({ length: workers }, drain))
  return outcomes
}

function runOne(id, options, listener) {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: { id, ...options } })
    worker.on('message', (message) => {
      if (message.kind === 'progress') listener.progress(message)
      else resolve({ result: message.result, seconds: message.seconds })
    })
    worker.on('error', (error) => resolve({ error }))
    worker.on('exit', (code) => resolve({ error: new Error(`the experiment ended with code ${code} and no result`) }))
  })
}
