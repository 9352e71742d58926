import { columnScaleSteps } from '../align/model/column-scales.js'
import { centeredFactorSteps } from '../align/factor/data-factor.js'
import { asJointFactor, JointFactor } from '../align/factor/joint-factor.js'
import type { PairedSamples } from '../align/model/joint-estimator.js'
import { checkOptions, type PerfectAlignmentOptions } from '../align/perfect/options.js'
import { pairedMatrices } from '../align/factor/paired.js'
import type { SelectionOptions } from '../align/perfect/selection.js'
import { shrinkageScaleSteps } from '../align/factor/shrinkage.js'
import { randomStream } from '../random/random-stream.js'
import type { Engine } from '../runtime/engine.js'
import { partsOf } from '../progress.js'
import type { AsyncOptions, Steps } from '../steps.js'
import { takenModalities } from '../runtime/taken.js'
import { perform, performAsync, type Work } from '../runtime/work.js'
import { integerIn, optionsObject } from '../validation.js'
import { modalityFactorSteps } from './modality-factors.js'
import { componentSteps } from './spectrum-components.js'
import { Spectrum } from './spectrum-table.js'
import { suggestion } from './suggestion.js'
import { chanceStrengthSteps } from './unrelated.js'

/** Options of {@link spectrum}; those of PerfectAlignment as there. */
export interface SpectrumOptions extends Pick<
  PerfectAlignmentOptions,
  'selection' | 'center' | 'scale' | 'tolerance' | 'seed'
> {
  /** The largest k to look at; default the columns of the second widest modality, what two of them can share at most. */
  readonly nComponents?: number
  /** Of unrelated modalities, for the strength that they reach; default 20. */
  readonly draws?: number
}

const DRAWS = 20

/**
 * What to choose nComponents by, if not by `crossValidate`: for every k the singular values, how strongly the modalities share
 * the k-th direction, the gap to the next, and the energy that the latents keep of each modality; and the k that the spectrum
 * itself suggests, where there is one.
 *
 * A k is suggested if the strengths fall to less than half after it, and it is the last that stands out of what modalities of the
 * same covariances reach which are unrelated (drawn at random); or if the data has k exact relations. Else none: a spectrum
 * that fades out has no k of its own.
 *
 * @param samples - two or more modalities, n x d_m, row i of each the same sample, or their joint factor
 * @returns plain data, see {@link Spectrum}; as a string a table. Cost: 2 n (1 + d)^2 operations for samples, then of the order of
 *   30 d^3, and d^3 for each draw
 * @throws TypeError if an argument is of the wrong kind
 * @throws RangeError for fewer than 2 rows or modalities, an option out of range, or an entry that is not finite
 */
export function spectrum(samples: PairedSamples, options: SpectrumOptions = {}): Spectrum {
  return perform(spectrumWork(samples, options))
}

/**
 * {@link spectrum} with turns for the event loop, progress and cancellation.
 *
 * @throws as {@link spectrum}, and the reason of `signal` on an abort: the promise rejects
 */
export async function spectrumAsync(
  samples: PairedSamples,
  options: SpectrumOptions & AsyncOptions = {},
): Promise<Spectrum> {
  return performAsync(spectrumWork(takenModalities(samples, options), options), options)
}

function spectrumWork(samples: PairedSamples, options: SpectrumOptions): Work<Spectrum> {
  const { draws = DRAWS, nComponents, ...given } = optionsObject(options)
  integerIn(draws, 1, Number.MAX_SAFE_INTEGER, 'draws')
  const known = asJointFactor(samples)?.clone()
  const matrices = known === undefined ? pairedMatrices(samples, 2) : []
  const widths = known?.widths ?? matrices.map(({ cols }) => cols)
  if (widths.length < 2) throw new RangeError(`got a factor of ${widths.length} modalities, expected at least 2`)
  const k = nComponents ?? [...widths].sort((a, b) => b - a)[1]
  const checked = checkOptions({ ...given, nComponents: k, solver: 'svd' })
  const d = widths.reduce((sum, width) => sum + width, 0)
  integerIn(k, 1, d, 'nComponents')
  const rows = known?.rows ?? matrices[0].rows
  if (rows < 2) throw new RangeError(`spectrum needs at least 2 rows, got ${rows}`)
  return function* (engine) {
    const joint = known ?? new JointFactor(widths)
    const part = partsOf(2 * rows, (SPECTRUM_COST + (draws as number)) * d)
    if (known === undefined) yield* part(joint.appendSteps(engine, matrices))
    yield* joint.settleSteps(engine)
    return yield* part(spectrumSteps(engine, joint, checked, draws as number))
  }
}

/** What all but the factor and the draws take, in d^3 operations (measured). */
const SPECTRUM_COST = 24

function* spectrumSteps(engine: Engine, seen: JointFactor, options: SelectionOptions, draws: number): Steps<Spectrum> {
  const scaled = yield* columnScaleSteps(engine, seen, () => options.scale)
  const joint = scaled?.joint ?? seen
  const data = yield* centeredFactorSteps(joint)
  const part = partsOf(0.5, 1, SPECTRUM_COST - 4, draws + 2.5)
  const gammaRoots = yield* part(shrinkageScaleSteps(engine, data))
  const factors = yield* part(modalityFactorSteps(engine, data))
  const found = yield* part(componentSteps(engine, joint, { ...options, data, gammaRoots, factors }))
  const random = randomStream(options.seed, 'unrelated')
  const chance = yield* part(chanceStrengthSteps(engine, data, factors, gammaRoots, draws, random))
  const { components, relations, strengths } = found
  return new Spectrum({
    rows: joint.rows,
    selection: options.selection,
    components,
    relations,
    chance,
    ...suggestion(strengths, chance, relations),
  })
}
