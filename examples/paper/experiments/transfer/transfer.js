import { recordings } from '../../methods/recordings.js'
import { useWasm } from '../../methods/tensor-flow.js'
import { prose } from '../../report/blocks.js'
import { counted } from '../../report/format.js'
import { transferClaims } from './claims.js'
import { diagram } from './diagram.js'
import { beforeAndAfter } from './embedding.js'
import { EARLY, ESTIMATORS, K } from './estimators.js'
import { comparison, estimatorTable, paperTable, trainingBlocks } from './tables.js'
import { runTrial, summarise } from './trial.js'

const FULL = {
  width: 512,
  epochs: 24,
  trials: 3,
  splits: ['sequence', 'subject'],
  checkpoints: [3, 6, 12, 24],
  estimators: ESTIMATORS,
}
// The width stays above the number of pairs, without which no alignment of the whole width is exact.
const QUICK = { width: 352, epochs: 6, trials: 1, splits: ['sequence'], checkpoints: [6], estimators: EARLY }

export const skeletonToInertial = transfer('skeleton', 'skeleton', 'Table 1 (skeleton), Figures 5, 6')
export const depthToInertial = transfer('depth', 'depth video', 'Table 1 (depth)')

function transfer(source, label, item) {
  return {
    id: `transfer-${source}`,
    title: `Cross-modal transfer from ${label} to inertial sensors`,
    item,
    data: ['utd-mhad'],
    weight: 100,
    async run({ quick, folder, progress }) {
      await useWasm()
      const { estimators, ...settings } = quick ? QUICK : FULL
      const data = recordings(folder, [source, 'inertial'])
      const configurations = settings.splits.flatMap((kind) =>
        Array.from({ length: settings.trials }, (_, i) => ({ kind, seed: i + 1 })),
      )
      const trials = configurations.map((configuration, i) =>
        runTrial(data, configuration, { ...settings, estimators }, (share, what) =>
          progress(i + share, configurations.length, what),
        ),
      )
      const numbers = summarise(trials, settings.splits)
      // The paper has one Figure 6; ours is that of the skeleton.
      const embedding =
        source === 'skeleton' ? beforeAndAfter(trials.filter(({ kind }) => kind === 'sequence')) : undefined
      return {
        numbers: { ...settings, k: K, ...numbers, ...(embedding ? { embedding: embedding.numbers } : {}) },
        blocks: [
          prose(...introduction(source, label, settings)),
          ...(source === 'skeleton' ? [diagram(source)] : []),
          paperTable(numbers, settings),
          estimatorTable(numbers, settings),
          comparison(numbers, settings),
          ...trainingBlocks(numbers, settings),
          ...(embedding?.blocks ?? []),
        ],
        claims: [...transferClaims(numbers, label), ...(embedding?.claims ?? [])],
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
decoder has one hidden layer. Both are trained by TensorFlow.js in WebAssembly. Splits: by sequence, as in the paper, everybody being in every part (40 % labelled source, 40 % pairs, 20 % test: the paper’s 10 % for validation and 10 % for testing, as nothing is chosen by validation here); and by subject (three, three and two people), which is the
honest test of transfer to somebody new. ${counted(trials, 'trial')} each, with other splits and initial weights.`,
]
