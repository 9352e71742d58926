import { cond, matmul, Matrix, nullSpace, svd } from 'collimate'
import { gaussianMixture, pairedModalities, referenceExperiment } from 'collimate/synthetic'
import { beside, frobenius, largestDifference, mapped } from '../methods/matrices.js'
import { normalStream } from '../methods/random.js'
import { nullSpaceByRowEchelon } from '../methods/row-echelon.js'
import { spread, sum } from '../methods/statistics.js'
import { prose, table } from '../report/blocks.js'
import { claim } from '../report/claims.js'
import { number, spreadCell } from '../report/format.js'

const SEEDS = 20

export default {
  id: 'null-space',
  title: 'The null space by SVD and by row echelon form',
  item: 'Appendix 6.2',
  run({ progress }) {
    const cases = Object.entries(CASES).map(([name, data], i, all) => {
      progress(i, all.length)
      return { name, ...summarise(Array.from({ length: SEEDS }, (_, seed) => compare(data(seed + 1)))) }
    })
    const optimum = Array.from({ length: SEEDS }, (_, seed) => lowestError(seed + 1))
    const summary = {
      optimumRelative: spread(optimum.map(({ relative }) => relative)),
      beaten: sum(optimum.map(({ beaten }) => beaten)),
    }
    return {
      numbers: { seeds: SEEDS, cases, ...summary },
      blocks: [prose(INTRODUCTION), comparison(cases)],
      claims: claims(cases, summary),
    }
  },
}

const INTRODUCTION = `Theorem 2.2 takes any k independent vectors of the left null space, and its proof names two ways to them. Both are tried on the same
stacked data: <code>nullSpace</code> (SVD, orthonormal vectors), and the reduced row echelon form, one vector for each free variable. They agree where the
rank is clear. The vectors of the echelon form are neither orthogonal nor of unit length, and a matrix can be singular to rounding without a small
pivot to show it (Kahan’s, in the last row): then elimination finds no null space at all.`

const stacked = ([first, second]) => beside([first, second], [1, -1])

function wide(seed, scale) {
  const Z = gaussianMixture({ n: 200, means: [Array(10).fill(0), Array(10).fill(4)], seed }).Z
  const X = stacked(pairedModalities({ Z, dims: [20, 20], seed }).modalities)
  if (scale) for (let i = 0; i < X.data.length; i++) X.data[i] *= 10 ** (-8 * ((i % X.cols) / (X.cols - 1)))
  return X
}

/** Kahan's kind of matrix with one small singular value that no pivot shows. */
function nearlyDeficient() {
  const size = 100
  const [s, c] = [Math.sin(1.2), Math.cos(1.2)]
  const X = new Matrix(size, size)
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) X.set(i, j, s ** i * (i === j ? 1 : -c))
  }
  return X
}

const CASES = {
  'Reference experiment, 2000 × 4, k = 2': (seed) => stacked(referenceExperiment({ seed }).modalities),
  'Ten latents in 20 + 20 dimensions, 200 samples': (seed) => wide(seed, false),
  'The same, columns scaled over eight orders': (seed) => wide(seed, true),
  'Kahan’s matrix, 100 × 100, of rank 99 to rounding': nearlyDeficient,
}

/** Both null spaces of X, and how well each does what it is for. */
function compare(X) {
  const bySvd = nullSpace(X)
  const byEchelon = nullSpaceByRowEchelon(X)
  const residual = (N) => (N.cols === 0 ? NaN : frobenius(matmul(X, N)) / (frobenius(X) * frobenius(N)))
  const same = bySvd.cols === byEchelon.cols && bySvd.cols > 0
  return {
    dimensionSvd: bySvd.cols,
    dimensionEchelon: byEchelon.cols,
    residualSvd: residual(bySvd),
    residualEchelon: residual(byEchelon),
    condition: byEchelon.cols > 0 ? cond(byEchelon) : NaN,
    difference: same ? largestDifference(projector(bySvd), projector(svd(byEchelon).U)) : NaN,
  }
}

const projector = (N) => matmul(N, N, { transposeB: true })

function summarise(runs) {
  return Object.fromEntries(
    Object.keys(runs[0]).map((name) => {
      const finite = runs.map((run) => run[name]).filter(Number.isFinite)
      return [name, finite.length > 0 ? spread(finite) : null]
    }),
  )
}

/** Corollary 2.3: of all orthonormal A the last k singular vectors have the least error, sum of the k smallest sigma^2. */
function lowestError(seed) {
  const Z = gaussianMixture({ n: 300, means: [Array(6).fill(0), Array(6).fill(4)], seed }).Z
  const X = stacked(pairedModalities({ Z, dims: [6, 6], noise: 1, seed }).modalities)
  const { S, V } = svd(X)
  const k = 4
  const last = new Matrix(X.cols, k)
  for (let i = 0; i < X.cols; i++) for (let j = 0; j < k; j++) last.set(i, j, V.get(i, X.cols - k + j))
  const error = frobenius(matmul(X, last)) ** 2
  const expected = sum(S.slice(-k).map((s) => s * s))
  const random = normalStream(seed)
  let beaten = 0
  for (let trial = 0; trial < 50; trial++) {
    const direction = mapped(last, (v) => v + 0.3 * random())
    if (frobenius(matmul(X, svd(direction).U)) ** 2 < error) beaten++
  }
  return { relative: Math.abs(error / expected - 1), beaten }
}

function comparison(cases) {
  const cell = (s) => (s === null ? '–' : spreadCell(s))
  return table({
    caption: `Median and 5 to 95 % over ${SEEDS} seeds. The residual is ‖XN‖ relative to ‖X‖ ‖N‖; the difference is the largest between the projectors onto both null spaces, where they have the same dimension.`,
    columns: [
      '',
      'dimension, SVD',
      'dimension, echelon',
      'residual, SVD',
      'residual, echelon',
      'condition of the echelon basis',
      'difference',
    ],
    rows: cases.map((c) => [
      c.name,
      c.dimensionSvd.median,
      c.dimensionEchelon.median,
      ...[c.residualSvd, c.residualEchelon, c.condition, c.difference].map(cell),
    ]),
  })
}

function claims(cases, { optimumRelative, beaten }) {
  const agree = ({ name, dimensionSvd, dimensionEchelon, difference }) => ({
    test: `${name}: both find the same space`,
    measured:
      difference === null
        ? `dimension ${dimensionSvd.median} by SVD, ${dimensionEchelon.median} by echelon form`
        : `projectors differ by ${number(difference.median)} in the median, at most ${number(difference.high)}`,
    holds: difference !== null && dimensionSvd.median === dimensionEchelon.median && difference.high < 1e-8,
  })
  const solves = ({ name, residualSvd, residualEchelon }) => ({
    test: `${name}: ‖AX‖ is rounding error for the vectors of either basis`,
    measured: `relative to ‖A‖‖X‖ at most ${number(residualSvd.high)} by SVD, ${number(residualEchelon.high)} by echelon form`,
    holds: Math.max(residualSvd.high, residualEchelon.high) < 1e-12,
  })
  return [
    claim({
      says: 'Where the left null space has k dimensions or more, any k independent vectors of it solve AX = 0.',
      where: 'Theorem 2.2',
      tests: cases.slice(0, 3).map(solves),
      remark:
        'They solve it, and are not worth the same: where the null space is larger than k, which k are taken decides whether the latents carry anything (see labels and captions, and ‘informative’ against ‘last’ in the transfer).',
    }),
    claim({
      says: 'The null space can be explicitly computed via the SVD and via the reduced row echelon form.',
      where: 'Appendix 6.2',
      tests: cases.slice(0, 3).map(agree),
      remark: `In exact arithmetic both are right. In floating point the echelon form can miss it: for Kahan’s matrix it finds ${cases[3].dimensionEchelon.median} dimensions, the SVD ${cases[3].dimensionSvd.median}.`,
    }),
    claim({
      says: 'The k vectors of the smallest singular values minimise ‖AX‖, and the minimum is the sum of the k smallest σ².',
      where: 'Corollary 2.3',
      tests: [
        {
          test: 'the error equals that sum',
          measured: `relative difference ${number(optimumRelative.high)}`,
          holds: optimumRelative.high < 1e-12,
        },
        {
          test: 'none of 50 nearby orthonormal A for each seed has less',
          measured: `${beaten} of ${50 * SEEDS}`,
          holds: beaten === 0,
        },
      ],
    }),
  ]
}
