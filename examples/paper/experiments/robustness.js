import { cmae, lstsq, matmul, mlre, PerfectAlignment } from 'collimate'
import { gaussianMixture, pairedModalities } from 'collimate/synthetic'
import { meanRowLength } from '../methods/matrices.js'
import { rankCorrelation, slope, spread } from '../methods/statistics.js'
import { figures, legend, prose } from '../report/blocks.js'
import { claim } from '../report/claims.js'
import { number } from '../report/format.js'
import { COLOURS, curves } from '../report/plots.js'

// The paper names none of its sizes; these put every transition it speaks of inside the panels.
const SWEEPS = {
  n: {
    values: [2, 4, 6, 8, 9, 10, 11, 12, 15, 20, 30, 50, 100, 300, 1000, 2000],
    setting: (n) => ({ n, dims: [10, 10], k: 10 }),
  },
  d: {
    values: [10, 12, 14, 16, 18, 20, 22, 26, 32, 40, 60, 80, 100],
    setting: (d) => ({ n: 2000, dims: [d / 2, d / 2], k: 10 }),
  },
  k: {
    values: [1, 2, 4, 8, 12, 16, 18, 20, 21, 22, 24, 28, 32, 36, 40],
    setting: (k) => ({ n: 2000, dims: [20, 20], k }),
  },
  // Not in the paper: fewer exact relations than latents.
  crowded: { values: [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 50, 300, 2000], setting: (n) => ({ n, dims: [10, 10], k: 15 }) },
  roomy: { values: [2, 5, 10, 12, 14, 15, 16, 17, 20, 30, 100, 2000], setting: (n) => ({ n, dims: [10, 10], k: 5 }) },
}
const NOISES = { clean: 0, noisy: 1 }
/** Above all rounding errors of these sizes and far below any other. */
const ROUNDING = 1e-11

export default {
  id: 'robustness',
  title: 'How the errors depend on n, d and k',
  item: 'Figure 4',
  run({ quick, progress }) {
    const seeds = quick ? 5 : 20
    const total = Object.values(SWEEPS).reduce((sum, { values }) => sum + values.length, 0) * 2
    let done = 0
    const sweep = (name, noise) =>
      SWEEPS[name].values.map((x) => {
        progress(done++, total)
        return { x, ...measure({ ...SWEEPS[name].setting(x), noise: NOISES[noise], seeds }) }
      })
    const numbers = {}
    for (const noise of Object.keys(NOISES)) {
      numbers[noise] = Object.fromEntries(Object.keys(SWEEPS).map((name) => [name, sweep(name, noise)]))
    }
    const findings = judge(numbers)
    return {
      numbers: { seeds, ...numbers, summary: findings.summary },
      blocks: [prose(...introduction(seeds)), picture(numbers, seeds)],
      claims: findings.claims,
    }
  },
}

const introduction = (seeds) => [
  `The same mixture with k coordinates (means (0, 1, 0, 1, …) and (4, 5, 4, 5, …)) is seen in two modalities of equal width through random matrices, and aligned in k dimensions with
<code>selection: 'last'</code>, the paper’s Equation 7. d is the width of both modalities together. Curves are medians over ${seeds} seeds, bands the 5 to 95 %.
What can be said beforehand: noise-free data has rank min(n, k), noisy data min(n, d); the alignment is perfect where d minus that rank is at least k; and with noise
and many samples every latent difference keeps unit variance, so that the CMAE cannot fall below about √k.`,
]

function latents(n, k, seed) {
  const pattern = (values) => Array.from({ length: k }, (_, j) => values[j % 2])
  return gaussianMixture({ n, means: [pattern([0, 1]), pattern([4, 5])], seed }).Z
}

function measure({ n, dims, k, noise, seeds }) {
  const runs = Array.from({ length: seeds }, (_, i) => {
    const Z = latents(n, k, i + 1)
    const { modalities } = pairedModalities({ Z, dims, noise, seed: i + 1 })
    const model = new PerfectAlignment({ nComponents: k, selection: 'last' }).fit(modalities)
    const recovered = modalities.map((x, m) => model.transform(x, m))
    const best = n === 2000 && noise === 0 && i === 0 ? mlre(Z, [matmul(recovered[0], lstsq(recovered[0], Z).X)]) : 0
    return { cmae: cmae(...recovered), mlre: mlre(Z, recovered), size: meanRowLength(Z), best }
  })
  const of = (name) => spread(runs.map((run) => run[name]))
  return { cmae: of('cmae'), mlre: of('mlre'), size: of('size'), best: { median: runs[0].best } }
}

const COLUMNS = {
  n: { x: 'samples n (d = 20, k = 10)', logX: true, rules: [{ x: 10, label: 'n = d − k' }] },
  d: { x: 'dimensions d (k = 10, n = 2000)', rules: [{ x: 20, label: 'd = 2k' }] },
  k: { x: 'latent dimensions k (d = 40, n = 2000)', rules: [{ x: 20, label: 'k = d / 2' }] },
}

function picture(numbers, seeds) {
  const panel = (plot, noise, metric, column) => {
    const points = (sweep) => numbers[noise][sweep].map(({ x, [metric]: value }) => ({ x, ...value }))
    const colour = COLOURS[metric === 'cmae' ? 0 : 2]
    const series = [{ points: points(column), colour }]
    if (metric === 'cmae' && column === 'n') {
      series.push({ points: points('crowded'), colour: COLOURS[1], dashed: true })
      if (noise === 'noisy') series.push({ points: points('roomy'), colour: COLOURS[3], dashed: true })
    }
    return {
      title: `Plot ${plot}: ${metric.toUpperCase()} against ${column}, ${noise === 'clean' ? 'no noise' : 'unit noise'}`,
      svg: curves({
        series,
        y: metric.toUpperCase(),
        logY: metric === 'cmae',
        floor: 1e-17,
        ...(metric === 'cmae' ? { domainY: [1e-16, 1e3] } : {}),
        height: 240,
        ...COLUMNS[column],
      }),
    }
  }
  const row = (first, noise, metric) =>
    Object.keys(COLUMNS).map((column, i) => panel(first + 2 * i, noise, metric, column))
  return figures({
    caption: `The paper’s numbering: odd plots are CMAE (log scale), even ones MLRE; 1 to 6 without noise, 7 to 12 with unit noise. ${seeds} seeds. The dashed curves are not in the paper: the same sweep over n with other k, whose jumps sit at n = d − k as well.`,
    least: 290,
    legend: legend([
      { name: 'CMAE', colour: COLOURS[0] },
      { name: 'MLRE', colour: COLOURS[2] },
      { name: 'CMAE for k = 15', colour: COLOURS[1], kind: 'dashed' },
      { name: 'CMAE for k = 5', colour: COLOURS[3], kind: 'dashed' },
    ]),
    panels: [row(1, 'clean', 'cmae'), row(2, 'clean', 'mlre'), row(7, 'noisy', 'cmae'), row(8, 'noisy', 'mlre')].flat(),
  })
}

function judge({ clean, noisy }) {
  const at = (points, x, metric = 'cmae') => points.find((p) => p.x === x)[metric].median
  const medians = (points, metric) => points.map((p) => p[metric].median)
  const xs = (points) => points.map(({ x }) => x)
  const trend = (points, metric) => rankCorrelation(xs(points), medians(points, metric))
  const largest = (points) => Math.max(...points.map(({ cmae: { high } }) => high))
  const orders = (points, from, to) => Math.log10(at(points, to) / at(points, from))

  const perfectK = clean.k.filter(({ x }) => x <= 20)
  const nearD = clean.k.filter(({ x }) => x > 20)
  const perfectD = clean.d.filter(({ x }) => x >= 20)
  const fallingD = clean.d.filter(({ x }) => x <= 20)
  const logs = medians(nearD, 'cmae').map(Math.log)
  const jump = orders(noisy.n, 10, 2000)
  const step = orders(noisy.n, 10, 11)
  const relativeAt = (k) => at(clean.k, k, 'mlre') / at(clean.k, k, 'size')
  const relative = (points) => points.map((p) => p.mlre.median / p.size.median)
  const summary = {
    jumpOrders: jump,
    stepOrders: step,
    cleanLargestCmae: largest(clean.n),
    cleanPerfectK: largest(perfectK),
    floorRatio: at(noisy.d, 100) / Math.sqrt(10),
    mlreTrend: { n: trend(clean.n, 'mlre'), d: trend(clean.d, 'mlre'), k: trend(clean.k, 'mlre') },
    mlreTrendNoisy: { n: trend(noisy.n, 'mlre'), d: trend(noisy.d, 'mlre'), k: trend(noisy.k, 'mlre') },
    relativeMlre: { k1: relative(clean.k)[0], k40: relative(clean.k).at(-1) },
  }
  const moves = (points, metric) => {
    const values = medians(points, metric)
    return Math.max(...values) / Math.min(...values)
  }

  const claims = [
    claim({
      says: 'The number of samples relative to k and d does not significantly affect alignment in noise-free conditions.',
      where: 'Plot 1',
      tests: [
        {
          test: 'd = 20, k = 10: the CMAE is rounding error for every n',
          measured: `at most ${number(largest(clean.n))}`,
          holds: largest(clean.n) < ROUNDING,
        },
        {
          test: 'd = 20, k = 15: the same',
          measured: `${number(at(clean.crowded, 5))} at n = 5, ${number(at(clean.crowded, 6))} at n = 6, ${number(at(clean.crowded, 2000))} at n = 2000`,
          holds: largest(clean.crowded) < ROUNDING,
        },
      ],
      remark:
        'True where k is at most d / 2, and there for any n. Beyond, noise-free data behaves as noisy data does: perfect up to n = d − k, and not after.',
    }),
    claim({
      says: 'As d grows farther from k, CMAE decreases substantially.',
      where: 'Plot 3',
      tests: [
        {
          test: 'from d = k to d = 2k it falls at every step',
          measured: `${number(at(clean.d, 10))} to ${number(at(clean.d, 18))} at d = 18, ${number(at(clean.d, 20))} at d = 20`,
          holds: trend(fallingD, 'cmae') === -1,
        },
        {
          test: 'from d = 2k on it is rounding error',
          measured: `at most ${number(largest(perfectD))}`,
          holds: largest(perfectD) < ROUNDING,
        },
      ],
      remark:
        'A fall in two parts: a slow one, then to rounding error at d = 2k at once, where the left null space has room for k vectors.',
    }),
    claim({
      says: 'As k approaches d, error increases exponentially.',
      where: 'Plot 5',
      tests: [
        {
          test: 'the CMAE grows with every k beyond d / 2',
          measured: `${number(at(clean.k, 21))} at k = 21, ${number(at(clean.k, 40))} at k = 40`,
          holds: trend(nearD, 'cmae') === 1,
        },
        exponentialTest(xs(nearD), logs),
      ],
    }),
    claim({
      says: 'When k < d / 2, CMAE approaches zero.',
      where: 'Plots 3 and 5',
      tests: [
        {
          test: 'for every k up to d / 2 it is rounding error',
          measured: `at most ${number(largest(perfectK))}`,
          holds: largest(perfectK) < ROUNDING,
        },
        { test: 'at k = d / 2 + 1 it no longer is', measured: number(at(clean.k, 21)), holds: at(clean.k, 21) > 1e-3 },
      ],
      remark: `Without noise it is zero, k = d / 2 included. With unit noise it is not: the CMAE then tends to √k (${number(at(noisy.d, 100))} for k = 10 at d = 100).`,
    }),
    claim({
      says: 'With noise, error increases dramatically when n > d = k, precisely at the transition from perfect to approximate alignment: by 13 orders of magnitude.',
      where: 'Plot 7',
      tests: [
        {
          test: 'd1 = d2 = k = 10: perfect up to n = 10, and not at n = 11',
          measured: `${number(at(noisy.n, 10))}, then ${number(at(noisy.n, 11))}`,
          holds: at(noisy.n, 10) < ROUNDING && at(noisy.n, 11) > 1e-3,
        },
        {
          test: 'between n = 10 and n = 2000 it rises by at least 12 orders',
          measured: `${jump.toFixed(1)} orders, ${step.toFixed(1)} of them at the one step`,
          holds: jump >= 12,
        },
      ],
      remark: `Read with d as the width of one modality, which is the only reading under which d = k leaves room for a perfect alignment. In general the jump sits at n = d1 + d2 − k:
k = 5 jumps between n = 15 and 16 (${number(at(noisy.roomy, 15))}, ${number(at(noisy.roomy, 16))}), k = 15 between n = 5 and 6 (${number(at(noisy.crowded, 5))}, ${number(at(noisy.crowded, 6))}). The large factor says how small rounding
errors are rather than how vulnerable the method is: what it rises to is the size of the noise.`,
    }),
    claim({
      says: 'Plots 8 to 12 have trends that match their noiseless counterparts.',
      where: 'Plots 8 to 12',
      tests: [
        ...['n', 'd', 'k'].map((column) => matches(`MLRE against ${column}`, clean[column], noisy[column], 'mlre')),
        matches('CMAE against k', clean.k, noisy.k, 'cmae'),
        matches('CMAE against d, up to 2k', fallingD.slice(0, -1), noisy.d.slice(0, fallingD.length - 1), 'cmae'),
        {
          test: 'CMAE against d, from 2k on: zero to rounding, as without noise',
          measured: `${number(at(noisy.d, 20))} at d = 20, ${number(at(noisy.d, 100))} at d = 100`,
          holds: at(noisy.d, 100) < ROUNDING,
        },
      ],
      remark:
        'The first five hold where the rank correlation of both medians exceeds 0.7. With noise there is no fall to zero at d = 2k, only a level of about √k.',
    }),
    claim({
      says: 'MLRE shows no clear pattern for n and d.',
      where: 'Plots 2, 4, 8, 10',
      tests: [
        ...['n', 'd'].flatMap((column) =>
          [
            ['no noise', clean],
            ['unit noise', noisy],
          ].map(([label, set]) => ({
            test: `${column}, ${label}: rank correlation within ± 0.5`,
            measured: `${trend(set[column], 'mlre').toFixed(2)}; largest over smallest median ${moves(set[column], 'mlre').toFixed(2)}`,
            holds: Math.abs(trend(set[column], 'mlre')) <= 0.5,
          })),
        ),
      ],
      remark:
        'Against n there is none. Against d there is: rows of unit length over more columns make smaller latents, so that the MLRE falls towards the mean length of z. Single runs, as in the paper, hide it in scatter.',
    }),
    claim({
      says: 'MLRE consistently increases with larger k: reconstruction becomes harder in higher-dimensional spaces, the curse of dimensionality.',
      where: 'Plots 6 and 12',
      tests: [
        {
          test: 'MLRE grows with k, no noise',
          measured: `rank correlation ${trend(clean.k, 'mlre').toFixed(2)}`,
          holds: trend(clean.k, 'mlre') > 0.9,
        },
        {
          test: 'MLRE grows with k, unit noise',
          measured: `rank correlation ${trend(noisy.k, 'mlre').toFixed(2)}`,
          holds: trend(noisy.k, 'mlre') > 0.9,
        },
        {
          test: 'it grows by more than the latents themselves do (no noise)',
          measured: `MLRE over the mean length of z: ${number(relative(clean.k)[0])} at k = 1, ${number(relativeAt(20))} at k = 20, ${number(relative(clean.k).at(-1))} at k = 40`,
          holds: relative(clean.k).at(-1) > 1.1 * relative(clean.k)[0],
        },
        {
          test: 'the latents are harder to reconstruct: an error that grows with k is left after the best linear map (no noise, k up to d / 2)',
          measured: `${number(at(clean.k, 1, 'best'))} at k = 1, ${number(at(clean.k, 20, 'best'))} at k = 20`,
          holds: at(clean.k, 20, 'best') > ROUNDING,
        },
      ],
      remark:
        'The growth is real, and more than that of the latents’ own length. But it comes of the basis: the recovered latents are a linear image of the true ones, larger the more of them there are, and one linear map takes the whole error away. Nothing about the latents is harder to recover at larger k as long as k is at most d / 2.',
    }),
  ]
  return { summary, claims }
}

/** Whether a straight line fits the logarithms better than the values: exponential rather than linear growth. */
function exponentialTest(x, logs) {
  const share = (y) => {
    const b = slope(x, y)
    const centre = (v) => v.reduce((s, w) => s + w, 0) / v.length
    const [mx, my] = [centre(x), centre(y)]
    const residual = y.reduce((s, v, i) => s + (v - my - b * (x[i] - mx)) ** 2, 0)
    return 1 - residual / y.reduce((s, v) => s + (v - my) ** 2, 0)
  }
  const [exponential, linear] = [share(logs), share(logs.map(Math.exp))]
  return {
    test: 'an exponential fits this growth better than a straight line',
    measured: `share of the variation explained: exponential ${exponential.toFixed(3)}, linear ${linear.toFixed(3)}`,
    holds: exponential > linear,
  }
}

function matches(label, clean, noisy, metric) {
  const correlation = rankCorrelation(
    clean.map((p) => p[metric].median),
    noisy.map((p) => p[metric].median),
  )
  return { test: label, measured: `rank correlation ${correlation.toFixed(2)}`, holds: correlation > 0.7 }
}
