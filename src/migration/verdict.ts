import { share } from '../text-table.js'
import type { CurvePoint, MigrationEvaluationData, MigrationRow, MigrationVerdict } from './evaluation-data.js'
import { WAYS, type MigrationWay } from './options.js'

/** What is done to what, in words. */
export const WAY_TEXTS: Readonly<Record<MigrationWay, string>> = {
  none: 'do nothing',
  queries: 'queries into the old space',
  stored: 'stored vectors into the new space',
  both: 'both into a shared space',
}

/** A way that changes less is taken if it keeps no more than this less of the neighbours. */
const TOLERATED = 0.01

/** Where the low end of the interval is not even so far from chance on the way to all, nothing is known to be shared. */
const ABOVE_CHANCE = 0.1

/** A row, and its retention on the queries that choices are made by. */
export interface ChosenRow {
  readonly row: MigrationRow
  readonly chosenBy: number
}

/**
 * The way that changes least among those that keep as much as the best: nothing, queries alone, what is stored, both.
 *
 * @param rows - the best setting of each way and method
 */
export function chosenRow<Row extends ChosenRow>(rows: readonly Row[]): Row {
  const better = (a: Row, b: Row) => (b.chosenBy > a.chosenBy ? b : a)
  const best = rows.reduce(better)
  const perWay = WAYS.map((way) => rows.filter(({ row }) => row.way === way)).filter(({ length }) => length > 0)
  const enough = perWay.map((own) => own.reduce(better)).find(({ chosenBy }) => chosenBy >= best.chosenBy - TOLERATED)
  return enough ?? best
}

/** What is said of a choice. */
export function verdictOf(
  { row }: ChosenRow,
  {
    rows,
    chance,
    curve,
    neighbours,
    gallery,
  }: Pick<MigrationEvaluationData, 'rows' | 'chance' | 'curve' | 'neighbours' | 'gallery'>,
  minRetention: number,
): MigrationVerdict {
  const { way, method, retention, interval } = row
  const kept = `retention@${neighbours} ${share(retention)} (${interval.map(share).join(' to ')})`
  const name = way === 'none' ? WAY_TEXTS.none : `${WAY_TEXTS[way]} by ${method}`
  const verdict = { way, method, ...moreOf(curve, row) }
  const guess = chance.retention
  if (!(interval[0] > guess + ABOVE_CHANCE * (1 - guess))) {
    const reason = `do not move by a map: the best, ${name}, has ${kept}, and guessing ${share(guess)} among ${gallery} rows. As far as these pairs tell the models share nothing, or row i of both is not the same item`
    return { isAdvised: false, reason, ...verdict }
  }
  if (retention < minRetention) {
    const reason = `do not move by a map: the best, ${name}, has ${kept}, below ${share(minRetention)}. Take more pairs, or embed again`
    return { isAdvised: false, reason, ...verdict }
  }
  const best = rows.reduce((most, other) => (other.retention > most.retention ? other : most))
  const beside = best === row ? '' : `; the most is ${share(best.retention)}, ${WAY_TEXTS[best.way]} by ${best.method}`
  return { isAdvised: true, reason: `${name}: ${kept}${beside}`, ...verdict }
}

/** Points of the curve that tell its slope. */
const SLOPE_POINTS = 3

/** What is lost falls as a power of the pairs: a line through its logarithms at the last points, from the last one on. */
function moreOf(curve: readonly CurvePoint[], { way, method }: MigrationRow): Pick<MigrationVerdict, 'morePairs'> {
  const points = curve.slice(-SLOPE_POINTS).flatMap(({ pairs, rows }) => {
    const row = rows.find((other) => other.way === way && other.method === method)
    return row === undefined ? [] : [{ pairs, lost: 1 - row.retention }]
  })
  const last = points.at(-1)
  if (way === 'none' || points.length < 2 || last === undefined) return {}
  // Of a loss of nothing there is no logarithm, and nothing to gain.
  const logs = points.filter(({ lost }) => lost > 0).map(({ pairs, lost }) => [Math.log(pairs), Math.log(lost)])
  const slope = logs.length < 2 ? 0 : Math.min(0, slopeOf(logs))
  return { morePairs: { pairs: 2 * last.pairs, retention: 1 - last.lost * 2 ** slope } }
}

function slopeOf(points: readonly number[][]): number {
  const [x, y] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis] / points.length, 0))
  const [xy, xx] = points.reduce(([a, b], [px, py]) => [a + (px - x) * (py - y), b + (px - x) ** 2], [0, 0])
  return xy / xx
}
