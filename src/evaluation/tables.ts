import { share, significant, table } from '../text-table.js'
import type { ClassRetrieval, EvaluationData, PartnerRetrieval } from './evaluation-data.js'

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

function pairTable({ pairs, means }: EvaluationData): Line[] {
  const columns: Columns<EvaluationData['means'] | EvaluationData['pairs'][number]> = [
    ['CMAE', (pair) => significant(pair.cmae)],
    ['NCMAE', (pair) => significant(pair.ncmae)],
    ['alignment', (pair) => significant(pair.alignmentLoss)],
    ['gap', (pair) => significant(pair.modalityGap)],
    ['CCA', (pair) => share(pair.meanCanonicalCorrelation)],
    ['SVCCA', (pair) => share(pair.svcca)],
    ['CKA', (pair) => share(pair.linearCka)],
    ['Procrustes', (pair) => significant(pair.procrustesDisparity)],
  ]
  return lines(
    'pair',
    columns,
    pairs.map((pair) => [pair.modalities.join(' - '), pair]),
    means,
  )
}

function modalityTable({ modalities, means }: EvaluationData): Line[] {
  const columns: Columns<EvaluationData['means'] | EvaluationData['modalities'][number]> = [
    ['energy', ({ energy }) => significant(energy)],
    ['effective rank', ({ effectiveRank }) => effectiveRank.toFixed(1)],
    ['uniformity', ({ uniformityLoss }) => significant(uniformityLoss)],
    ['kept', ({ collapseRatio }) => share(collapseRatio)],
  ]
  return lines(
    'modality',
    columns,
    modalities.map((modality, m) => [String(m), modality]),
    means,
  )
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
