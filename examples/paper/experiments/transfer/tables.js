import { figures, heading, legend, prose, table } from '../../report/blocks.js'
import { counted, meanCell, percent, percentCell } from '../../report/format.js'
import { COLOURS, curves, strip } from '../../report/plots.js'
import { mean } from '../../methods/statistics.js'
import { EARLY, ESTIMATORS } from './estimators.js'
import { tableOne } from './paper-table.js'
import { CHANCES, SPLIT_NAMES } from './protocol.js'

export function paperTable({ bySplit }, { splits, width, trials }) {
  return tableOne({
    caption: `Table 1: the paper’s RGB → inertial beside ours, mean ± deviation over ${counted(trials, 'trial')} (paper: 3). Chance is ${CHANCES.map((share) => percent(share)).join(', ')}. CMAE is in each space’s own units: only its fall from CA to CA+PA can be compared.`,
    ours: splits.map((kind) => ({ methods: bySplit[kind], note: `${SPLIT_NAMES[kind]}, width ${width}` })),
  })
}

export function estimatorTable({ bySplit }, { splits }) {
  const rows = splits.flatMap((kind) => [
    { group: `Split ${SPLIT_NAMES[kind]}` },
    ...ESTIMATORS.filter(({ name }) => bySplit[kind][name]).map(({ name, note }) => {
      const m = bySplit[kind][name]
      const chose = name.includes('auto') ? `, chose ‘${m.selected}’` : ''
      return [
        `${name}<small>${note}${chose}</small>`,
        meanCell(m.trainingCmae, 2),
        meanCell(m.cmae, 2),
        meanCell(m.ncmae, 2),
        percentCell(m.recall1),
        percentCell(m.top1),
        percentCell(m.top3),
        percentCell(m.sourceTop1),
      ]
    }),
  ])
  return table({
    caption:
      'CA with every estimator and selection of the library behind it. CMAE and NCMAE on the test pairs, recall@1 of a test recording’s partner by cosine (inertial to source), top-1 and top-3 on the inertial sensor, and for comparison top-1 on the source modality itself, which the decoder was trained for.',
    columns: ['', 'CMAE, fitted', 'CMAE, test', 'NCMAE', 'recall@1 (%)', 'Top-1 (%)', 'Top-3 (%)', 'Top-1, source (%)'],
    rows,
  })
}

export function comparison({ bySplit }, { splits }) {
  return figures({
    caption:
      'Top-1 accuracy on the inertial sensor; one circle a trial, the bar is their mean, the dashed line CA’s mean.',
    least: 400,
    panels: splits.map((kind) => ({
      title: `Split ${SPLIT_NAMES[kind]}`,
      svg: strip({
        x: 'top-1 accuracy',
        domain: [0, 1],
        marginLeft: 160,
        width: 460,
        rules: [{ x: bySplit[kind].CA.top1.mean, label: 'CA' }],
        rows: Object.entries(bySplit[kind]).map(([name, { top1 }], i) => ({
          name,
          values: top1.values,
          colour: COLOURS[i < 2 ? i : 2],
        })),
      }),
    })),
  })
}

/** What perfect alignment adds after how much contrastive training. */
export function trainingBlocks({ training }, { splits, checkpoints }) {
  if (checkpoints.length < 2) return []
  const names = EARLY.map(({ name }) => name)
  const series = (kind) =>
    names.map((name, i) => ({
      colour: COLOURS[i],
      points: checkpoints.map((epoch) => {
        const values = training
          .filter((p) => p.kind === kind && p.method === name && p.epoch === epoch)
          .map(({ top1 }) => top1)
        return { x: epoch, median: mean(values), low: Math.min(...values), high: Math.max(...values) }
      }),
    }))
  return [
    heading('Does alignment help more where the encoders are worse?'),
    prose(
      'The paper’s encoders reach 38.6 % before perfect alignment, on 2048 dimensions whose pairs are 2210 apart. To see whether the gain depends on how far contrastive training has come, the same steps are taken at several points of it.',
    ),
    figures({
      caption:
        'Top-1 on the inertial sensor against the epochs of contrastive training; mean, and the range of the trials.',
      least: 340,
      legend: legend(names.map((name, i) => ({ name, colour: COLOURS[i] }))),
      panels: splits.map((kind) => ({
        title: `Split ${SPLIT_NAMES[kind]}`,
        svg: curves({
          series: series(kind),
          x: 'epochs of contrastive training',
          y: 'top-1 accuracy',
          logX: true,
          domainY: [0, 1],
          ticksX: 4,
        }),
      })),
    }),
  ]
}
