import { evaluateRetrieval, LeastSquares, Matrix, meanReciprocalRank, PerfectAlignment } from 'collimate'

/** A fifth of the pairs is kept back to choose a setting by; then all are fitted. */
const KEPT_SHARE = 1 / 5
/** Ridges, in units of the mean column's energy over the rows fitted. */
const RIDGES = [1, 0.1, 0.01, 0.001]
const COMPONENTS = [20, 50, 100]

const rowsOf = (x, start, end) => new Matrix(end - start, x.cols, x.data.slice(start * x.cols, end * x.cols))

/** Rows cut, or lengthened by zeros, to a width. */
function cutTo(x, cols) {
  const out = new Matrix(x.rows, cols)
  for (let i = 0; i < x.rows; i++) out.data.set(x.row(i).subarray(0, cols), i * cols)
  return out
}

/** The pairs without the last fifth, and those alone. */
function keepBack(pairs) {
  const cut = Math.round(pairs[0].rows * (1 - KEPT_SHARE))
  return { fitted: pairs.map((x) => rowsOf(x, 0, cut)), kept: pairs.map((x) => rowsOf(x, cut, x.rows)) }
}

/**
 * A method that has a setting to choose: the one by which the pairs kept back find their partners best among all pairs; of equals the
 * last, which restricts the map least.
 *
 * @param fit - (setting, pairs) => model, once for all methods that share it
 * @param move - (model, [old, new]) => the moved vectors, and those that they have to find
 */
function choosing(name, settings, fit, move) {
  return ({ train, test, fitted, kept }) => {
    const partners = Array.from({ length: kept[0].rows }, (_, i) => fitted[0].rows + i)
    const scores = settings.map((setting) => {
      const [moved, truth] = move(fit(setting, fitted), [kept[0], train[1]])
      return meanReciprocalRank(moved, truth, { partners })
    })
    const setting = settings[scores.lastIndexOf(Math.max(...scores))]
    return { found: move(fit(setting, train), test), setting: `${name} ${setting}` }
  }
}

const leastSquares = (share, [from, to]) => {
  const energy = from.data.reduce((sum, value) => sum + value * value, 0)
  return new LeastSquares({ ridge: (share * energy) / from.cols }).fit([from, to])
}
const align = (nComponents, pairs) => new PerfectAlignment({ nComponents }).fit(pairs)

const translated = (model, [old, truth]) => [model.translate(old, 0, 1), truth]
const bothMapped = (model, views) => views.map((x, modality) => model.transform(x, modality))

/** `fit`, which fits the same pairs with the same setting only once. */
function remembered(fit) {
  const models = new Map()
  return (setting, pairs) => {
    const own = models.get(pairs) ?? models.set(pairs, new Map()).get(pairs)
    return own.get(setting) ?? own.set(setting, fit(setting, pairs)).get(setting)
  }
}

function methods() {
  const aligned = remembered(align)
  return {
    'do nothing: cut, or fill up with zeros': ({ test: [old, truth] }) => ({ found: [cutTo(old, truth.cols), truth] }),
    'least squares': ({ train, test }) => ({ found: translated(leastSquares(0, train), test) }),
    'least squares, ridge chosen': choosing('ridge', RIDGES, leastSquares, translated),
    'perfect alignment, vectors translated': choosing('k', COMPONENTS, aligned, translated),
    'perfect alignment, queries mapped too': choosing('k', COMPONENTS, aligned, bothMapped),
  }
}

/** Every method on one split: its name, recall@1 and recall@10 of the moved vectors by cosine, and what it chose. */
export function compare({ train, test }) {
  const parts = { train, test, ...keepBack(train) }
  return Object.entries(methods()).map(([name, method]) => {
    const { found, setting } = method(parts)
    const { recallAtK: recalls } = evaluateRetrieval(...found, { ks: [1, 10] })
    return { name, setting, recalls }
  })
}
