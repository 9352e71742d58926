import {
  CanonicalCorrelation,
  cmae,
  LeastSquares,
  LinearContrastive,
  ncmae,
  OrthogonalProcrustes,
  PerfectAlignment,
  recallAtK,
  topKAccuracy,
} from 'collimate'
import { convolutionalEncoder, trainContrastively } from '../methods/encoders.js'
import { trainDecoder } from '../methods/decoder.js'
import { recordings, split, standardisedWindows } from '../methods/recordings.js'
import { deviation, mean } from '../methods/statistics.js'
import { useWasm } from '../methods/tensor-flow.js'
import { figures, heading, legend, prose, table } from '../report/blocks.js'
import { claim } from '../report/claims.js'
import { meanCell, number, percent, percentCell } from '../report/format.js'
import { COLOURS, curves, strip } from '../report/plots.js'
import { PAPER_TABLE, tableRows } from '../report/paper-table.js'
import { beforeAndAfter, embedPairs } from './embedding.js'

const ACTIONS = 27
const KS = [1, 3, 5, 7]
/** Latent dimensions of everything but Equation 7 as the paper has it, which keeps the encoders' width. */
const K = 64

const FULL = { width: 512, epochs: 24, trials: 3, splits: ['sequence', 'subject'], checkpoints: [3, 6, 12, 24] }
// The width stays above the number of pairs, without which no alignment of the whole width is exact.
const QUICK = { width: 352, epochs: 6, trials: 1, splits: ['sequence'], checkpoints: [6] }

export const skeletonToInertial = transfer('skeleton', 'skeleton')
export const depthToInertial = transfer('depth', 'depth video')

function transfer(source, label) {
  return {
    id: `transfer-${source}`,
    title: `Cross-modal transfer from ${label} to inertial sensors`,
    item: source === 'skeleton' ? 'Table 1 (skeleton), Figures 5, 6' : 'Table 1 (depth)',
    data: ['utd-mhad'],
    weight: 100,
    async run({ quick, folder, progress }) {
      await useWasm()
      const settings = quick ? QUICK : FULL
      const data = recordings(folder, [source, 'inertial'])
      const configurations = settings.splits.flatMap((kind) =>
        Array.from({ length: settings.trials }, (_, i) => ({ kind, seed: i + 1 })),
      )
      const trials = configurations.map((configuration, i) =>
        runTrial(data, configuration, settings, (share, what) => progress(i + share, configurations.length, what)),
      )
      const numbers = summarise(trials, settings)
      const embedding =
        source === 'skeleton' ? beforeAndAfter(trials.filter(({ kind }) => kind === 'sequence')) : undefined
      return {
        numbers: { ...settings, k: K, ...numbers, ...(embedding ? { embedding: embedding.numbers } : {}) },
        blocks: [
          prose(...introduction(source, label, settings)),
          paperTable(numbers, settings),
          estimators(numbers, settings),
          comparison(numbers, settings),
          ...trainingBlocks(numbers, settings),
          ...(embedding?.blocks ?? []),
        ],
        claims: [...claims(numbers, label), ...(embedding?.claims ?? [])],
      }
    },
  }
}

const introduction = (source, label, { width, epochs, trials }) => [
  source === 'skeleton'
    ? `The paper’s application: encoders of two modalities are trained contrastively on paired recordings without labels (CA), a decoder is trained on labelled recordings of the source modality, and is then
applied to the inertial sensor, for which there are no labels. CA+PA puts perfect alignment between encoders and decoder. UTD-MHAD has 861 recordings of 27 actions by 8 people. Its RGB videos are not part of
the data at hand, so that the source is the skeleton here and the depth video (16 frames of 24 × 24 pixels) in the next section, where the paper has RGB with a pretrained ResNet18.`
    : `The same protocol with ${label} (16 frames of 24 × 24 pixels) as the source: of what is at hand the nearest to the paper’s RGB videos, though no pretrained network stands in front.`,
  `Encoders: two convolutions (over time; for depth over space and time) and two dense layers, ${width} latent dimensions (2048 in the paper: see the section on the full width), trained for ${epochs} epochs by Adam with InfoNCE at temperature 0.1. The
decoder has one hidden layer. Both are trained by TensorFlow.js in WebAssembly. Splits: by sequence, as in the paper (40 % labelled source, 40 % pairs, 20 % test), everybody being in every part; and by subject (three, three and two people), which is the
honest test of transfer to somebody new. ${trials} trial${trials === 1 ? '' : 's'} each, with other splits and initial weights.`,
]

const METHODS = [
  { name: 'CA', note: 'the encoders alone' },
  {
    name: 'CA+PA',
    note: 'Equation 7, the full width',
    make: (width) => new PerfectAlignment({ nComponents: width, selection: 'last' }),
  },
  {
    name: 'PA ‘last’',
    note: `k = ${K}`,
    full: true,
    make: () => new PerfectAlignment({ nComponents: K, selection: 'last' }),
  },
  {
    name: 'PA ‘informative’',
    note: `k = ${K}`,
    full: true,
    make: () => new PerfectAlignment({ nComponents: K, selection: 'informative', center: true }),
  },
  {
    name: 'PA ‘balanced’',
    note: `k = ${K}`,
    make: () => new PerfectAlignment({ nComponents: K, selection: 'balanced' }),
  },
  { name: 'PA ‘auto’', note: `k = ${K}`, full: true, make: () => new PerfectAlignment({ nComponents: K }) },
  {
    name: 'Canonical correlation',
    note: `OAS, k = ${K}`,
    full: true,
    make: () => new CanonicalCorrelation({ nComponents: K, regularization: 'oas' }),
  },
  { name: 'Linear contrastive', note: `k = ${K}`, full: true, make: () => new LinearContrastive({ nComponents: K }) },
  { name: 'Procrustes', note: 'a rotation', full: true, make: () => new OrthogonalProcrustes({ center: true }) },
  {
    name: 'Least squares',
    note: 'ridge 10, source to target',
    full: true,
    make: () => new LeastSquares({ ridge: 10, target: 1 }),
  },
]

function runTrial(data, { kind, seed }, settings, progress) {
  const parts = split(data, kind, seed)
  const name = `${kind} ${seed}`
  const [source, target] = data.modalities
  const seen = [
    standardisedWindows(source, [...parts.source, ...parts.alignment]),
    standardisedWindows(target, parts.alignment),
  ]
  const encoders = seen.map((windows, m) => convolutionalEncoder(windows, settings.width, `${name} encoder ${m}`))
  const latents = () => ({
    labelled: encoders[0].encode(parts.source),
    pairs: encoders.map((encoder) => encoder.encode(parts.alignment)),
    test: encoders.map((encoder) => encoder.encode(parts.test)),
  })
  const labels = {
    labelled: parts.source.map((row) => data.actions[row]),
    test: parts.test.map((row) => data.actions[row]),
  }
  const training = []
  trainContrastively(encoders, parts.alignment, {
    epochs: settings.epochs,
    seed: name,
    afterEpoch(epoch, loss) {
      progress((0.6 * epoch) / settings.epochs, `training, ${name}`)
      if (!settings.checkpoints.includes(epoch)) return
      const z = latents()
      const early = METHODS.filter(({ full }) => !full).map((method) => ({
        method: method.name,
        ...assess(method, z, labels, settings.width, name),
      }))
      training.push({ epoch, loss, methods: early })
    },
  })
  const z = latents()
  for (const encoder of encoders) encoder.dispose()
  const chosen = METHODS.filter((method) => settings === FULL || !method.full)
  const last = training.at(-1).methods
  const methods = chosen.map((method, i) => {
    progress(0.6 + (0.4 * i) / chosen.length, `${method.name}, ${name}`)
    // The last checkpoint is the end of the training.
    return (
      last.find((done) => done.method === method.name) ?? {
        method: method.name,
        ...assess(method, z, labels, settings.width, name),
      }
    )
  })
  const aligned = METHODS[1].make(settings.width).fit(z.pairs)
  const embedding = { before: z.test, after: z.test.map((x, m) => aligned.transform(x, m)), labels: labels.test }
  return { kind, seed, methods, training, embedding: embedPairs(embedding, seed) }
}

/** Puts a method between encoders and decoder; CA has none. */
function assess({ make }, { labelled, pairs, test }, labels, width, seed) {
  const model = make?.(width).fit(pairs)
  const map = (x, m) => (model === undefined ? x : model.transform(x, m))
  const decode = trainDecoder(map(labelled, 0), labels.labelled, { classes: ACTIONS, seed: `${seed} decoder` })
  const [a, b] = test.map(map)
  const scores = decode(b)
  const result = {
    trainingCmae: cmae(...pairs.map(map)),
    cmae: cmae(a, b),
    ncmae: ncmae(a, b),
    recall1: recallAtK(b, a, 1),
    top: KS.map((k) => topKAccuracy(scores, labels.test, k)),
    sourceTop1: topKAccuracy(decode(a), labels.test, 1),
    ...(model?.selected ? { selected: model.selected } : {}),
  }
  decode.dispose()
  return result
}

const spreadOf = (values) => ({ mean: mean(values), deviation: deviation(values), values })

function summarise(trials, { splits }) {
  const bySplit = {}
  for (const kind of splits) {
    const own = trials.filter((trial) => trial.kind === kind)
    bySplit[kind] = {}
    for (const { method } of own[0].methods) {
      const runs = own.map(({ methods }) => methods.find((one) => one.method === method))
      bySplit[kind][method] = {
        ...Object.fromEntries(
          ['trainingCmae', 'cmae', 'ncmae', 'recall1', 'sourceTop1'].map((key) => [
            key,
            spreadOf(runs.map((run) => run[key])),
          ]),
        ),
        ...Object.fromEntries(KS.map((k, i) => [`top${k}`, spreadOf(runs.map(({ top }) => top[i]))])),
        ...(runs[0].selected ? { selected: [...new Set(runs.map(({ selected }) => selected))].join(', ') } : {}),
      }
    }
  }
  const training = trials.flatMap(({ kind, seed, training: points }) =>
    points.flatMap(({ epoch, loss, methods }) =>
      methods.map(({ method, top, cmae: error }) => ({ kind, seed, epoch, loss, method, top1: top[0], cmae: error })),
    ),
  )
  return { bySplit, training }
}

const SPLIT_NAMES = { sequence: 'by sequence', subject: 'by subject' }

function paperTable({ bySplit }, { splits, width, trials }) {
  return table({
    caption: `Table 1: the paper’s RGB → inertial beside ours, mean ± deviation over ${trials} trial${trials === 1 ? '' : 's'} (paper: 3). Chance is ${percent(1 / ACTIONS)}, ${percent(3 / ACTIONS)}, ${percent(5 / ACTIONS)}, ${percent(7 / ACTIONS)}. CMAE is in each space’s own units: only its fall from CA to CA+PA can be compared.`,
    columns: ['', 'CMAE', 'Top-1 (%)', 'Top-3 (%)', 'Top-5 (%)', 'Top-7 (%)'],
    rows: [
      ...PAPER_TABLE.map((row) => ({ from: 'paper', cells: row })),
      ...splits.flatMap((kind) => tableRows(bySplit[kind], KS, `${SPLIT_NAMES[kind]}, width ${width}`)),
    ],
  })
}

function estimators({ bySplit }, { splits }) {
  const rows = splits.flatMap((kind) =>
    METHODS.filter(({ name }) => bySplit[kind][name]).map(({ name, note }) => {
      const m = bySplit[kind][name]
      const chose = name.includes('auto') ? `, chose ‘${m.selected}’` : ''
      return [
        `${name}<small>${note}${chose}; ${SPLIT_NAMES[kind]}</small>`,
        meanCell(m.trainingCmae, 2),
        meanCell(m.cmae, 2),
        meanCell(m.ncmae, 2),
        percentCell(m.recall1),
        percentCell(m.top1),
        percentCell(m.top3),
        percentCell(m.sourceTop1),
      ]
    }),
  )
  return table({
    caption:
      'CA with every estimator and selection of the library behind it. CMAE and NCMAE on the test pairs, recall@1 of a test recording’s partner by cosine (inertial to source), top-1 and top-3 on the inertial sensor, and for comparison top-1 on the source modality itself, which the decoder was trained for.',
    columns: ['', 'CMAE, fitted', 'CMAE, test', 'NCMAE', 'recall@1 (%)', 'Top-1 (%)', 'Top-3 (%)', 'Top-1, source (%)'],
    rows,
  })
}

function comparison({ bySplit }, { splits }) {
  return figures({
    caption:
      'Top-1 accuracy on the inertial sensor; one circle a trial, the bar is their mean, the dashed line CA’s mean.',
    least: 400,
    panels: splits.map((kind) => ({
      title: `Split ${SPLIT_NAMES[kind]}`,
      svg: strip({
        x: 'top-1 accuracy',
        domain: [0, 1],
        marginLeft: 140,
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
function trainingBlocks({ training }, { splits, checkpoints }) {
  if (checkpoints.length < 2) return []
  const names = METHODS.filter(({ full }) => !full).map(({ name }) => name)
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

function claims({ bySplit, training }, label) {
  const kinds = Object.keys(bySplit)
  const gain = (kind, k) => bySplit[kind]['CA+PA'][`top${k}`].mean - bySplit[kind].CA[`top${k}`].mean
  const points = (value) => `${value >= 0 ? '+' : '−'}${Math.abs(100 * value).toFixed(1)} points`
  const [first, last] = [Math.min, Math.max].map((pick) => pick(...training.map(({ epoch }) => epoch)))
  const at = (kind, epoch, method) =>
    mean(training.filter((p) => p.kind === kind && p.epoch === epoch && p.method === method).map(({ top1 }) => top1))
  const baseAt = (kind, epoch) => at(kind, epoch, 'CA')
  const gainAt = (kind, epoch) => at(kind, epoch, 'CA+PA') - baseAt(kind, epoch)
  const trainingQuestion = () =>
    claim({
      question: true,
      says: `Does perfect alignment stand in for contrastive training (${label})?`,
      where: 'beyond Table 1',
      tests: kinds.map((kind) => ({
        test: `${SPLIT_NAMES[kind]}: its gain after ${first} epochs is larger than after ${last} by 5 points or more`,
        measured: `${points(gainAt(kind, first))} on ${percent(baseAt(kind, first))}, then ${points(gainAt(kind, last))} on ${percent(baseAt(kind, last))}`,
        holds: gainAt(kind, first) - gainAt(kind, last) >= 0.05,
      })),
      remark:
        'A few epochs and one SVD reach what takes many epochs otherwise; once the encoders are trained to the end there is little left to add.',
    })
  const othersQuestion = () =>
    claim({
      question: true,
      says: `Do other linear maps behind the same encoders do better (${label})?`,
      where: 'beyond Table 1',
      tests: kinds.flatMap((kind) =>
        ['PA ‘balanced’', 'Procrustes', 'Least squares'].map((name) => ({
          test: `${SPLIT_NAMES[kind]}: ${name} has a higher top-1 than both CA and CA+PA`,
          measured: `${percent(bySplit[kind][name].top1.mean)} against ${percent(bySplit[kind].CA.top1.mean)} and ${percent(bySplit[kind]['CA+PA'].top1.mean)}`,
          holds: bySplit[kind][name].top1.mean > Math.max(bySplit[kind].CA.top1.mean, bySplit[kind]['CA+PA'].top1.mean),
        })),
      ),
    })
  return [
    claim({
      says: 'Perfect alignment on top of contrastive alignment significantly improves CMAE (2210 to 8.66).',
      where: 'Table 1',
      tests: kinds.map((kind) => {
        const [before, after] = ['CA', 'CA+PA'].map((name) => bySplit[kind][name].cmae)
        return {
          test: `${label}, ${SPLIT_NAMES[kind]}: the test pairs’ CMAE falls in the mean by more than a deviation`,
          measured: `${number(before.mean)} to ${number(after.mean)} (NCMAE ${number(bySplit[kind].CA.ncmae.mean)} to ${number(bySplit[kind]['CA+PA'].ncmae.mean)})`,
          holds: before.mean - after.mean > Math.max(before.deviation, after.deviation),
        }
      }),
      remark:
        'By a factor of a few, not of 255: what the factor is depends on how large the encoders’ latents are to begin with. The NCMAE, which does not, says how much of the fall is more than shrinking.',
    }),
    claim({
      says: 'It raises the accuracy of cross-modal transfer: top-1 by 5.3 points (38.6 to 43.9 %), top-3, 5 and 7 by 4.5, 3.4 and 1.9.',
      where: 'Table 1',
      tests: kinds.map((kind) => ({
        test: `${label}, ${SPLIT_NAMES[kind]}: top-1 is higher with Equation 7 than without`,
        measured: `${percent(bySplit[kind].CA.top1.mean)} to ${percent(bySplit[kind]['CA+PA'].top1.mean)}; ${KS.map((k) => `top-${k} ${points(gain(kind, k))}`).join(', ')}`,
        holds: gain(kind, 1) > 0,
      })),
      remark: `The paper’s baseline is weaker than ours. Where ours is as weak, after ${first} epoch${first === 1 ? '' : 's'} of contrastive training, Equation 7 adds more than the paper reports: ${kinds
        .map((kind) => `${points(gainAt(kind, first))} on ${percent(baseAt(kind, first))} ${SPLIT_NAMES[kind]}`)
        .join(', ')}.`,
    }),
    ...(first < last ? [trainingQuestion()] : []),
    ...(kinds.every((kind) => bySplit[kind].Procrustes) ? [othersQuestion()] : []),
    claim({
      says: 'Zero CMAE is not achieved on test data; perfect alignment holds on the pairs it was fitted to.',
      where: 'Section 3.2',
      tests: kinds.map((kind) => ({
        test: `${label}, ${SPLIT_NAMES[kind]}: rounding error on the fitted pairs, not on the test pairs`,
        measured: `${number(bySplit[kind]['CA+PA'].trainingCmae.mean)} and ${number(bySplit[kind]['CA+PA'].cmae.mean)}`,
        holds: bySplit[kind]['CA+PA'].trainingCmae.mean < 1e-9 && bySplit[kind]['CA+PA'].cmae.mean > 1e-3,
      })),
    }),
  ]
}
