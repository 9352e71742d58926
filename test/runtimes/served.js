// Files of a model and of a gallery, of numbers that are the same everywhere: a linear congruential generator (Numerical Recipes).
const FITTED_ROWS = 600

export function numbers(count, seed) {
  let state = seed >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** @returns how files are made by these entries of the package */
export function served({ PerfectAlignment }, { FlatIndex }) {
  const rows = (n, d, seed) => ({ rows: n, cols: d, data: numbers(n * d, seed) })
  return {
    model(d, k) {
      const views = [rows(FITTED_ROWS, d, 1), rows(FITTED_ROWS, d, 2)]
      const model = new PerfectAlignment({ nComponents: k, selection: 'balanced' }).fit(views)
      return model.toBytes({ precision: 'f32' })
    },
    index(items, d, options) {
      const index = new FlatIndex({ dimensions: d, ...options })
      index.add(rows(items, d, 3))
      return index.toBytes()
    },
  }
}
