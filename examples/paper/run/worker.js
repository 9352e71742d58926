// Runs one experiment in a thread of its own and reports what came of it.
import { parentPort, workerData } from 'node:worker_threads'
import { EXPERIMENTS } from '../experiments/index.js'

const { id, quick, folder } = workerData
const experiment = EXPERIMENTS.find((one) => one.id === id)
const start = performance.now()
let reported = 0

const result = await experiment.run({
  quick,
  folder,
  progress(done, total, what = '') {
    if (performance.now() - reported < 100) return
    reported = performance.now()
    parentPort.postMessage({ kind: 'progress', id, done, total, what })
  },
})
parentPort.postMessage({ kind: 'result', id, result, seconds: (performance.now() - start) / 1000 })
