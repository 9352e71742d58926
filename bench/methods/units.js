#!/usr/bin/env node
// node bench/methods/units.js, with COLLIMATE_DATA as for npm run methods: held-out retrieval of PerfectAlignment on views as they come, and with
// columns of other units beside them, for each value of `scale`. The table of docs/estimators.md.
import { Matrix, matmul, PerfectAlignment, recallAtK, svdPartial } from 'collimate'
import { uniform } from '../random.js'
import { loadDataSets } from './data-sets.js'

const SEEDS = [1, 2]
const SETS = [
  /^mfeat (pix, kar|fac, zer|fou, mor|kar, mor|pix, fac)$/,
  /^Wikipedia/,
  /^UTD-MHAD skeleton, inertial$/,
  /CLIP/,
  /nutrimouse/,
]
const WIDEST = 100
const COMPONENTS = 20
const TEST_ROWS = 500

/** Principal components of all rows, where there are more columns than are worth the time; not standardised. */
function narrowed(view) {
  const X = Matrix.from(view)
  if (X.cols <= WIDEST) return X
  return matmul(X, svdPartial(X, Math.min(WIDEST, X.rows)).V)
}

const withColumns = (X, extra) => Matrix.from(X.toArray().map((row, i) => [...row, ...extra(i)]))
const largest = (X) => X.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
const CORRUPTIONS = {
  'as it is': (X) => X,
  'one column x 1000': (X) => Matrix.from(X.toArray().map(([first, ...rest]) => [1000 * first, ...rest])),
  'a counter': (X) => withColumns(X, (i) => [i]),
  'time stamps': (X) => withColumns(X, (i) => [1.7e9 + 60 * i]),
  '10 large noise columns': (X) => {
    const [next, size] = [uniform(7), 1000 * largest(X)]
    return withColumns(X, () => Array.from({ length: 10 }, () => size * (next() - 0.5)))
  },
}

/** Row numbers in an order that the seed fixes. */
function shuffled(n, seed) {
  const next = uniform(seed)
  return Array.from({ length: n }, (_, i) => [next(), i]).sort(([a], [b]) => a - b).map(([, i]) => i) // prettier-ignore
}

const take = (X, rows) => Matrix.from(rows.map((i) => X.row(i)))

/** Mean of recall@1 and recall@10 on rows that were kept back, both ways. */
function heldOut(views, training, scale) {
  let sum = 0
  for (const seed of SEEDS) {
    const order = shuffled(views[0].rows, seed)
    const cut = Math.round(training * order.length)
    const [train, test] = [order.slice(0, cut), order.slice(cut, cut + TEST_ROWS)]
    const nComponents = Math.min(COMPONENTS, ...views.map(({ cols }) => cols))
    const model = new PerfectAlignment({ nComponents, scale }).fit(views.map((X) => take(X, train)))
    const [Z1, Z2] = views.map((X, m) => model.transform(take(X, test), m))
    const recalls = [1, 10].flatMap((k) => [recallAtK(Z1, Z2, k), recallAtK(Z2, Z1, k)])
    sum += recalls.reduce((total, x) => total + x / recalls.length, 0) / SEEDS.length
  }
  return sum
}

const { dataSets } = loadDataSets(process.env.COLLIMATE_DATA)
const means = {}
for (const { name, views, training } of dataSets.filter((set) => SETS.some((pattern) => pattern.test(set.name)))) {
  const [X, Y] = views.map(narrowed)
  for (const [what, corrupted] of Object.entries(CORRUPTIONS)) {
    const found = [false, true, 'auto'].map((scale) => heldOut([corrupted(X), Y], training, scale))
    console.log([name.padEnd(28), what.padEnd(24), ...found.map((x) => x.toFixed(3))].join(' '))
    found.forEach((x, s) => (means[what] ??= [[], [], []])[s].push(x))
  }
}
console.log('\nmeans: false, true, auto')
for (const [what, each] of Object.entries(means)) {
  const mean = (list) => list.reduce((sum, x) => sum + x / list.length, 0).toFixed(3)
  console.log([what.padEnd(24), ...each.map(mean)].join(' '))
}
