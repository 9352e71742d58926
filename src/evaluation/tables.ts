import { share, table } from '../text-table.js'
import type {
  ClassRetrieval,
  EvaluationData,
  ModalityEvaluation,
  PairEvaluation,
  PartnerRetrieval,
} from './evaluation-data.js'
import { keysOf, MODALITY_MEASURES, PAIR_MEASURES, type Measure } from './measures.js'

/** An evaluation as lines of plain text: a title, and tables with their headings on the first line. */
export function evaluationTables(evaluation: EvaluationData): { title: string; tables: string[][] } {
  const { rows, components, metric, chance } = evaluation
  const tables = [pairTable(evaluation), modalityTable(evaluation), partnerTable(evaluation, metric, (d) => d)]
  if (metric !== 'csls') tables.push(partnerTable(evaluation, 'csls', (d) => d.csls))
  if (chance.classes !== undefined) tables.push(classTable(evaluation, chance.classes))
  return { title: `${rows} rows, ${components} components`, tables: tables.map((lines) => table(lines)) }
}

type Line = readonly string[]

/** Columns of a table: their headings, and how each number is written. */
type Columns<Row> = readonly (readonly [heading: string, cell: (row: Row) => string])[]

/** Heading, a line for each row, and their mean where there are several. */
function lines<Row>(name: string, columns: Columns<Row>, rows: readonly (readonly [string, Row])[], mean: Row): Line[] {
  const all = rows.length > 1 ? [...rows, ['mean', mean] as const] : rows
  return [
    [name, ...columns.map(([heading]) => heading)],
    ...all.map(([label, row]) => [label, ...columns.map(([, cell]) => cell(row))]),
  ]
}

/** The columns of a table of measures. */
function figures<Key extends string>(
  measures: Readonly<Record<Key, Measure<never>>>,
): Columns<Readonly<Record<Key, number>>> {
  return keysOf(measures).map((key) => [measures[key].heading, (row) => measures[key].format(row[key])])
}

function pairTable({ pairs, means }: EvaluationData): Line[] {
  const rows = pairs.map((pair) => [pair.modalities.join(' - '), pair] as const)
  return lines<PairEvaluation>('pair', figures(PAIR_MEASURES), rows, means)
}

function modalityTable({ modalities, means }: EvaluationData): Line[] {
  const rows = modalities.map((modality, m) => [String(m), modality] as const)
  return lines<ModalityEvaluation>('modality', figures(MODALITY_MEASURES), rows, means)
}

type Direction = EvaluationData['means'] | EvaluationData['retrieval'][number]

function partnerTable(
  { retrieval, means, chance }: EvaluationData,
  metric: string,
  measured: (direction: Direction) => PartnerRetrieval,
): Line[] {
  const columns: Columns<PartnerRetrieval> = [
    ...Object.keys(chance.recallAt).map(
      (k) => [`recall@${k}`, ({ recallAt }: PartnerRetrieval) => share(recallAt[Number(k)])] as const,
    ),
    ['MRR', ({ meanReciprocalRank }) => share(meanReciprocalRank)],
  ]
  return withChance(columns, chance, lines(
    metric,
    columns,
    retrieval.map((direction) => [arrow(direction), measured(direction)]),
    measured(means),
  )) // prettier-ignore
}

function classTable({ retrieval, means }: EvaluationData, chance: ClassRetrieval): Line[] {
  const columns: Columns<ClassRetrieval> = [
    ...Object.keys(chance.precisionAt).map(
      (k) => [`precision@${k}`, ({ precisionAt }: ClassRetrieval) => share(precisionAt[Number(k)])] as const,
    ),
    ['mAP', ({ meanAveragePrecision }) => share(meanAveragePrecision)],
  ]
  return withChance(columns, chance, lines(
    'classes',
    columns,
    retrieval.flatMap((direction) =>
      direction.classes === undefined ? [] : [[arrow(direction), direction.classes] as const],
    ),
    means.classes ?? chance,
  )) // prettier-ignore
}

const arrow = ({ from, to }: EvaluationData['retrieval'][number]): string => `${from} -> ${to}`

function withChance<Row>(columns: Columns<Row>, chance: Row, all: Line[]): Line[] {
  return [...all, ['chance', ...columns.map(([, cell]) => cell(chance))]]
}
