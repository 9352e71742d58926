// The same in a page: its workers are Web Workers.
import workerpool from 'workerpool'
import { fitInOnePass, fitInWorkers, largestAngle, partsOf } from './fit.js'
import { conclusion, table } from './report.js'

const element = (id) => document.getElementById(id)

async function inPool(parts, workers) {
  const script = new URL('worker.js', import.meta.url).href
  const options = { workerType: 'web', minWorkers: workers, maxWorkers: workers, workerOpts: { type: 'module' } }
  const pool = workerpool.pool(script, options)
  try {
    return await fitInWorkers(parts, pool, workers)
  } finally {
    await pool.terminate()
  }
}

async function fit() {
  const [rows, workers] = ['rows', 'workers'].map((id) => Number(element(id).value))
  const parts = partsOf({ rows, columns: [128, 128], shared: 16, parts: 16, seed: '1' })
  const one = await inPool(parts, 1)
  const several = await inPool(parts, workers)
  const single = fitInOnePass(parts)
  const runs = { 'one pass': single, '1 worker': one, [`${workers} workers`]: several }
  return `${table(runs)}\n\n${conclusion(one, several, workers, largestAngle(single.model, several.model))}`
}

element('workers').value = String(navigator.hardwareConcurrency)
element('run').addEventListener('click', async () => {
  const report = element('report')
  element('run').disabled = true
  report.textContent = 'fitting ...'
  report.textContent = await fit().catch((error) => `failed: ${error.message}`)
  element('run').disabled = false
})
