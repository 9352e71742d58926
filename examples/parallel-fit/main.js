// Fits one model to many rows: in one pass, by one worker thread, and by several, and compares the models and the time.
//   node examples/parallel-fit/main.js [--rows 1000000] [--columns 128,128] [--parts 64] [--workers 2]
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import workerpool from 'workerpool'
import { fitInOnePass, fitInWorkers, largestAngle, partsOf } from './fit.js'
import { conclusion, table } from './report.js'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    columns: { type: 'string', default: '128,128' },
    shared: { type: 'string', default: '16' },
    parts: { type: 'string', default: '64' },
    workers: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string', default: '1' },
  },
})
const workers = Number(values.workers)
const columns = values.columns.split(',').map(Number)
const [rows, shared, partCount] = [values.rows, values.shared, values.parts].map(Number)

async function inPool(parts, count) {
  const script = fileURLToPath(new URL('worker.js', import.meta.url))
  const pool = workerpool.pool(script, { workerType: 'thread', minWorkers: count, maxWorkers: count })
  try {
    return await fitInWorkers(parts, pool, count)
  } finally {
    await pool.terminate()
  }
}

const parts = partsOf({ rows, columns, shared, parts: partCount, seed: values.seed })
const single = fitInOnePass(parts)
const one = await inPool(parts, 1)
const several = await inPool(parts, workers)

console.log(`${rows} rows of ${columns.join(' + ')} columns in ${partCount} parts\n`)
console.log(table({ 'one pass': single, '1 worker': one, [`${workers} workers`]: several }))
console.log(`\n${conclusion(one, several, workers, largestAngle(single.model, several.model))}`)
