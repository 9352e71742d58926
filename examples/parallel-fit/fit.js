// Fits a model in one pass, or from parts that workers have factored.
import { JointFactor, matmul, Matrix, PerfectAlignment, qr, svdvals } from 'collimate'
import { generate } from './rows.js'

/** The parts of a data set: what a worker needs to know to make its own. */
export function partsOf({ rows, columns, shared, parts, seed }) {
  const start = (part) => Math.floor((rows * part) / parts)
  return Array.from({ length: parts }, (_, part) => ({
    rows: start(part + 1) - start(part),
    columns,
    shared,
    seed: `${seed}:${part}`,
  }))
}

/** Milliseconds that `work` takes, and what comes of it. */
function timed(work) {
  const start = performance.now()
  const result = work()
  return { result, ms: performance.now() - start }
}

const modelOf = (factor, { shared }) => new PerfectAlignment({ nComponents: shared, selection: 'balanced' }).fit(factor)

/**
 * Without workers: one factor takes in all rows, a part at a time.
 *
 * @returns the model, and what it took in milliseconds
 */
export function fitInOnePass(parts) {
  const start = performance.now()
  const whole = new JointFactor(parts[0].columns)
  let [generateMs, factorMs] = [0, 0]
  for (const part of parts) {
    const rows = timed(() => generate(part))
    generateMs += rows.ms
    factorMs += timed(() => whole.update(rows.result)).ms
  }
  const model = timed(() => modelOf(whole, parts[0]))
  return { model: model.result, generateMs, factorMs, mergeMs: 0, modelMs: model.ms, wallMs: performance.now() - start }
}

/**
 * With a pool of workers: each part is factored by whichever is free, its bytes are merged as they come in. The workers' modules
 * are loaded, and their code is warm, before the clock starts.
 *
 * @returns the model, and what it took in milliseconds: the clock on the wall, and sums over the parts
 */
export async function fitInWorkers(parts, pool, workers) {
  const small = { ...parts[0], rows: Math.min(parts[0].rows, 2000) }
  await Promise.all(Array.from({ length: 4 * workers }, () => pool.exec('fitPart', [small])))

  const start = performance.now()
  const whole = new JointFactor(parts[0].columns)
  let [generateMs, factorMs, mergeMs] = [0, 0, 0]
  const fitAndMerge = async (part) => {
    const fitted = await pool.exec('fitPart', [part])
    generateMs += fitted.generateMs
    factorMs += fitted.factorMs
    mergeMs += timed(() => whole.merge(JointFactor.fromBytes(fitted.bytes))).ms
  }
  await Promise.all(parts.map(fitAndMerge))
  const model = timed(() => modelOf(whole, parts[0]))
  return { model: model.result, generateMs, factorMs, mergeMs, modelMs: model.ms, wallMs: performance.now() - start }
}

/** The sine of the largest angle between the row spaces of two models' maps, side by side. */
export function largestAngle(a, b) {
  const [P, Q] = [a, b].map((model) => qr(beside(model.maps).transpose()).Q)
  const inQ = matmul(Q, matmul(Q, P, { transposeA: true }))
  const rest = new Matrix(
    P.rows,
    P.cols,
    P.data.map((x, i) => x - inQ.data[i]),
  )
  return svdvals(rest)[0]
}

function beside(maps) {
  const cols = maps.reduce((sum, map) => sum + map.cols, 0)
  const rows = Array.from({ length: maps[0].rows }, (_, i) => maps.flatMap((map) => Array.from(map.row(i))))
  return new Matrix(rows.length, cols, rows.flat())
}
