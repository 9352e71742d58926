import { cmae, matrixRank, PerfectAlignment, recallAtK } from 'collimate'
import { digits } from '../methods/digits.js'
import { beside, takeRows } from '../methods/matrices.js'
import { permutation } from '../methods/random.js'
import { centres } from '../methods/statistics.js'
import { figures, legend, prose, table } from '../report/blocks.js'
import { claim } from '../report/claims.js'
import { meanCell, number, percent, percentCell } from '../report/format.js'
import { COLOURS, curves } from '../report/plots.js'

const [K, HELD_OUT] = [20, 500]
const SIZES = [100, 200, 300, 400, 440, 460, 600, 1000, 1500]
/** Above all rounding errors of this data, and far below any other of its errors. */
const ROUNDING = 1e-9

export default {
  id: 'achievability',
  title: 'When a perfect alignment exists in real data',
  item: 'Remark 2.5 (achievability)',
  weight: 40,
  run({ quick, progress }) {
    const [splits, sizes] = quick ? [1, [300, 400, 1000]] : [3, SIZES]
    const { pixels, profiles } = digits()
    const views = [pixels, profiles]
    const points = sizes.map((n, i) => {
      progress(i, sizes.length, `n = ${n}`)
      return { n, ...centres(Array.from({ length: splits }, (_, seed) => measure(views, n, seed + 1))) }
    })
    return {
      numbers: { splits, k: K, points },
      blocks: [prose(INTRODUCTION), picture(points), results(points, splits)],
      claims: claims(points),
    }
  },
}

const INTRODUCTION = `The paper expects a perfect alignment to be out of reach where there are many samples. Two views of 2000 handwritten digits (240 pixels, 216 profile correlations: d = 456) show when it is, and what it is worth: Equation 7
is fitted to more and more pairs, k = ${K}, and judged on ${HELD_OUT} others. With n pairs the left null space has at least d − n dimensions, which belong to these pairs and to no others.`

function measure(views, n, seed) {
  const order = permutation(views[0].rows, `achievability ${seed}`)
  const [fitted, held] = [order.slice(0, n), order.slice(-HELD_OUT)].map((rows) =>
    views.map((view) => takeRows(view, rows)),
  )
  const model = new PerfectAlignment({ nComponents: K, selection: 'last' }).fit(fitted)
  const [onFitted, onHeld] = [fitted, held].map((pairs) => pairs.map((x, m) => model.transform(x, m)))
  const [a, b] = onHeld
  const stacked = beside(fitted, [1, -1])
  return {
    nullity: stacked.cols - matrixRank(stacked),
    trainingCmae: cmae(...onFitted),
    cmae: cmae(a, b),
    recall: (recallAtK(a, b, 1) + recallAtK(b, a, 1)) / 2,
  }
}

function picture(points) {
  const series = (key, colour) => ({
    colour,
    points: points.map(({ n, [key]: { mean, values } }) => ({
      x: n,
      median: mean,
      low: Math.min(...values),
      high: Math.max(...values),
    })),
  })
  const axis = { x: 'pairs n', logX: true, ticksX: 4, rules: [{ x: 456 - K, label: 'n = d − k' }] }
  return figures({
    caption: 'Mean and range over the splits.',
    legend: legend([
      { name: 'on the fitted pairs', colour: COLOURS[0] },
      { name: 'on held-out pairs', colour: COLOURS[1] },
    ]),
    panels: [
      {
        title: 'CMAE against the number of pairs',
        svg: curves({
          series: [series('trainingCmae', COLOURS[0]), series('cmae', COLOURS[1])],
          y: 'CMAE',
          logY: true,
          ...axis,
        }),
      },
      {
        title: 'Held-out partners found',
        svg: curves({ series: [series('recall', COLOURS[1])], y: 'recall@1', domainY: [0, 1], ...axis }),
      },
    ],
  })
}

function results(points, splits) {
  return table({
    caption: `Mean ± deviation over ${splits} random splits; recall@1 in both directions, by cosine (chance ${percent(1 / HELD_OUT)}).`,
    columns: ['pairs n', 'null space', 'CMAE, fitted', 'CMAE, held out', 'recall@1 (%)'],
    rows: points.map(({ n, nullity, trainingCmae, cmae: error, recall }) => [
      n,
      nullity.mean.toFixed(0),
      meanCell(trainingCmae, 2),
      meanCell(error, 2),
      percentCell(recall),
    ]),
  })
}

function claims(points) {
  const few = points.filter(({ n }) => n <= 456 - K)
  const many = points.filter(({ n }) => n >= 456)
  const largestError = Math.max(...few.map(({ trainingCmae }) => Math.max(...trainingCmae.values)))
  const [last, most] = [few.at(-1), points.at(-1)]
  return [
    claim({
      says: 'Perfect alignment is often not achievable in practice, because n is large and the left null space has limited dimensionality.',
      where: 'Remark 2.5',
      tests: [
        {
          test: `up to n = ${last.n}, less than d − k, it is exact on the fitted pairs`,
          measured: `CMAE at most ${number(largestError)}`,
          holds: largestError < ROUNDING,
        },
        {
          test: `from n = ${many[0].n} on the null space has fewer than k dimensions, and it is not`,
          measured: `${Math.max(...many.map(({ nullity }) => nullity.mean)).toFixed(0)} dimensions, CMAE ${number(many[0].trainingCmae.mean)} or more`,
          holds: many.every(({ nullity, trainingCmae }) => nullity.mean < K && trainingCmae.mean > ROUNDING),
        },
      ],
    }),
    claim({
      question: true,
      says: 'Is an alignment worth more where it is perfect?',
      where: 'beyond Remark 2.5',
      tests: [
        {
          test: `with n = ${last.n}, exact on the fitted pairs, more held-out partners are found than with n = ${most.n}`,
          measured: `${percent(last.recall.mean)} against ${percent(most.recall.mean)}`,
          holds: last.recall.mean > most.recall.mean,
        },
        {
          test: 'and the held-out CMAE is lower',
          measured: `${number(last.cmae.mean)} against ${number(most.cmae.mean)}`,
          holds: last.cmae.mean < most.cmae.mean,
        },
      ],
      remark:
        'The relations that a null space consists of because there are few pairs hold for those pairs alone. The alignment on new ones gets better as perfection is lost.',
    }),
  ]
}
