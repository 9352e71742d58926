import { inverse, scaleColumns } from '../dense/arithmetic.js'
import type { LatentCorrelations, PairCorrelations } from '../latent-correlations.js'
import { matmul } from '../linalg/matmul.js'
import { Engine } from '../runtime/engine.js'
import { inRole, logRatio, pairOfTwo, scoreRows } from '../score-rows.js'
import { run, type Steps } from '../steps.js'
import { knownOptions } from '../validation.js'
import { ridgeLengthSteps } from './canonical/whitening.js'
import { centeredFactorSteps, type DataFactor } from './factor/data-factor.js'
import { shrinkageScaleSteps } from './factor/shrinkage.js'
import { scaledFactorSteps } from './model/column-scales.js'
import { latentCorrelationSteps } from './model/latent-correlations.js'
import type { LinearModel } from './model/linear-model.js'
import type { ScoredModel, Scores } from './model/scores.js'

/** Of fits, as far as they were asked for or learnt from rows that were held out. */
const found = new WeakMap<LinearModel, LatentCorrelations>()

/** What a model says of its method: whatever its class is called in whichever copy of the package. */
interface Told {
  /** Of PerfectAlignment. */
  readonly selected?: string
  readonly sharedStrength?: Float64Array
  /** Of CanonicalCorrelation. */
  readonly canonicalCorrelations?: Float64Array
  readonly shrinkage?: Float64Array
}

/**
 * What the fit says of its latents as Gaussians, from the factor that it came of; undefined for a method that says nothing, or without factor.
 * Of the order of d^2 k operations, when it is first asked for.
 */
export function correlationsOf(alignment: ScoredModel): LatentCorrelations | undefined {
  const { model } = alignment.fitNow
  const known = found.get(model) ?? model.correlations
  if (known !== undefined) return known
  const made = run(correlationSteps(Engine.shared(), alignment))
  if (made !== undefined) found.set(model, made)
  return made
}

/** Takes these for what the model says from now on, until it is fitted again. */
export function setCorrelations(alignment: ScoredModel, correlations: LatentCorrelations): void {
  found.set(alignment.fitNow.model, correlations)
}

/** {@link correlationsOf} as part of a longer operation. @param ridge - what gamma of 'balanced' was multiplied by */
export function* correlationSteps(
  engine: Engine,
  alignment: ScoredModel,
  ridge = 1,
): Steps<LatentCorrelations | undefined> {
  const { model, joint } = alignment.fitNow
  const told = model as LinearModel & Told
  if (joint === undefined) return undefined
  const { scales } = model
  const data = yield* centeredFactorSteps(scales === undefined ? joint : yield* scaledFactorSteps(joint, scales))
  const ridgeRoots = yield* ridgeSteps(engine, data, told, ridge)
  if (ridgeRoots === undefined) return undefined
  const maps = model.maps.map((A, m) => (scales === undefined ? A : scaleColumns(A, scales[m].map(inverse))))
  const isPair = told.sharedStrength !== undefined && maps.length === 2
  return yield* latentCorrelationSteps(
    engine,
    data,
    maps,
    ridgeRoots,
    isPair ? told.sharedStrength.map(rhoOf) : undefined,
  )
}

/** The correlation of two modalities' latents that share with a strength of mu. */
const rhoOf = (mu: number): number => (4 * mu - 1) / (4 * mu + 1)

/**
 * The root of what the method adds to all directions: gamma of 'balanced', times `ridge`; of covariances shrunk by c, c / (1 - c) times their mean eigenvalue, which
 * is the same in other units, and undefined for c = 1.
 */
function* ridgeSteps(engine: Engine, data: DataFactor, told: Told, ridge: number): Steps<Float64Array | undefined> {
  if (told.selected === 'balanced') {
    return (yield* shrinkageScaleSteps(engine, data)).map((root) => root * Math.sqrt(ridge))
  }
  if (told.canonicalCorrelations === undefined || told.shrinkage === undefined || told.shrinkage.includes(1))
    return undefined
  const roots = told.shrinkage.slice()
  for (const [m, c] of told.shrinkage.entries()) roots[m] = yield* ridgeLengthSteps(data, m, c / (1 - c))
  return roots
}

function pairOf(model: ScoredModel, from: unknown, to: unknown): PairCorrelations {
  return pairOfTwo(correlated(model), from, to)
}

const correlated = (model: ScoredModel) => ({ maps: model.fitNow.model.maps, correlations: correlationsOf(model) })

/** What `registerScore` registers. */
export const scores: Scores = {
  known: correlationsOf,
  correlations(model, from, to) {
    const { rho, deviations } = pairOf(model, from, to)
    return { rho: rho.slice(), deviations: [deviations[0].slice(), deviations[1].slice()] }
  },
  transform(model, x, m, { role, metric, partner, ...rest }) {
    return inRole(model.transform(x, m, rest), m, correlated(model), { role, metric, partner })
  },
  async transformAsync(model, x, m, { role, metric, partner, ...rest }) {
    // Of the model as it is now, whatever it is fitted to meanwhile.
    const now = correlated(model)
    return inRole(await model.transformAsync(x, m, rest), m, now, { role, metric, partner })
  },
  similarity(model, x, from, y, to, options) {
    const { metric } = knownOptions(options, ['metric'])
    const queries = scores.transform(model, x, from, { role: 'query', metric, partner: to })
    const gallery = scores.transform(model, y, to, { role: 'gallery', metric, partner: from })
    const products = matmul(queries.rows, gallery.rows, { transposeB: true })
    queries.bias.forEach((own, i) => {
      products.row(i).forEach((product, j, row) => (row[j] = product + own + gallery.bias[j]))
    })
    return products
  },
  logLikelihoodRatio(model, x, y, from, to) {
    const pair = pairOf(model, from, to)
    const [X, Y] = [model.transform(x, from, {}), model.transform(y, to, {})]
    if (X.rows !== Y.rows) throw new RangeError(`x has ${X.rows} rows and y ${Y.rows}, expected pairs`)
    return Float64Array.from({ length: X.rows }, (_, i) => logRatio(X.row(i), Y.row(i), pair))
  },
  ranked(model, metric) {
    const now = correlated(model)
    pairOfTwo(now, 0, 1)
    return (Q, G, from, to) => [
      scoreRows(Q, 'query', metric, pairOfTwo(now, from, to)).rows,
      scoreRows(G, 'gallery', metric, pairOfTwo(now, to, from)).rows,
    ]
  },
}
