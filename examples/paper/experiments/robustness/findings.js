import { mean, rankCorrelation, slope, sum } from '../../methods/statistics.js'
import { claim } from '../../report/claims.js'
import { number } from '../../report/format.js'

/** Above all rounding errors of these sizes and far below any other. */
const ROUNDING = 1e-11

const xs = (points) => points.map(({ x }) => x)
const medians = (points, metric = 'cmae') => points.map((p) => p[metric].median)
const at = (points, x, metric = 'cmae') => points.find((p) => p.x === x)[metric].median
const trend = (points, metric) => rankCorrelation(xs(points), medians(points, metric))
const largest = (points) => Math.max(...points.map(({ cmae: { high } }) => high))
const upTo = (points, x) => points.filter((p) => p.x <= x)
const beyond = (points, x) => points.filter((p) => p.x > x)
/** MLRE in units of the latents' own mean length. */
const relative = (points, k) => at(points, k, 'mlre') / at(points, k, 'size')
/** By how many powers of ten the CMAE grows. */
const orders = (points, from, to) => Math.log10(at(points, to) / at(points, from))

const roundingError = (test, points) => ({
  test,
  measured: `at most ${number(largest(points))}`,
  holds: largest(points) < ROUNDING,
})

/** The figures behind the findings, for the stored ranges of a quick run. */
export function summarise({ clean, noisy }) {
  const trends = (set) => Object.fromEntries(['n', 'd', 'k'].map((column) => [column, trend(set[column], 'mlre')]))
  return {
    jumpOrders: orders(noisy.n, 10, 2000),
    stepOrders: orders(noisy.n, 10, 11),
    cleanLargestCmae: largest(clean.n),
    cleanPerfectK: largest(upTo(clean.k, 20)),
    floorRatio: at(noisy.d, 100) / Math.sqrt(10),
    mlreTrend: trends(clean),
    mlreTrendNoisy: trends(noisy),
    relativeMlre: { k1: relative(clean.k, 1), k40: relative(clean.k, 40) },
  }
}

/** The paper's findings, each as a statement put to tests. */
export function findings(numbers) {
  return [sampleSize, dimensions, exponentialInK, halfOfD, jump, noisyTrends, reconstruction, latentDimensions].map(
    (finding) => finding(numbers),
  )
}

const sampleSize = ({ clean }) =>
  claim({
    says: 'The number of samples relative to k and d does not significantly affect alignment in noise-free conditions.',
    where: 'Plot 1',
    tests: [
      roundingError('d = 20, k = 10: the CMAE is rounding error for every n', clean.n),
      {
        test: 'd = 20, k = 15: the same',
        measured: `${number(at(clean.crowded, 5))} at n = 5, ${number(at(clean.crowded, 6))} at n = 6, ${number(at(clean.crowded, 2000))} at n = 2000`,
        holds: largest(clean.crowded) < ROUNDING,
      },
    ],
    remark:
      'True where k is at most d / 2, and there for any n. Beyond, noise-free data behaves as noisy data does: perfect up to n = d − k, and not after.',
  })

const dimensions = ({ clean }) =>
  claim({
    says: 'As d grows farther from k, CMAE decreases substantially.',
    where: 'Plot 3',
    tests: [
      {
        test: 'from d = k to d = 2k it falls at every step',
        measured: `${number(at(clean.d, 10))} to ${number(at(clean.d, 18))} at d = 18, ${number(at(clean.d, 20))} at d = 20`,
        holds: trend(upTo(clean.d, 20), 'cmae') === -1,
      },
      roundingError('from d = 2k on it is rounding error', beyond(clean.d, 19)),
    ],
    remark:
      'A fall in two parts: a slow one, then to rounding error at d = 2k at once, where the left null space has room for k vectors.',
  })

const exponentialInK = ({ clean }) =>
  claim({
    says: 'As k approaches d, error increases exponentially.',
    where: 'Plot 5',
    tests: [
      {
        test: 'the CMAE grows with every k beyond d / 2',
        measured: `${number(at(clean.k, 21))} at k = 21, ${number(at(clean.k, 40))} at k = 40`,
        holds: trend(beyond(clean.k, 20), 'cmae') === 1,
      },
      exponentialTest(beyond(clean.k, 20)),
    ],
  })

const halfOfD = ({ clean, noisy }) =>
  claim({
    says: 'When k < d / 2, CMAE approaches zero.',
    where: 'Plots 3 and 5',
    tests: [
      roundingError('for every k up to d / 2 it is rounding error', upTo(clean.k, 20)),
      { test: 'at k = d / 2 + 1 it no longer is', measured: number(at(clean.k, 21)), holds: at(clean.k, 21) > 1e-3 },
    ],
    remark: `Without noise it is zero, k = d / 2 included. With unit noise it is not: the CMAE then tends to √k (${number(at(noisy.d, 100))} for k = 10 at d = 100).`,
  })

function jump({ noisy: { n, roomy, crowded } }) {
  const [rise, step] = [orders(n, 10, 2000), orders(n, 10, 11)]
  return claim({
    says: 'With noise, error increases dramatically when n > d = k, precisely at the transition from perfect to approximate alignment: by 13 orders of magnitude.',
    where: 'Plot 7',
    tests: [
      {
        test: 'd1 = d2 = k = 10: perfect up to n = 10, and not at n = 11',
        measured: `${number(at(n, 10))}, then ${number(at(n, 11))}`,
        holds: at(n, 10) < ROUNDING && at(n, 11) > 1e-3,
      },
      {
        test: 'between n = 10 and n = 2000 it rises by at least 12 orders',
        measured: `${rise.toFixed(1)} orders, ${step.toFixed(1)} of them at the one step`,
        holds: rise >= 12,
      },
    ],
    remark: `Read with d as the width of one modality, which is the only reading under which d = k leaves room for a perfect alignment. In general the jump sits at n = d1 + d2 − k:
k = 5 jumps between n = 15 and 16 (${number(at(roomy, 15))}, ${number(at(roomy, 16))}), k = 15 between n = 5 and 6 (${number(at(crowded, 5))}, ${number(at(crowded, 6))}). The large factor says how small rounding
errors are rather than how vulnerable the method is: what it rises to is the size of the noise.`,
  })
}

const noisyTrends = ({ clean, noisy }) =>
  claim({
    says: 'Plots 8 to 12 have trends that match their noiseless counterparts.',
    where: 'Plots 8 to 12',
    tests: [
      ...['n', 'd', 'k'].map((column) => matches(`MLRE against ${column}`, clean[column], noisy[column], 'mlre')),
      matches('CMAE against k', clean.k, noisy.k, 'cmae'),
      matches('CMAE against d, up to 2k', upTo(clean.d, 18), upTo(noisy.d, 18), 'cmae'),
      {
        test: 'CMAE against d, from 2k on: zero to rounding, as without noise',
        measured: `${number(at(noisy.d, 20))} at d = 20, ${number(at(noisy.d, 100))} at d = 100`,
        holds: at(noisy.d, 100) < ROUNDING,
      },
    ],
    remark:
      'The first five hold where the rank correlation of both medians exceeds 0.7. With noise there is no fall to zero at d = 2k, only a level of about √k.',
  })

const reconstruction = (numbers) =>
  claim({
    says: 'MLRE shows no clear pattern for n and d.',
    where: 'Plots 2, 4, 8, 10',
    tests: ['n', 'd'].flatMap((column) =>
      ['clean', 'noisy'].map((noise) => {
        const points = numbers[noise][column]
        const values = medians(points, 'mlre')
        return {
          test: `${column}, ${noise === 'clean' ? 'no noise' : 'unit noise'}: rank correlation within ± 0.5`,
          measured: `${trend(points, 'mlre').toFixed(2)}; largest over smallest median ${(Math.max(...values) / Math.min(...values)).toFixed(2)}`,
          holds: Math.abs(trend(points, 'mlre')) <= 0.5,
        }
      }),
    ),
    remark:
      'Against n there is none. Against d there is: rows of unit length over more columns make smaller latents, so that the MLRE falls towards the mean length of z. Single runs, as in the paper, hide it in scatter.',
  })

const latentDimensions = ({ clean, noisy }) =>
  claim({
    says: 'MLRE consistently increases with larger k: reconstruction becomes harder in higher-dimensional spaces, the curse of dimensionality.',
    where: 'Plots 6 and 12',
    tests: [
      growsWithK('no noise', clean.k),
      growsWithK('unit noise', noisy.k),
      {
        test: 'it grows by more than the latents themselves do (no noise)',
        measured: `MLRE over the mean length of z: ${[1, 20, 40].map((k) => `${number(relative(clean.k, k))} at k = ${k}`).join(', ')}`,
        holds: relative(clean.k, 40) > 1.1 * relative(clean.k, 1),
      },
      {
        test: 'the latents are harder to reconstruct: an error that grows with k is left after the best linear map (no noise, k up to d / 2)',
        measured: `${number(at(clean.k, 1, 'afterBestMap'))} at k = 1, ${number(at(clean.k, 20, 'afterBestMap'))} at k = 20`,
        holds: at(clean.k, 20, 'afterBestMap') > ROUNDING,
      },
    ],
    remark:
      'The growth is real, and more than that of the latents’ own length. But it comes of the basis: the recovered latents are a linear image of the true ones, larger the more of them there are, and one linear map takes the whole error away. Nothing about the latents is harder to recover at larger k as long as k is at most d / 2.',
  })

const growsWithK = (label, points) => ({
  test: `MLRE grows with k, ${label}`,
  measured: `rank correlation ${trend(points, 'mlre').toFixed(2)}`,
  holds: trend(points, 'mlre') > 0.9,
})

/** Whether a straight line fits the logarithms better than the values: exponential rather than linear growth. */
function exponentialTest(points) {
  const [x, y] = [xs(points), medians(points)]
  const [exponential, linear] = [explained(x, y.map(Math.log)), explained(x, y)]
  return {
    test: 'an exponential fits this growth better than a straight line',
    measured: `share of the variation explained: exponential ${exponential.toFixed(3)}, linear ${linear.toFixed(3)}`,
    holds: exponential > linear,
  }
}

/** The share of y's variation that a straight line in x explains. */
function explained(x, y) {
  const b = slope(x, y)
  const [mx, my] = [mean(x), mean(y)]
  return 1 - sum(y.map((v, i) => (v - my - b * (x[i] - mx)) ** 2)) / sum(y.map((v) => (v - my) ** 2))
}

function matches(label, clean, noisy, metric) {
  const correlation = rankCorrelation(medians(clean, metric), medians(noisy, metric))
  return { test: label, measured: `rank correlation ${correlation.toFixed(2)}`, holds: correlation > 0.7 }
}
