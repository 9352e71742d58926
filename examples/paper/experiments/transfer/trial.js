import { centres } from '../../methods/statistics.js'
import { embedPairs } from './embedding.js'
import { assessEstimator, EARLY, ESTIMATORS, fitMap } from './estimators.js'
import { trainEncoders } from './protocol.js'

/** The share of a trial's time that the training of the encoders takes. */
const TRAINING_SHARE = 0.6

/** One split and one training of the encoders: all estimators at its end, some at the checkpoints on the way there. */
export function runTrial(data, { kind, seed }, settings, progress) {
  const { width, epochs } = settings
  const name = `${kind} ${seed}`
  const training = []
  let latents
  trainEncoders(data, { kind, seed, name }, settings, {
    epoch: (epoch) => progress((TRAINING_SHARE * epoch) / epochs, `training, ${name}`),
    checkpoint(epoch, loss, now) {
      latents = now
      training.push({ epoch, loss, methods: EARLY.map((one) => assessEstimator(one, now, width, name)) })
    },
  })
  // The last checkpoint is the end of the training.
  const last = training.at(-1).methods
  const methods = settings.estimators.map((one, i, { length }) => {
    progress(TRAINING_SHARE + ((1 - TRAINING_SHARE) * i) / length, `${one.name}, ${name}`)
    return last.find(({ method }) => method === one.name) ?? assessEstimator(one, latents, width, name)
  })
  return { kind, seed, methods, training, embedding: embed(latents, width, seed) }
}

function embed({ pairs, test, labels }, width, seed) {
  const { map } = fitMap(
    ESTIMATORS.find(({ name }) => name === 'CA+PA'),
    pairs,
    width,
  )
  return embedPairs({ before: test, after: test.map(map), labels: labels.test }, seed)
}

/** Mean and deviation of every figure by split and method, and every point of every training. */
export function summarise(trials, splits) {
  const bySplit = Object.fromEntries(splits.map((kind) => [kind, byMethod(trials.filter((one) => one.kind === kind))]))
  const training = trials.flatMap(({ kind, seed, training: points }) =>
    points.flatMap(({ epoch, loss, methods }) =>
      methods.map(({ method, figures: { top1, cmae } }) => ({ kind, seed, epoch, loss, method, top1, cmae })),
    ),
  )
  return { bySplit, training }
}

function byMethod(trials) {
  return Object.fromEntries(
    trials[0].methods.map(({ method }) => {
      const runs = trials.map(({ methods }) => methods.find((one) => one.method === method))
      const selected = [...new Set(runs.flatMap((run) => run.selected ?? []))].join(', ')
      return [method, { ...centres(runs.map(({ figures }) => figures)), ...(selected === '' ? {} : { selected }) }]
    }),
  )
}
