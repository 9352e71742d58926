import { JointFactor } from '../align/factor/joint-factor.js'
import { pairedMatrices } from '../align/factor/paired.js'
import { selectedSamplesSteps } from '../dense/slices.js'
import type { Matrix } from '../matrix.js'
import { divideRows } from '../model-selection/folds.js'
import { partsOf, reportedAs } from '../progress.js'
import { randomStream } from '../random/random-stream.js'
import { shuffledIndices } from '../random/shuffle.js'
import type { Engine } from '../runtime/engine.js'
import type { Work } from '../runtime/work.js'
import type { Steps } from '../steps.js'
import { finiteMatrix, isFiniteSteps } from '../validation.js'
import { areUnitRowsSteps, unitMatrix } from './affine-map.js'
import { Bootstrap } from './bootstrap.js'
import { calibrationSteps } from './calibration.js'
import { candidateSteps, NEW, OLD, type Candidate, type UnitLengths, type Wants } from './candidates.js'
import type { CurvePoint, MigrationEvaluationData, MigrationRow } from './evaluation-data.js'
import type { Isotonic } from './isotonic.js'
import { judgeSteps, meanOf, RECALL_AT, truthSteps, valuesOf, type Judged, type Truth } from './judge.js'
import { curvePoints, METHODS, planOf, WAYS, type MigrationOptions, type Plan } from './options.js'
import { chosenRow, verdictOf, type ChosenRow } from './verdict.js'

/** All that is known of a migration once it was fitted. */
export interface FittedMigration extends Pick<
  Candidate,
  'way' | 'method' | 'setting' | 'isUnit' | 'stored' | 'queries'
> {
  readonly names: Plan['names']
  readonly widths: readonly number[]
  readonly pairs: number
  readonly date: string
  readonly calibration: Isotonic
  readonly evaluation: MigrationEvaluationData
}

/** What came of one candidate. */
interface Entry extends ChosenRow {
  readonly candidate: Candidate
}

/**
 * Fits, judges and chooses, as {@link EmbeddingMigration.fit} says.
 *
 * @throws as that
 */
export function migrationWork(modalities: unknown, options: MigrationOptions): Work<FittedMigration> {
  const matrices = pairedMatrices(modalities, 2)
  if (matrices.length > 2) throw new RangeError(`got ${matrices.length} matrices, expected 2: [old, new]`)
  const [n, widths] = [matrices[0].rows, matrices.map(({ cols }) => cols)]
  const plan = planOf(options, n, widths)
  const { held, fitted } = divided(n, plan)
  const isComparable = widths[OLD] === widths[NEW]
  const asked: Wants = (way, method) =>
    (plan.way === 'auto' || plan.way === way) && (plan.method === 'auto' || plan.method === method)
  if (plan.method === 'none' && !isComparable) {
    throw new RangeError(`method 'none' compares vectors as they are, and these have ${widths.join(' and ')} columns`)
  }
  return function* (engine) {
    for (const [m, X] of matrices.entries()) if (!(yield* isFiniteSteps(X))) finiteMatrix(X, m === OLD ? 'old' : 'new')
    const lengths: UnitLengths = [yield* areUnitRowsSteps(matrices[OLD]), yield* areUnitRowsSteps(matrices[NEW])]
    // Rows that all have length 1 already are one and the same thing.
    const variants = lengths[OLD] && lengths[NEW] ? [false] : [false, true]
    const factors = variants.map((isUnit) => ({ joint: new JointFactor(widths), isUnit, lengths }))
    const points = curvePoints(plan.curve, fitted.length)
    const part = partsOf(1, ...points.flatMap(() => [3, 9]), 1, 3)
    const pairs = yield* selectedSamplesSteps(matrices, held)
    const truth = yield* part(truthSteps(engine, pairs[NEW]))
    const halves = [0, 1].map((half) => Uint32Array.from(held.keys()).filter((i) => i % 2 === half)) as [Uint32Array, Uint32Array] // prettier-ignore
    const bootstrap = yield* Bootstrap.steps(halves[1].length, plan.seed)
    const curve: CurvePoint[] = []
    let best: Entry[] = []
    let before = 0
    for (const [at, count] of points.entries()) {
      const rows = yield* selectedSamplesSteps(matrices, fitted.subarray(before, count))
      yield* part(appendSteps(engine, factors, rows))
      before = count
      best = yield* part(entriesSteps(engine, { factors, asked, isComparable, pairs, truth, halves, bootstrap, at, of: points.length })) // prettier-ignore
      curve.push({ pairs: count, rows: best.map(({ row }) => row) })
    }
    const chosen = chosenRow(best)
    const { curve: calibration, error } = yield* part(calibrationSteps(engine, chosen.candidate, pairs, truth, halves))
    const h = held.length
    const chance = { recallAt: { 1: 1 / h, 10: Math.min(1, 10 / h) }, retention: truth.k / (h - 1) }
    const judged = { rows: best.map(({ row }) => row), chance, curve, neighbours: truth.k, gallery: h }
    const [oldName, newName] = plan.names
    const evaluation: MigrationEvaluationData = {
      models: {
        old: { model: oldName, dimensions: widths[OLD] },
        new: { model: newName, dimensions: widths[NEW] },
      },
      pairs: n,
      fitted: fitted.length,
      queries: halves[1].length,
      ...judged,
      verdict: verdictOf(chosen, judged, plan.minRetention),
      calibration: error,
    }
    const own = factors.filter(({ isUnit }) => isUnit === chosen.candidate.isUnit)
    const final = yield* part(refitSteps(engine, own, pairs, chosen.candidate))
    const { way, method, setting, isUnit, stored, queries } = final
    const { names, date } = plan
    return { way, method, setting, isUnit, stored, queries, names, widths, pairs: n, date, calibration, evaluation }
  }
}

/** Pairs to judge by and pairs to fit, in random order. */
function divided(n: number, { heldOut, groups, seed }: Plan): { held: Uint32Array; fitted: Uint32Array } {
  const order = shuffledIndices(n, randomStream(seed, 'held out'))
  if (groups === undefined) return { held: order.subarray(0, heldOut), fitted: order.subarray(heldOut) }
  const [rows] = divideRows(n, { folds: Math.max(2, Math.round(n / heldOut)), groups, seed })
  const isHeld = new Uint8Array(n)
  for (const row of rows) isHeld[row] = 1
  const [held, fitted] = [1, 0].map((side) => order.filter((row) => isHeld[row] === side))
  if (held.length < 4 || fitted.length < 8) {
    throw new RangeError(
      `the groups leave ${held.length} pairs to judge by and ${fitted.length} to fit, expected 4 and 8 or more`,
    )
  }
  return { held, fitted }
}

interface Factor {
  readonly joint: JointFactor
  readonly isUnit: boolean
  readonly lengths: UnitLengths
}

function* appendSteps(engine: Engine, factors: readonly Factor[], rows: readonly Matrix[]): Steps<void> {
  for (const { joint, isUnit } of factors) yield* joint.appendSteps(engine, isUnit ? rows.map(unitMatrix) : rows)
}

interface Judging {
  readonly factors: readonly Factor[]
  readonly asked: Wants
  readonly isComparable: boolean
  readonly pairs: readonly Matrix[]
  readonly truth: Truth
  readonly halves: readonly [Uint32Array, Uint32Array]
  readonly bootstrap: Bootstrap
  /** Which point of the curve, of how many. */
  readonly at: number
  readonly of: number
}

/** Maps that are fitted for one point of the curve, at most, for one variant of the rows. */
const EXPECTED = 12

/** The best setting of each way and method, by the first half of the queries; what is said of it is of the other. */
function* entriesSteps(engine: Engine, judging: Judging): Steps<Entry[]> {
  const { factors, asked, isComparable, pairs, truth, at, of } = judging
  const best = new Map<string, Entry>()
  let done = 0
  const total = of * factors.length * EXPECTED
  const progress = () => ({
    phase: 'judging',
    done: at * factors.length * EXPECTED + Math.min(done, factors.length * EXPECTED),
    total,
    share: Math.min(1, done / (factors.length * EXPECTED)),
  })
  const take = function* (candidate: Candidate): Steps<void> {
    const entry = entryOf(candidate, yield* judgeSteps(engine, candidate, pairs, truth, progress()), judging)
    done++
    const name = `${candidate.way} ${candidate.method}`
    const before = best.get(name)
    if (before === undefined || entry.chosenBy > before.chosenBy) best.set(name, entry)
  }
  if (isComparable && asked('none', 'none')) yield* take(NOTHING)
  for (const factor of factors) {
    yield* reportedAs(progress, candidateSteps(engine, factor, { wants: asked }, take))
  }
  const places = ({ row }: Entry) => WAYS.indexOf(row.way) * METHODS.length + METHODS.indexOf(row.method)
  return [...best.values()].sort((a, b) => places(a) - places(b))
}

const NOTHING: Candidate = {
  way: 'none',
  method: 'none',
  isUnit: false,
  stored: undefined,
  queries: undefined,
  setting: '',
}

function entryOf(
  candidate: Candidate,
  { retention, recall }: Judged,
  { halves: [choosing, telling], bootstrap, factors }: Judging,
): Entry {
  const { way, method, setting, isUnit } = candidate
  const [one, ten] = RECALL_AT.map((_, i) => meanOf(recall[i], telling))
  const row: MigrationRow = {
    way,
    method,
    setting:
      factors.length > 1 && way !== 'none' ? `${setting}, ${isUnit ? 'unit rows' : 'rows as they are'}` : setting,
    recallAt: { 1: one, 10: ten },
    retention: meanOf(retention, telling),
    interval: bootstrap.interval(valuesOf(retention, telling)),
  }
  return { row, candidate, chosenBy: meanOf(retention, choosing) }
}

/** What was chosen, fitted to all pairs. */
function* refitSteps(
  engine: Engine,
  factors: readonly Factor[],
  heldOut: readonly Matrix[],
  chosen: Candidate,
): Steps<Candidate> {
  if (chosen.way === 'none') return chosen
  let found = chosen
  yield* appendSteps(engine, factors, heldOut)
  const wants: Wants = (way, method) => way === chosen.way && method === chosen.method
  const keep = function* (candidate: Candidate): Steps<void> {
    yield
    found = candidate
  }
  for (const factor of factors) yield* candidateSteps(engine, factor, { wants, rank: chosen.rank }, keep)
  return found
}
