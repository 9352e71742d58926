/** Mean and central moments of a sample. */
export function moments(x: ArrayLike<number>) {
  const n = x.length
  const average = (f: (value: number) => number) => Array.from(x, f).reduce((a, b) => a + b, 0) / n
  const mean = average((value) => value)
  const central = (power: number) => average((value) => (value - mean) ** power)
  return { n, mean, variance: central(2), third: central(3), fourth: central(4) }
}

/** sqrt(n) times the Kolmogorov-Smirnov distance of a sample from a distribution: above 1.95 in one sample of 1000. */
export function kolmogorovSmirnov(sample: ArrayLike<number>, cdf: (x: number) => number): number {
  const x = Float64Array.from(sample).sort()
  const distance = x.reduce((largest, value, i) => {
    const p = cdf(value)
    return Math.max(largest, p - i / x.length, (i + 1) / x.length - p)
  }, 0)
  return Math.sqrt(x.length) * distance
}

export const uniformCdf = (low: number, high: number) => (x: number) =>
  Math.min(Math.max((x - low) / (high - low), 0), 1)

/** Abramowitz and Stegun 26.2.17: within 7.5e-8, far below what a sample resolves. */
export function normalCdf(x: number): number {
  if (x < 0) return 1 - normalCdf(-x)
  const t = 1 / (1 + 0.2316419 * x)
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * poly
}

/** sqrt(n) times the correlation of two samples: standard normal if they are independent. */
export function correlationScore(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [a, b] = [moments(x), moments(y)]
  const covariance = Array.from(x, (value, i) => (value - a.mean) * (y[i] - b.mean)).reduce((s, v) => s + v, 0) / a.n
  return (Math.sqrt(a.n) * covariance) / Math.sqrt(a.variance * b.variance)
}

/** Standard deviations within which a check on one fixed seed must lie: one sound sample in 15,000 would not. */
export const SIGMAS = 4
export const KS_LIMIT = 1.95
