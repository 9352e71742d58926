import type { FileBytes } from '../io/file-bytes.js'
import { contentError, readTensors } from '../io/tensors.js'
import { CanonicalCorrelation } from './canonical/canonical-correlation.js'
import { LinearContrastive } from './contrastive/linear-contrastive.js'
import { LeastSquares } from './least-squares/least-squares.js'
import type { LinearAlignment } from './model/linear-alignment.js'
import { PerfectAlignment } from './perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from './procrustes.js'

/** By the names in their files: minification leaves classes no others. */
const READERS: Readonly<Record<string, { fromBytes(bytes: FileBytes): LinearAlignment }>> = {
  PerfectAlignment,
  CanonicalCorrelation,
  OrthogonalProcrustes,
  LeastSquares,
  LinearContrastive,
}

/**
 * Reads a model of whatever method from the file that its `toBytes` wrote.
 *
 * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound model
 */
export function loadAlignment(bytes: FileBytes): LinearAlignment {
  const { metadata } = readTensors(bytes)
  const kind = Object.hasOwn(metadata, 'collimate') ? metadata.collimate : undefined
  if (kind === undefined || !Object.hasOwn(READERS, kind)) {
    const found = kind === undefined ? 'some other safetensors file' : `a ${kind}`
    throw contentError(`this is ${found}, expected a model: ${Object.keys(READERS).join(', ')}`)
  }
  return READERS[kind].fromBytes(bytes)
}
