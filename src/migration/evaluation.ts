import { share, significant, table } from '../text-table.js'
import type { MigrationEvaluationData, MigrationRow } from './evaluation-data.js'
import type { EmbeddingModel } from './options.js'

/** What a migration was judged by: held-out pairs. Its properties are plain data, and JSON holds all of them; as a string it is tables. */
export class MigrationEvaluation implements MigrationEvaluationData {
  declare readonly models: MigrationEvaluationData['models']
  declare readonly pairs: MigrationEvaluationData['pairs']
  declare readonly fitted: MigrationEvaluationData['fitted']
  declare readonly gallery: MigrationEvaluationData['gallery']
  declare readonly queries: MigrationEvaluationData['queries']
  declare readonly neighbours: MigrationEvaluationData['neighbours']
  declare readonly rows: MigrationEvaluationData['rows']
  declare readonly chance: MigrationEvaluationData['chance']
  declare readonly curve: MigrationEvaluationData['curve']
  declare readonly verdict: MigrationEvaluationData['verdict']
  declare readonly calibration: MigrationEvaluationData['calibration']

  /** @internal */
  constructor(data: MigrationEvaluationData) {
    Object.assign(this, data)
  }

  /** The tables and the verdict, lines of plain text. */
  toString(): string {
    return migrationTables(this)
      .map((lines) => lines.join('\n'))
      .join('\n\n')
  }

  /** All of it, as a plain object. */
  toJSON(): MigrationEvaluationData {
    return Object.assign({}, this)
  }
}

const named = ({ model, dimensions }: EmbeddingModel, otherwise: string): string =>
  `${model ?? otherwise} (${dimensions})`

/** Parts of the text, each of which is lines: what is compared, two tables with their headings first, and the verdict. */
export function migrationTables(evaluation: MigrationEvaluationData): string[][] {
  const { models, pairs, fitted, gallery, queries, rows, curve, verdict, calibration } = evaluation
  const title = `${named(models.old, 'old model')} to ${named(models.new, 'new model')}: ${pairs} pairs, ${fitted} of them fitted; ${queries} held-out queries among ${gallery} rows`
  const parts = [[title], table(resultTable(evaluation))]
  if (curve.length > 1) parts.push(table(curveTable(evaluation)))
  const more = verdict.morePairs
  const chosen = rows.find(({ way, method }) => way === verdict.way && method === verdict.method)
  const text = [verdict.reason]
  if (more !== undefined && chosen !== undefined) {
    text.push(`with ${more.pairs} pairs about ${share(more.retention)}, by the slope of the curve, for ${share(chosen.retention)} with ${fitted}`) // prettier-ignore
  }
  text.push(`cosines are off by ${significant(calibration.raw)} in the mean, calibrated by ${significant(calibration.calibrated)}`) // prettier-ignore
  return [...parts, text]
}

const label = ({ way, method }: MigrationRow): string[] => (way === 'none' ? ['do nothing', ''] : [way, method])

function resultTable({ rows, chance, neighbours }: MigrationEvaluationData): string[][] {
  const line = (row: MigrationRow) => [
    ...label(row),
    share(row.recallAt[1]),
    share(row.recallAt[10]),
    share(row.retention),
    row.interval.map(share).join(' to '),
    row.setting,
  ]
  return [
    ['way', 'method', 'recall@1', 'recall@10', `retention@${neighbours}`, '95 %', 'setting'],
    ...rows.map(line),
    ['chance', '', share(chance.recallAt[1]), share(chance.recallAt[10]), share(chance.retention), '', ''],
  ]
}

/** The retention of every way and method, by the pairs that were fitted. */
function curveTable({ rows, curve, neighbours }: MigrationEvaluationData): string[][] {
  const at = (point: MigrationEvaluationData['curve'][number], { way, method }: MigrationRow) => {
    const found = point.rows.find((other) => other.way === way && other.method === method)
    return found === undefined ? '' : share(found.retention)
  }
  return [
    [`retention@${neighbours} with`, '', ...curve.map(({ pairs }) => `${pairs} pairs`)],
    ...rows.map((row) => [...label(row), ...curve.map((point) => at(point, row))]),
  ]
}
