/** A line from scores to the logarithm of how much likelier they are of partners than of strangers. */
export interface Calibration {
  readonly slope: number
  readonly intercept: number
}

const MOST_STEPS = 100
const STANDSTILL = 1e-10

/**
 * Logistic regression of being partners on a score, less the log odds of their numbers, so that the line is the log ratio (Platt 1999,
 * with his targets, which keep it finite where scores part all pairs). Every pair weighs the same: strangers, of whom there are more, bring the line to where
 * partners are told from many, and so to what galleries ask (views of mfeat, prior 1 / 700, probabilities above .1: off by .05 to .06 in the mean, and by .09 to .13
 * if both kinds weighed the same; with even odds no different). Newton's method, halving steps that would not lower the loss.
 *
 * @param partners - scores of pairs
 * @param strangers - scores of rows that are none
 */
export function logisticLine(partners: ArrayLike<number>, strangers: ArrayLike<number>): Calibration {
  const kinds = [partners, strangers].map((list) => Array.from(list))
  const all = kinds.flat()
  const centre = all.reduce((sum, x) => sum + x / all.length, 0)
  const weight = 1 / all.length
  const unit = Math.sqrt(all.reduce((sum, x) => sum + (x - centre) ** 2 / all.length, 0)) || 1
  const samples = kinds.map((list, kind) => ({
    scores: list.map((x) => (x - centre) / unit),
    target: kind === 0 ? (list.length + 1) / (list.length + 2) : 1 / (list.length + 2),
  }))
  const at = (a: number, b: number) => {
    let [loss, ga, gb, haa, hab, hbb] = [0, 0, 0, 0, 0, 0]
    for (const { scores, target } of samples) {
      for (const s of scores) {
        const z = a * s + b
        const p = 1 / (1 + Math.exp(-z))
        // log(1 + exp(z)) without overflow.
        loss += weight * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - target * z)
        const [g, h] = [weight * (p - target), weight * p * (1 - p)]
        ga += g * s
        gb += g
        haa += h * s * s
        hab += h * s
        hbb += h
      }
    }
    return { loss, ga, gb, haa, hab, hbb }
  }
  let [a, b] = [0, 0]
  let now = at(a, b)
  for (let step = 0; step < MOST_STEPS && Math.hypot(now.ga, now.gb) > STANDSTILL; step++) {
    const { ga, gb, haa, hab, hbb } = now
    const determinant = haa * hbb - hab * hab
    if (!(determinant > 0)) break
    const [da, db] = [(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant]
    let share = 1
    let next = at(a - da, b - db)
    while (next.loss > now.loss && share > STANDSTILL) {
      share /= 2
      next = at(a - share * da, b - share * db)
    }
    if (next.loss > now.loss) break
    ;[a, b, now] = [a - share * da, b - share * db, next]
  }
  const odds = Math.log(partners.length / strangers.length)
  return { slope: a / unit, intercept: b - (a * centre) / unit - odds }
}
