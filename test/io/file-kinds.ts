import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { FileFormatError } from '../../src/errors.js'
import { readNpy } from '../../src/io/npy.js'
import { readSafetensors } from '../../src/io/safetensors.js'
import { EmbeddingMigration } from '../../src/migration/index.js'
import { registerSolvers } from '../../src/solvers/index.js'
import { gaussian } from '../support/random.js'
import { mutations } from './mutations.js'
import { fileBytes, NUMPY_FILES } from './numpy-files.js'
import { SAFETENSORS_FILES } from './safetensors-files.js'

registerSolvers()

const pair = [gaussian(9, 3, 1), gaussian(9, 2, 2)]
const three = [...pair, gaussian(9, 2, 3)]

/** A reader, and files that it reads. */
type Kind = readonly [read: (bytes: Uint8Array) => unknown, files: readonly Uint8Array[]]

const MODELS: Record<string, Kind> = {
  PerfectAlignment: [
    (bytes) => PerfectAlignment.fromBytes(bytes),
    [
      new PerfectAlignment({ nComponents: 2 }).fit(three).toBytes({ state: true }),
      new PerfectAlignment({ nComponents: 1, selection: 'last', center: true, tolerance: 1e-9 }).fit(pair).toBytes(),
      new PerfectAlignment({ nComponents: 1, solver: 'gradient', maxIterations: 5 }).fit(pair).toBytes(),
    ],
  ],
  CanonicalCorrelation: [
    (bytes) => CanonicalCorrelation.fromBytes(bytes),
    [
      new CanonicalCorrelation({ nComponents: 2, regularization: 'oas' }).fit(pair).toBytes({ precision: 'f32' }),
      new CanonicalCorrelation({ nComponents: 1, criterion: 'sumcor', tolerance: 1e-9 }).fit(three).toBytes({ state: true }), // prettier-ignore
    ],
  ],
  OrthogonalProcrustes: [
    (bytes) => OrthogonalProcrustes.fromBytes(bytes),
    [new OrthogonalProcrustes({ nComponents: 2, scaling: true }).fit(pair).toBytes()],
  ],
  LeastSquares: [
    (bytes) => LeastSquares.fromBytes(bytes),
    [new LeastSquares({ ridge: 0.5, target: 0 }).fit(pair).toBytes()],
  ],
  LinearContrastive: [
    (bytes) => LinearContrastive.fromBytes(bytes),
    [
      new LinearContrastive({ nComponents: 1 }).fit(pair).toBytes(),
      new LinearContrastive({ nComponents: 1, solver: 'infonce', epochs: 2, seed: 'a' }).fit(pair).toBytes(),
    ],
  ],
}

/** Everything that reads files, by what it reads. */
export const KINDS: Readonly<Record<string, Kind>> = {
  '.npy': [readNpy, Object.values(NUMPY_FILES).map(fileBytes)],
  safetensors: [readSafetensors, Object.values(SAFETENSORS_FILES).map(fileBytes)],
  JointFactor: [
    (bytes) => JointFactor.fromBytes(bytes),
    [new JointFactor([3, 2]), new JointFactor([3, 2]).update(pair), new JointFactor([3, 2, 2]).update(three)].map(
      (factor) => factor.toBytes(),
    ),
  ],
  ...MODELS,
  EmbeddingMigration: [
    (bytes) => EmbeddingMigration.fromBytes(bytes),
    (['queries', 'both'] as const).map((way) =>
      EmbeddingMigration.fit([gaussian(20, 3, 1), gaussian(20, 2, 2)], {
        way,
        curve: [],
        date: '2026-11-30',
      }).toBytes(),
    ),
  ],
  'any model': [loadAlignment, Object.values(MODELS).flatMap(([, files]) => files)],
}

/** How many damaged files were read all the same, and how many refused by either error. */
export interface Counts {
  read: number
  format: number
  range: number
}

/** Hands damaged files to their reader. @throws Error, with the number of the file, if anything but FileFormatError or RangeError comes out */
export function readDamaged([read, files]: Kind, count: number, seed: number): Counts {
  const counts = { read: 0, format: 0, range: 0 }
  const damaged = mutations(files, seed)
  const { stackTraceLimit } = Error
  // Nine files of ten are refused, and where from is not asked: it would be half of the time.
  Error.stackTraceLimit = 0
  try {
    for (let i = 0; i < count; i++) {
      const bytes = damaged.next().value
      try {
        read(bytes)
        counts.read++
      } catch (error) {
        if (error instanceof FileFormatError) counts.format++
        else if (error instanceof RangeError) counts.range++
        else throw new Error(`mutation ${i} of seed ${seed}: ${String(error)}`, { cause: error })
      }
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return counts
}
