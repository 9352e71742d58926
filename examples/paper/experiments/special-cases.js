import { LeastSquares, lstsq, matmul, PerfectAlignment, solve } from 'collimate'
import { beside, centred, drawn, frobenius, mapped, minus } from '../methods/matrices.js'
import { normalStream } from '../methods/random.js'
import { spreads, sum } from '../methods/statistics.js'
import { figures, legend, prose, table } from '../report/blocks.js'
import { claim } from '../report/claims.js'
import { number, spreadCell } from '../report/format.js'
import { COLOURS, curves } from '../report/plots.js'

const [TARGETS, FEATURES, ROWS] = [3, 8, 1000]
const SAMPLE_SIZES = [16, 20, 30, 50, 100, 200, 500, 1000]

export default {
  id: 'special-cases',
  title: 'Regression and risk minimisation as special cases',
  item: 'Remarks 2.6 and 2.7',
  run({ quick, progress }) {
    const seeds = Array.from({ length: quick ? 8 : 40 }, (_, i) => i + 1)
    const regression = Object.fromEntries(
      Object.entries(NOISE).map(([name, noise], i) => {
        progress(i, 6)
        const runs = seeds.map((seed) => regress(noise, seed))
        return [name, spreads(runs)]
      }),
    )
    const risks = SAMPLE_SIZES.map((n, i) => {
      progress(3 + (3 * i) / SAMPLE_SIZES.length, 6)
      const runs = seeds.map((seed) => riskOf(n, seed))
      return { n, ...spreads(runs), identity: Math.max(...runs.map((run) => run.identity)) }
    })
    return {
      numbers: { seeds: seeds.length, regression, risks },
      blocks: [
        prose(...INTRODUCTION),
        regressions(regression, seeds.length),
        prose(RISK),
        riskPicture(risks, seeds.length),
      ],
      claims: claims(regression, risks),
    }
  },
}

const INTRODUCTION = [
  `Remark 2.6: with A⁽¹⁾ fixed to the identity, minimising ‖A⁽¹⁾Y − A⁽²⁾X‖ over A⁽²⁾ is linear regression. That is so by definition, and the first row of the table shows it in numbers: the regression that
<code>LeastSquares</code> finds cannot be improved upon. What the remark does not say is which regression the paper’s own solution (Equation 7: orthonormal rows instead of a fixed A⁽¹⁾) comes to. With k as the number of targets,
W = A⁽¹⁾⁻¹A⁽²⁾ is <em>total</em> least squares: the same as regression without noise, another with it, and the better one where the features are noisy too.`,
]
const RISK = `Remark 2.7: the alignment loss is an empirical risk, the mean of ‖A⁽¹⁾x⁽¹⁾ − A⁽²⁾x⁽²⁾‖². As in statistical learning, the risk on the fitted
samples is too good, and the gap to new samples closes as n grows. With n at most d − k the fitted risk is zero, and says nothing (10 + 10 dimensions, 6 shared latents, unit noise, k = 6).`

const NOISE = {
  'no noise': { targets: 0, features: 0 },
  'noise in the targets': { targets: 0.5, features: 0 },
  'the same noise in targets and features': { targets: 0.5, features: 0.5 },
}

const filled = (rows, cols, random, scale = 1) => drawn(rows, cols, () => scale * random())
const plus = (x, y) => mapped(x, (v, i) => v + y.data[i])

/** Y = X W^T with noise: what ordinary regression and the alignment make of it. */
function regress(noise, seed) {
  const random = normalStream(`regression ${seed}`)
  const W = filled(TARGETS, FEATURES, random)
  const X = filled(ROWS, FEATURES, random)
  const Y = plus(matmul(X, W, { transposeB: true }), filled(ROWS, TARGETS, random, noise.targets))
  const seen = plus(X, filled(ROWS, FEATURES, random, noise.features))
  const ordinary = lstsq(seen, Y).X.transpose()
  const [A1, A2] = new PerfectAlignment({ nComponents: TARGETS, selection: 'last' }).fit([Y, seen]).maps
  const aligned = solve(A1, A2)
  const constrained = (map) => frobenius(minus(Y, matmul(seen, map, { transposeB: true })))
  const nudged = plus(ordinary, filled(TARGETS, FEATURES, random, 1e-3))
  const estimator = new LeastSquares({ target: 0 }).fit([Y, seen])
  return {
    estimator: relative(estimator.maps[1], lstsq(centred(seen), centred(Y)).X.transpose()),
    improvement: constrained(ordinary) - constrained(nudged),
    difference: relative(aligned, ordinary),
    ordinaryError: relative(ordinary, W),
    alignedError: relative(aligned, W),
  }
}

const relative = (estimate, truth) => frobenius(minus(estimate, truth)) / frobenius(truth)

function riskOf(n, seed) {
  const random = normalStream(`risk ${seed}`)
  const S = [filled(10, 6, random), filled(10, 6, random)]
  const draw = (rows) => {
    const Z = filled(rows, 6, random)
    return S.map((one) => plus(matmul(Z, one, { transposeB: true }), filled(rows, 10, random)))
  }
  const training = draw(n)
  const model = new PerfectAlignment({ nComponents: 6, selection: 'last' }).fit(training)
  const risk = (data) => {
    const [a, b] = data.map((x, m) => model.transform(x, m))
    return frobenius(minus(a, b)) ** 2 / a.rows
  }
  // The loss of the paper, ||A X||_F^2, computed from the stacked matrices.
  const loss = frobenius(matmul(beside(training, [1, -1]), beside(model.maps), { transposeB: true })) ** 2
  const smallest = sum(model.singularValues.slice(-6).map((s) => s * s))
  const scale = frobenius(beside(training)) ** 2
  const identity = Math.max(Math.abs(loss - n * risk(training)), Math.abs(loss - smallest)) / scale
  return { training: risk(training), heldOut: risk(draw(2000)), identity }
}

function regressions(regression, seeds) {
  return table({
    caption: `${ROWS} samples, ${FEATURES} features, ${TARGETS} targets, entries of W and X standard normal, noise of deviation 0.5. Relative Frobenius norms; median and 5 to 95 % over ${seeds} seeds.`,
    columns: [
      '',
      'alignment’s W against regression’s',
      'regression’s W against the truth',
      'alignment’s W against the truth',
    ],
    rows: Object.entries(regression).map(([name, r]) => [
      name,
      ...[r.difference, r.ordinaryError, r.alignedError].map((s) => spreadCell(s)),
    ]),
  })
}

function riskPicture(risks, seeds) {
  const series = (key, colour) => ({ colour, points: risks.map(({ n, [key]: value }) => ({ x: n, ...value })) })
  return figures({
    caption: `Risk of perfect alignment, median and 5 to 95 % over ${seeds} seeds; 2000 new samples.`,
    legend: legend([
      { name: 'on the fitted samples', colour: COLOURS[0] },
      { name: 'on new samples', colour: COLOURS[1] },
    ]),
    panels: [
      {
        title: 'Risk against the number of samples',
        svg: curves({
          series: [series('training', COLOURS[0]), series('heldOut', COLOURS[1])],
          x: 'samples n',
          y: 'mean squared distance in a pair',
          logX: true,
          ticksX: 4,
        }),
      },
    ],
    least: 420,
  })
}

function claims(regression, risks) {
  const [clean, targets, both] = Object.values(regression)
  const identity = Math.max(...risks.map((r) => r.identity))
  const gap = ({ training, heldOut }) => heldOut.median - training.median
  return [
    claim({
      says: 'Standard linear regression is a special case of the alignment objective, with the identity for the first modality.',
      where: 'Remark 2.6',
      tests: [
        {
          test: 'with A⁽¹⁾ = I the regression’s W cannot be improved: a nudge makes ‖AX‖ larger',
          measured: `by ${number(-both.improvement.high)} or more in 95 % of the seeds`,
          holds: both.improvement.high < 0,
        },
        {
          test: 'the library’s regression, an alignment with one map the identity, has the W of least squares',
          measured: `relative difference ${number(both.estimator.high)}`,
          holds: both.estimator.high < 1e-10,
        },
        {
          test: 'Equation 7 finds that W where there is no noise',
          measured: `relative difference ${number(clean.difference.high)}`,
          holds: clean.difference.high < 1e-10,
        },
        {
          test: 'Equation 7 finds that W where there is noise',
          measured: `relative difference ${number(targets.difference.median)}, with noisy features ${number(both.difference.median)}`,
          holds: targets.difference.median < 1e-10,
        },
      ],
      remark: `The objective contains regression, but its solution under orthonormal rows does not: it is total least squares. With noise in both modalities alike it is the better estimate (error ${number(both.alignedError.median)} against ${number(both.ordinaryError.median)}, which no amount of data would cure); with noise in the targets only, regression is (${number(targets.ordinaryError.median)} against ${number(targets.alignedError.median)}).`,
    }),
    claim({
      says: 'The framework extends empirical risk minimisation to two hypothesis classes, with the alignment loss ‖AX‖².',
      where: 'Remark 2.7',
      tests: [
        {
          test: 'n times the empirical risk equals ‖AX‖² and the sum of the k smallest σ²',
          measured: `differences relative to ‖X‖² at most ${number(identity)}`,
          holds: identity < 1e-12,
        },
        {
          test: 'the gap between fitted and new samples closes as n grows, at every step',
          measured: `${number(gap(risks[0]))} at n = ${risks[0].n}, ${number(gap(risks[3]))} at n = ${risks[3].n}, ${number(gap(risks.at(-1)))} at n = ${risks.at(-1).n}`,
          holds: risks.slice(1).every((risk, i) => gap(risk) < gap(risks[i])),
        },
      ],
    }),
  ]
}
