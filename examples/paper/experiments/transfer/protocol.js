import { cmae, ncmae, recallAtK, topKAccuracy } from 'collimate'
import { trainDecoder } from '../../methods/decoder.js'
import { convolutionalEncoder, trainContrastively } from '../../methods/encoders.js'
import { split, standardisedWindows } from '../../methods/recordings.js'

const ACTIONS = 27
/** The paper's top-k accuracies. */
export const KS = [1, 3, 5, 7]
export const SPLIT_NAMES = { sequence: 'by sequence', subject: 'by subject' }
/** The accuracies of guessing. */
export const CHANCES = KS.map((k) => k / ACTIONS)

/**
 * The encoders of one trial, trained contrastively on its alignment pairs (CA). They know source recordings of the labelled and
 * the alignment part, inertial ones of the alignment part only.
 *
 * @param {{ modalities: import('../../methods/recordings.js').Windows[], actions: number[] }} data source and target modality
 * @param {{ kind: string, seed: number, name: string }} trial
 * @param {{ width: number, hidden?: number, epochs: number, checkpoints: number[] }} settings
 * @param {{ epoch(epoch: number): void, checkpoint(epoch: number, loss: number, latents: object): void }} listener
 */
export function trainEncoders(data, { kind, seed, name }, { width, hidden, epochs, checkpoints }, listener) {
  const parts = split(data, kind, seed)
  const [source, target] = data.modalities
  const encoders = [
    standardisedWindows(source, [...parts.source, ...parts.alignment]),
    standardisedWindows(target, parts.alignment),
  ].map((windows, m) => convolutionalEncoder(windows, width, `${name} encoder ${m}`, hidden))
  trainContrastively(encoders, parts.alignment, {
    epochs,
    seed: name,
    afterEpoch(epoch, loss) {
      listener.epoch(epoch)
      if (checkpoints.includes(epoch)) listener.checkpoint(epoch, loss, latentsOf(encoders, parts, data.actions))
    },
  })
  for (const encoder of encoders) encoder.dispose()
}

/** What a method gets to see: labelled source latents, pairs, and test pairs of which only the inertial one is decoded. */
function latentsOf(encoders, parts, actions) {
  const labels = (rows) => rows.map((row) => actions[row])
  return {
    labelled: encoders[0].encode(parts.source),
    pairs: encoders.map((encoder) => encoder.encode(parts.alignment)),
    test: encoders.map((encoder) => encoder.encode(parts.test)),
    labels: { labelled: labels(parts.source), test: labels(parts.test) },
  }
}

/**
 * The figures of Table 1 and more, for latents that `map(x, modality)` has been put behind.
 *
 * @param {(x: import('collimate').Matrix, modality: number) => import('collimate').Matrix} map
 * @param {ReturnType<typeof latentsOf>} latents
 * @param {string} seed of the decoder
 */
export function assess(map, { labelled, pairs, test, labels }, seed) {
  const decode = trainDecoder(map(labelled, 0), labels.labelled, { classes: ACTIONS, seed: `${seed} decoder` })
  const [a, b] = test.map(map)
  const scores = decode(b)
  const result = {
    trainingCmae: cmae(...pairs.map(map)),
    cmae: cmae(a, b),
    ncmae: ncmae(a, b),
    recall1: recallAtK(b, a, 1),
    ...Object.fromEntries(KS.map((k) => [`top${k}`, topKAccuracy(scores, labels.test, k)])),
    sourceTop1: topKAccuracy(decode(a), labels.test, 1),
  }
  decode.dispose()
  return result
}
