import { expect, test } from 'vitest'
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
import { gaussian } from '../support/random.js'
import { mutations } from './mutations.js'
import { fileBytes, NUMPY_FILES } from './numpy-files.js'
import { SAFETENSORS_FILES } from './safetensors-files.js'
import '../support/solvers.js'

// `npm run fuzz:files` asks for a million, `.ci/run` for some of them.
const COUNT = Number(process.env.COLLIMATE_MUTATIONS ?? 500)
const SEED = Number(process.env.COLLIMATE_SEED ?? 1)
const MICROSECONDS_EACH = 2000

const pair = [gaussian(9, 3, 1), gaussian(9, 2, 2)]
const three = [...pair, gaussian(9, 2, 3)]

/** A reader, and files that it reads. */
const KINDS: Record<string, readonly [read: (bytes: Uint8Array) => unknown, files: readonly Uint8Array[]]> = {
  '.npy': [readNpy, Object.values(NUMPY_FILES).map(fileBytes)],
  safetensors: [readSafetensors, Object.values(SAFETENSORS_FILES).map(fileBytes)],
  JointFactor: [
    (bytes) => JointFactor.fromBytes(bytes),
    [new JointFactor([3, 2]), new JointFactor([3, 2]).update(pair), new JointFactor([3, 2, 2]).update(three)].map(
      (factor) => factor.toBytes(),
    ),
  ],
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
  LeastSquares: [(bytes) => LeastSquares.fromBytes(bytes), [new LeastSquares({ ridge: 0.5, target: 0 }).fit(pair).toBytes()]], // prettier-ignore
  LinearContrastive: [
    (bytes) => LinearContrastive.fromBytes(bytes),
    [
      new LinearContrastive({ nComponents: 1 }).fit(pair).toBytes(),
      new LinearContrastive({ nComponents: 1, solver: 'infonce', epochs: 2, seed: 'a' }).fit(pair).toBytes(),
    ],
  ],
}
const MODELS = ['PerfectAlignment', 'CanonicalCorrelation', 'OrthogonalProcrustes', 'LeastSquares', 'LinearContrastive']
KINDS['any model'] = [loadAlignment, MODELS.flatMap((name) => KINDS[name][1])]

test.each(Object.entries(KINDS))(
  'whatever is done to a file, its reader gives an object or says that it is none: %s',
  (_, [read, files]) => {
    const counts = { read: 0, format: 0, range: 0 }
    const damaged = mutations(files, SEED)
    for (let i = 0; i < COUNT; i++) {
      const bytes = damaged.next().value
      try {
        read(bytes)
        counts.read++
      } catch (error) {
        if (error instanceof FileFormatError) counts.format++
        else if (error instanceof RangeError) counts.range++
        else throw new Error(`mutation ${i} of seed ${SEED}: ${String(error)}`, { cause: error })
      }
    }
    // Where nothing is read, or everything, little was tried.
    expect(counts.read).toBeGreaterThan(COUNT / 100)
    expect(counts.format).toBeGreaterThan(COUNT / 4)
    if (process.env.COLLIMATE_MUTATIONS !== undefined) console.log(JSON.stringify(counts))
  },
  5000 + (COUNT * MICROSECONDS_EACH) / 1000,
)
