import { FlatIndex } from 'collimate/serve'

/**
 * What is searched: for each modality an index of the items' latents.
 *
 * @typedef {object} Collection
 * @property {string[]} modalities their names, by number
 * @property {FlatIndex[]} indices
 * @property {number} size
 * @property {(id: number) => number} digitOf
 */

/**
 * @param {Uint8Array} about - collection.json, as build.js writes it: names of the modalities, and the digit of each item
 * @param {Uint8Array[]} files - an index for each modality
 * @returns {Collection}
 */
export function readCollection(about, files) {
  const { modalities, digits } = JSON.parse(new TextDecoder().decode(about))
  const indices = files.map((bytes) => FlatIndex.fromBytes(bytes))
  return { modalities, indices, size: indices[0].size, digitOf: (id) => digits[id] }
}
