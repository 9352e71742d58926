import { AlignmentMap } from './alignment-map.js'
import type { FileBytes } from '../io/file-bytes.js'
import { readServedModel } from './model-file.js'

/**
 * Reads a model of whatever method from the file that its `toBytes` wrote, for mapping alone: no `fit`, and nothing of what a fit needs.
 *
 * @throws TypeError if `bytes` are no bytes, FileFormatError or RangeError if it holds no sound model
 */
export function loadAlignment(bytes: FileBytes): AlignmentMap {
  return new AlignmentMap(readServedModel(bytes))
}
