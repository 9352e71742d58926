/** @typedef {{ median: number, low: number, high: number }} Spread the median and the 5 and 95 % quantiles */

/** The p-quantile of some numbers, interpolated linearly between the two nearest. */
export function quantile(values, p) {
  const sorted = Float64Array.from(values).sort()
  const position = p * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

export const median = (values) => quantile(values, 0.5)

/** @returns {Spread} */
export function spread(values) {
  return { median: median(values), low: quantile(values, 0.05), high: quantile(values, 0.95) }
}

/** The spread of every figure of some runs, which all have the same. @returns {Record<string, Spread>} */
export function spreads(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map((name) => [name, spread(runs.map((run) => run[name]))]))
}

export const sum = (values) => values.reduce((total, value) => total + value, 0)
export const mean = (values) => sum(values) / values.length

/** Standard deviation of a sample (n - 1); 0 for a single value. */
export function deviation(values) {
  const centre = mean(values)
  return values.length < 2 ? 0 : Math.sqrt(sum(values.map((v) => (v - centre) ** 2)) / (values.length - 1))
}

/** Mean, sample deviation, and the values themselves. */
export const centre = (values) => ({ mean: mean(values), deviation: deviation(values), values })

/** {@link centre} of every figure of some runs, which all have the same. */
export function centres(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map((name) => [name, centre(runs.map((run) => run[name]))]))
}

/** Least-squares slope of y against x. */
export function slope(x, y) {
  const [mx, my] = [mean(x), mean(y)]
  return sum(x.map((v, i) => (v - mx) * (y[i] - my))) / sum(x.map((v) => (v - mx) ** 2))
}

/** The p for which y grows as x^p. */
export const exponent = (x, y) => slope(x.map(Math.log), y.map(Math.log))

/** Ranks from 1; equal values share the mean of theirs. */
function ranks(values) {
  return values.map((v) => {
    const below = values.filter((w) => w < v).length
    const equal = values.filter((w) => w === v).length
    return below + (equal + 1) / 2
  })
}

/** Spearman's rank correlation; 0 where one side is constant. */
export function rankCorrelation(x, y) {
  const [rx, ry] = [ranks(x), ranks(y)]
  const [mx, my] = [mean(rx), mean(ry)]
  const covariance = sum(rx.map((v, i) => (v - mx) * (ry[i] - my)))
  const scale = Math.sqrt(sum(rx.map((v) => (v - mx) ** 2)) * sum(ry.map((v) => (v - my) ** 2)))
  return scale === 0 ? 0 : covariance / scale
}
