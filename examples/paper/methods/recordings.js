import { loadArray, loadTable } from './data-sets.js'
import { permutation } from './random.js'

const HIP = 3
const AXES = 3
/** Subjects of UTD-MHAD. */
const SUBJECTS = [1, 2, 3, 4, 5, 6, 7, 8]

/**
 * One modality of all recordings, cut into the overlapping windows that a first convolution sees. Windows that the second
 * convolution takes together stand together.
 *
 * @typedef {{ data: Float32Array, rows: number, blocks: number, perBlock: number, width: number, channels: number }} Windows
 */

/** UTD-MHAD: the modalities `names` and each recording's action (0 to 26) and subject. */
export function recordings(folder, names) {
  const index = loadTable(folder, 'utd-mhad/index.csv')
  return {
    modalities: names.map((name) => MODALITIES[name](folder)),
    actions: index.map(({ action }) => Number(action) - 1),
    subjects: index.map(({ subject }) => Number(subject)),
  }
}

const MODALITIES = {
  inertial: (folder) => sequence(loadArray(folder, 'utd-mhad/inertial_64x6.npy')),
  skeleton: (folder) => sequence(hipCentred(loadArray(folder, 'utd-mhad/skeleton_64x60.npy'))),
  depth: (folder) => video(loadArray(folder, 'utd-mhad/depth_16x24x24_u8.npy')),
}

/** Joints relative to the hip at every time, so that where a person stands does not matter. */
function hipCentred({ data, shape }) {
  const centred = Float32Array.from(data)
  const frame = shape[2]
  for (let start = 0; start < data.length; start += frame) {
    for (let j = 0; j < frame; j++) centred[start + j] -= data[start + HIP * AXES + (j % AXES)]
  }
  return { data: centred, shape }
}

/** Windows of 8 time points, 4 apart; four neighbours make a block. */
function sequence({ data, shape: [rows, times, channels] }) {
  const [length, step, perBlock] = [8, 4, 4]
  const count = times / step
  const width = length * channels
  const windows = new Float32Array(rows * count * width)
  for (let r = 0; r < rows; r++) {
    for (let w = 0; w < count; w++) {
      for (let t = 0; t < length; t++) {
        const time = w * step - (length - step) / 2 + t
        if (time < 0 || time >= times) continue
        const from = (r * times + time) * channels
        windows.set(data.subarray(from, from + channels), (r * count + w) * width + t * channels)
      }
    }
  }
  return { data: windows, rows, blocks: count / perBlock, perBlock, width, channels }
}

/** Windows of 4 frames and 8 x 8 pixels, 4 frames and 6 pixels apart; 2 x 2 x 2 neighbours make a block. */
function video({ data, shape: [rows, frames, height, width] }) {
  const [depth, size, step, pad] = [4, 8, 6, 1]
  const across = height / step
  const places = Array.from({ length: (frames / depth) * across * across }, (_, p) => blockOrder(p))
  const volume = depth * size * size
  const windows = new Float32Array(rows * places.length * volume)
  let out = 0
  for (let r = 0; r < rows; r++) {
    for (const [t0, y0, x0] of places) {
      for (let t = 0; t < depth; t++) {
        for (let y = y0 * step - pad; y < y0 * step - pad + size; y++) {
          for (let x = x0 * step - pad; x < x0 * step - pad + size; x++, out++) {
            if (y < 0 || y >= height || x < 0 || x >= width) continue
            windows[out] = data[((r * frames + t0 * depth + t) * height + y) * width + x]
          }
        }
      }
    }
  }
  return { data: windows, rows, blocks: places.length / 8, perBlock: 8, width: volume, channels: 1 }
}

/** The p-th place (time, y, x) of a 4 x 4 x 4 grid in an order in which every eight are a 2 x 2 x 2 block. */
function blockOrder(p) {
  const bit = (k) => (p >> k) & 1
  return [2 * bit(5) + bit(2), 2 * bit(4) + bit(1), 2 * bit(3) + bit(0)]
}

/** The windows in units of the deviation of the given rows, by channel; what lies outside a recording becomes 0. */
export function standardisedWindows(windows, trainingRows) {
  const { data, channels } = windows
  const size = data.length / windows.rows
  const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)]
  for (const row of trainingRows) {
    for (let i = row * size; i < (row + 1) * size; i++) {
      sums[i % channels] += data[i]
      squares[i % channels] += data[i] * data[i]
    }
  }
  const count = (trainingRows.length * size) / channels
  const means = sums.map((s) => s / count)
  const deviations = squares.map((s, c) => Math.sqrt(Math.max(s / count - means[c] ** 2, 0)) || 1)
  return { ...windows, data: data.map((v, i) => (v - means[i % channels]) / deviations[i % channels]) }
}

/**
 * Source (labelled, source modality), alignment (pairs) and test (target modality) recordings. By sequence, as in the paper:
 * 40, 40 and 20 % at random, everybody in every part. By subject: three, three and two people.
 */
export function split({ actions, subjects }, kind, seed) {
  if (kind === 'sequence') {
    const order = permutation(actions.length, `sequence ${seed}`)
    const part = Math.round(0.4 * order.length)
    return { source: order.slice(0, part), alignment: order.slice(part, 2 * part), test: order.slice(2 * part) }
  }
  const people = permutation(SUBJECTS.length, `subject ${seed}`).map((i) => SUBJECTS[i])
  const of = (chosen) => Array.from(subjects.keys()).filter((row) => chosen.includes(subjects[row]))
  return { source: of(people.slice(0, 3)), alignment: of(people.slice(3, 6)), test: of(people.slice(6)) }
}
