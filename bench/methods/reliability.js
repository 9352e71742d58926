#!/usr/bin/env node
// node bench/methods/reliability.js: how often pairs that matchProbability calls partners with a probability are partners, before and after calibration; writes
// docs/reliability.svg. Two views of digits from examples/mfeat, some hundred pairs to fit, 700 x 700 pairs to judge.
import { writeFileSync } from 'node:fs'
import * as Plot from '@observablehq/plot'
import { PerfectAlignment } from 'collimate'
import { calibrateScore, matchProbability, registerScore } from 'collimate/score'
import { parseHTML } from 'linkedom'
import { permutation, standardise, takeRows, view } from '../../examples/mfeat/data.js'

const OUT = new URL('../../docs/reliability.svg', import.meta.url)
const VIEWS = ['kar', 'zer']
const [TRAINING, HELD_OUT, SPLITS, BINS] = [600, 700, 3, 10]
/** Fewer pairs say nothing of a share. */
const LEAST_PAIRS = 10
const OPTIONS = { nComponents: 'all', selection: 'balanced', scale: false }
/** The odds of a row of a gallery that holds its partner. */
const PRIOR = 1 / HELD_OUT
const SAYS = ['by the fit', 'calibrated on folds']

registerScore()

/** The log ratios of all held-out pairs, by either way of saying it. */
function logRatios(seed) {
  const order = permutation(2000, seed)
  const [trainRows, testRows] = [order.slice(0, TRAINING), order.slice(TRAINING, TRAINING + HELD_OUT)]
  const scaled = VIEWS.map(view).map((X) => standardise(takeRows(X, trainRows), takeRows(X, testRows)))
  const [train, [x, y]] = [0, 1].map((part) => scaled.map((one) => one[part]))
  const fitted = new PerfectAlignment(OPTIONS).fit(train)
  const constant = fitted.correlations().rho.reduce((sum, rho) => sum - Math.log((1 - rho) * (1 + rho)) / 2, 0)
  const calibration = calibrateScore(PerfectAlignment, train, { options: OPTIONS, seed })
  console.log(`split ${seed}:\n${calibration}\n`)
  const learnt = calibration.model.similarity(x, 0, y, 1, { metric: calibration.metric })
  return [
    fitted.similarity(x, 0, y, 1, { metric: 'likelihood' }).data.map((score) => score + constant),
    calibration.logRatios(learnt.data),
  ]
}

const splits = Array.from({ length: SPLITS }, (_, i) => logRatios(i + 1))
const bins = SAYS.flatMap((says, way) => {
  const own = Array.from({ length: BINS }, () => ({ says, said: 0, partners: 0, pairs: 0 }))
  for (const ratios of splits.map((each) => each[way])) {
    matchProbability(ratios, PRIOR).forEach((p, at) => {
      const bin = own[Math.min(BINS - 1, Math.floor(p * BINS))]
      bin.said += p
      bin.pairs++
      bin.partners += at % (HELD_OUT + 1) === 0 ? 1 : 0
    })
  }
  return own
    .filter(({ pairs }) => pairs >= LEAST_PAIRS)
    .map(({ said, partners, pairs, ...bin }) => {
      const share = partners / pairs
      const error = 2 * Math.sqrt((share * (1 - share)) / pairs)
      return {
        ...bin,
        said: said / pairs,
        share,
        pairs,
        low: Math.max(0, share - error),
        high: Math.min(1, share + error),
      }
    })
})
for (const says of SAYS) {
  const own = bins.filter((bin) => bin.says === says)
  const all = own.reduce((sum, { pairs }) => sum + pairs, 0)
  const error = own.reduce((sum, { said, share, pairs }) => sum + (pairs / all) * Math.abs(said - share), 0)
  const above = own.filter(({ said }) => said > 0.1)
  const among = above.reduce((sum, { pairs }) => sum + pairs, 0)
  const larger = above.reduce((sum, { said, share, pairs }) => sum + (pairs / among) * Math.abs(said - share), 0)
  console.log(
    `${says}: expected calibration error ${error.toExponential(1)}, of pairs above .1 ${larger.toFixed(3)} (${among} pairs)`,
  )
  for (const { said, share, pairs } of own) console.log(`  ${said.toFixed(3)}  ${share.toFixed(3)}  ${pairs}`)
}

const { document } = parseHTML('<!doctype html><html><body></body></html>')
const colour = { domain: SAYS, range: ['#c2571a', '#2456b8'] }
const figure = Plot.plot({
  document,
  width: 560,
  height: 520,
  marginLeft: 60,
  marginBottom: 50,
  marginTop: 40,
  style: { fontSize: '13px', background: 'white', color: '#1b1e23' },
  x: {
    domain: [0, 1],
    ticks: 6,
    grid: true,
    label: 'probability that was said',
    labelAnchor: 'center',
    labelArrow: 'none',
  },
  y: {
    domain: [0, 1],
    ticks: 6,
    grid: true,
    label: 'share of partners among such pairs',
    labelAnchor: 'center',
    labelArrow: 'none',
  },
  color: colour,
  marks: [
    Plot.line([[0, 0], [1, 1]], { stroke: '#59606b', strokeDasharray: '4 4' }), // prettier-ignore
    Plot.ruleX(bins, { x: 'said', y1: 'low', y2: 'high', stroke: 'says', strokeOpacity: 0.5, strokeWidth: 2 }),
    Plot.line(bins, { x: 'said', y: 'share', stroke: 'says', strokeWidth: 2 }),
    Plot.dot(bins, { x: 'said', y: 'share', fill: 'says', r: 4 }),
    Plot.text(
      SAYS.map((says) => bins.filter((bin) => bin.says === says).at(4)),
      { x: 'said', y: 'share', text: 'says', fill: 'says', textAnchor: 'end', dx: -14, dy: -14, fontWeight: 600 },
    ),
    Plot.text([`views ${VIEWS.join(' and ')}: ${TRAINING} pairs fitted, ${HELD_OUT} x ${HELD_OUT} judged, prior 1/${HELD_OUT}, ${SPLITS} splits`], {
      frameAnchor: 'top-left', dy: -26, fill: '#1b1e23', fontSize: 13,
    }), // prettier-ignore
  ],
})
figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
writeFileSync(OUT, `${figure.outerHTML}\n`)
