import {
  CanonicalCorrelation,
  Matrix,
  matmul,
  meanPairwiseNcmae,
  PerfectAlignment,
  recallAtK,
  svdPartial,
  topKAccuracy,
} from 'collimate'
import { loadArray } from '../methods/data-sets.js'
import { below, moments, standardised, takeRows } from '../methods/matrices.js'
import { recordings, split } from '../methods/recordings.js'
import { centres } from '../methods/statistics.js'
import { prose, table } from '../report/blocks.js'
import { claim } from '../report/claims.js'
import { counted, number, percent, percentCell } from '../report/format.js'

const ACTIONS = 27
const [DIMENSIONS, K, NEIGHBOURS] = [100, 64, 5]

export default {
  id: 'three-modalities',
  title: 'Three modalities: skeleton, depth and inertial sensors',
  item: 'Limitations',
  data: ['utd-mhad'],
  weight: 50,
  run({ quick, folder, progress }) {
    const { actions, subjects } = recordings(folder, [])
    const features = flattened(folder)
    const [kinds, trials] = quick ? [['sequence'], 1] : [['sequence', 'subject'], 3]
    const total = kinds.length * trials
    let done = 0
    const rows = kinds.flatMap((kind) => {
      const runs = Array.from({ length: trials }, (_, i) => {
        progress(done++, total, `${kind} ${i + 1}`)
        return trial(features, actions, split({ actions, subjects }, kind, i + 1))
      })
      return METHODS.map(({ name, note }) => ({ kind, name, note, ...centres(runs.map((run) => run[name])) }))
    })
    return {
      numbers: { trials, k: K, rows },
      blocks: [prose(INTRODUCTION), results(rows, trials)],
      claims: claims(rows),
    }
  },
}

const INTRODUCTION = `Does a third modality help the transfer to the inertial sensor? Here without encoders: recordings as they are, flattened, standardised, and reduced to ${DIMENSIONS} principal components of the alignment pairs, so that everything
is linear. Actions are taken from the ${NEIGHBOURS} nearest labelled latents (cosine). With three modalities labels of skeleton and of depth recordings can both be used.`

const balanced = () => new PerfectAlignment({ nComponents: K, selection: 'balanced', scale: false })
const correlation = () => new CanonicalCorrelation({ nComponents: K, regularization: 'oas', scale: false })
const METHODS = [
  { name: 'skeleton alone', note: 'two modalities, ‘balanced’', use: [0, 2], labelled: [0], make: balanced },
  { name: 'depth alone', note: 'two modalities, ‘balanced’', use: [1, 2], labelled: [1], make: balanced },
  {
    name: 'skeleton, depth helping the alignment',
    note: 'three modalities, ‘balanced’',
    use: [0, 1, 2],
    labelled: [0],
    make: balanced,
  },
  {
    name: 'skeleton and depth',
    note: 'three modalities, ‘balanced’',
    use: [0, 1, 2],
    labelled: [0, 1],
    make: balanced,
  },
  {
    name: 'skeleton and depth, CCA',
    note: 'three modalities, OAS',
    use: [0, 1, 2],
    labelled: [0, 1],
    make: correlation,
  },
  {
    name: 'skeleton and depth, Equation 7',
    note: 'three modalities, ‘last’',
    use: [0, 1, 2],
    labelled: [0, 1],
    make: () => new PerfectAlignment({ nComponents: K, selection: 'last', center: true }),
  },
]

function flattened(folder) {
  return ['skeleton_64x60', 'depth_16x24x24_u8', 'inertial_64x6'].map((file) => {
    const { data, shape } = loadArray(folder, `utd-mhad/${file}.npy`)
    return new Matrix(shape[0], data.length / shape[0], Float64Array.from(data))
  })
}

function trial(features, actions, parts) {
  const reduced = features.map((x) => reduce(x, parts))
  const labelsOf = (rows) => rows.map((row) => actions[row])
  return Object.fromEntries(
    METHODS.map(({ name, use, labelled, make }) => {
      const model = make().fit(use.map((m) => reduced[m].alignment))
      const latent = (m, part) => model.transform(reduced[m][part], use.indexOf(m))
      const known = below(labelled.map((m) => latent(m, 'source')))
      const test = use.map((m) => latent(m, 'test'))
      const scores = nearestVotes(
        known,
        labelled.flatMap(() => labelsOf(parts.source)),
        test.at(-1),
      )
      return [
        name,
        {
          top1: topKAccuracy(scores, labelsOf(parts.test), 1),
          top3: topKAccuracy(scores, labelsOf(parts.test), 3),
          recall: recallAtK(test.at(-1), test[0], 1),
          ncmae: meanPairwiseNcmae(test),
        },
      ]
    }),
  )
}

/** Principal components of the alignment rows, for all parts. */
function reduce(x, { source, alignment, test }) {
  const scale = moments(takeRows(x, alignment))
  const [a, b, c] = [source, alignment, test].map((rows) => standardised(takeRows(x, rows), scale))
  const { V } = svdPartial(b, DIMENSIONS)
  const project = (part) => matmul(part, V)
  return { source: project(a), alignment: project(b), test: project(c) }
}

/** Scores of every class: the votes of the nearest labelled rows, closer ones counting slightly more. */
function nearestVotes(known, labels, queries) {
  const lengths = (x) => Array.from({ length: x.rows }, (_, i) => Math.hypot(...x.row(i)) || 1)
  const [knownLengths, queryLengths] = [known, queries].map(lengths)
  const products = matmul(queries, known, { transposeB: true })
  const scores = new Matrix(queries.rows, ACTIONS)
  for (let q = 0; q < queries.rows; q++) {
    const cosines = products.row(q).map((v, i) => v / knownLengths[i] / queryLengths[q])
    const nearest = Array.from(cosines.keys()).sort((i, j) => cosines[j] - cosines[i] || i - j)
    nearest
      .slice(0, NEIGHBOURS)
      .forEach((i) => scores.set(q, labels[i], scores.get(q, labels[i]) + 1 + 1e-3 * cosines[i]))
  }
  return scores
}

function results(rows, trials) {
  const kinds = new Set(rows.map(({ kind }) => kind))
  return table({
    caption: `Mean ± deviation over ${counted(trials, 'trial')}, k = ${K}. recall@1: a test recording’s inertial latent finds its first other modality. NCMAE over the pairs of modalities.`,
    columns: ['', 'Top-1 (%)', 'Top-3 (%)', 'recall@1 (%)', 'NCMAE'],
    rows: [...kinds].flatMap((kind) => [
      { group: `Split by ${kind}` },
      ...rows
        .filter((row) => row.kind === kind)
        .map(({ name, note, top1, top3, recall, ncmae }) => [
          `${name}<small>${note}</small>`,
          percentCell(top1),
          percentCell(top3),
          percentCell(recall),
          number(ncmae.mean, 2),
        ]),
    ]),
  })
}

function claims(rows) {
  const kinds = [...new Set(rows.map(({ kind }) => kind))]
  const of = (kind, name) => rows.find((row) => row.kind === kind && row.name === name).top1
  return [
    claim({
      question: true,
      says: 'Does a third modality help cross-modal transfer?',
      where: 'Section 5 (limitation)',
      tests: kinds.map((kind) => {
        const [two, three] = [of(kind, 'skeleton alone'), of(kind, 'skeleton and depth')]
        return {
          test: `by ${kind}: skeleton and depth give a higher top-1 than skeleton alone`,
          measured: `${percent(three.mean)} against ${percent(two.mean)}`,
          holds: three.mean > two.mean,
        }
      }),
      remark:
        'Not here: the depth recordings (24 × 24 pixels) transfer worse by themselves than the skeleton, and a space that must suit all three is less good for skeleton and sensor.',
    }),
  ]
}
