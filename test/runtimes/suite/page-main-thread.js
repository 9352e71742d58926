// A page that fits on its own thread, when told.
import { Matrix, PerfectAlignment } from '../node_modules/collimate/dist/index.js'

/** Numbers that are the same everywhere: a linear congruential generator (Numerical Recipes). */
function uniform(rows, cols, seed) {
  let state = seed >>> 0
  const data = Float64Array.from({ length: rows * cols }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
  return new Matrix(rows, cols, data)
}

globalThis.makeData = (rows, width) => {
  globalThis.data = [uniform(rows, width, 1), uniform(rows, width, 2)]
}

globalThis.fit = async ({ selection, copy }) => {
  await new PerfectAlignment({ nComponents: 32, selection }).fitAsync(globalThis.data, { copy })
}
