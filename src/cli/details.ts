import { CanonicalCorrelation } from '../align/canonical/canonical-correlation.js'
import type { Scale } from '../align/model/column-scales.js'
import { LinearContrastive } from '../align/contrastive/linear-contrastive.js'
import { LeastSquares } from '../align/least-squares/least-squares.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { PerfectAlignment } from '../align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from '../align/procrustes.js'
import { significant } from '../text-table.js'
import { methodOf } from './methods.js'

/** Something about a model: for a program, and for a reader. */
export interface Detail {
  /** Its name in JSON. */
  readonly key: string
  /** Its value there. */
  readonly value: unknown
  /** What a reader sees in place of the key; default its words. */
  readonly label?: string
  /** And in place of the value; nothing at all if it is empty. */
  readonly text?: string
}

/** What may be asked of a model. */
interface Known {
  /** Whether its file holds singular values, or what they come from. */
  readonly singularValues: boolean
  /** Whether it holds the chance level, or what that comes from. */
  readonly chance: boolean
}

/** What is special to the method that a model was fitted by: what was asked of it, and what came out. */
export function detailsOf(model: LinearAlignment, known: Known): readonly Detail[] {
  const told = toldOf(model, known)
  const options = model as unknown as Readonly<Record<string, unknown>>
  const others = Object.keys(methodOf(model).options).filter((name) => !TOLD.includes(name) && !told.some(({ key }) => key === name)) // prettier-ignore
  return [...told, ...others.map((key) => ({ key, value: options[key] ?? null, text: '' }))]
}

/** Options that are said of every model. */
const TOLD = ['nComponents', 'center']

function toldOf(model: LinearAlignment, known: Known): readonly Detail[] {
  if (model instanceof PerfectAlignment) return perfect(model, known)
  if (model instanceof CanonicalCorrelation) return canonical(model)
  if (model instanceof OrthogonalProcrustes) return procrustes(model)
  if (model instanceof LeastSquares) return leastSquares(model)
  if (model instanceof LinearContrastive) return contrastive(model)
  return []
}

function perfect(model: PerfectAlignment, known: Known): readonly Detail[] {
  const { selection, selected, sharedStrength, unrelatedStrength } = model
  const chance = known.chance ? model.chanceStrength : null
  const level = chance ?? unrelatedStrength
  const singularValues = known.singularValues ? [...model.singularValues] : null
  return [
    {
      key: 'selection',
      value: selection,
      text: selection === selected ? selection : `${selection}, which chose ${selected}`,
    },
    { key: 'selected', value: selected, text: '' },
    { key: 'solver', value: model.solver, text: model.solver === 'svd' ? '' : descent(model) },
    scale(model),
    tolerance(model),
    {
      key: 'sharedStrength',
      value: [...sharedStrength],
      text: `${range(sharedStrength)}, ${unrelated(model, level)} the ${significant(level)} of unrelated data${chance === null ? ' with many rows' : ' of this size'}`,
    },
    { key: 'chanceStrength', value: chance, text: '' },
    { key: 'unrelatedStrength', value: unrelatedStrength, text: '' },
    {
      key: 'singularValues',
      value: singularValues,
      text:
        singularValues === null
          ? 'not kept: `collimate fit --state` keeps what they come from'
          : `${range(singularValues)} (${singularValues.length}, of the stacked modalities)`,
    },
  ]
}

function descent({ solver, converged, lossHistory }: PerfectAlignment): string {
  return `${solver}, ${converged ? 'converged' : 'not converged'} after ${lossHistory.length - 1} steps`
}

function unrelated({ sharedStrength }: PerfectAlignment, level: number): string {
  const weak = sharedStrength.filter((strength) => strength <= level).length
  return weak === 0 ? 'all above' : `${weak} of ${sharedStrength.length} not above`
}

function canonical(model: CanonicalCorrelation): readonly Detail[] {
  const { regularization, criterion, canonicalCorrelations, shrinkage, maps } = model
  return [
    { key: 'regularization', value: regularization },
    {
      key: 'shrinkage',
      value: [...shrinkage],
      text: regularization === 'oas' ? `${[...shrinkage].map(significant).join(', ')}, from the data` : '',
    },
    { key: 'criterion', value: criterion, text: maps.length > 2 ? criterion : '' },
    scale(model),
    tolerance(model),
    {
      key: 'canonicalCorrelations',
      value: [...canonicalCorrelations],
      text: range(canonicalCorrelations),
    },
  ]
}

function procrustes({ nComponents, scaling, scale }: OrthogonalProcrustes): readonly Detail[] {
  return [
    {
      key: 'reduced',
      value: nComponents !== undefined,
      text: nComponents === undefined ? 'no' : `to ${nComponents} principal components each, before the rotation`,
    },
    { key: 'scaling', value: scaling, text: '' },
    { key: 'scale', value: scale, text: scaling ? significant(scale) : '1: a rotation only' },
  ]
}

function leastSquares(model: LeastSquares): readonly Detail[] {
  const { target, ridge, alpha } = model
  return [
    { key: 'target', value: target, text: `modality ${target}, which is predicted from the other` },
    { key: 'ridge', value: ridge },
    ...(ridge === 'gcv' ? [{ key: 'alpha', value: alpha, text: `${significant(alpha)}, from the data` }] : []),
    scale(model),
  ]
}

function contrastive(model: LinearContrastive): readonly Detail[] {
  const { solver, singularValues, lossHistory } = model
  const closed = solver === 'svd'
  const product = {
    key: 'singularValues',
    value: [...singularValues],
    text: `${range(singularValues)}, of ${closed ? 'the cross-covariance' : 'the product of the maps'}`,
  }
  if (closed) return [{ key: 'solver', value: solver, text: 'svd, the closed form' }, scale(model), product]
  const { temperature, normalize, regularization, epochs, batchSize, learningRate, seed } = model
  const asked = { temperature, regularization, epochs, batchSize, learningRate, seed }
  const ends = [lossHistory[0], lossHistory[lossHistory.length - 1]].map(significant)
  return [
    { key: 'solver', value: solver, text: `infonce, of ${normalize ? 'cosines' : 'inner products'}` },
    { key: 'normalize', value: normalize, text: '' },
    ...Object.entries(asked).map(([key, value]) => ({ key, value })),
    scale(model),
    {
      key: 'lossHistory',
      value: [...lossHistory],
      label: 'loss',
      text: `${ends.join(' in the first epoch, ')} in the last`,
    },
    product,
  ]
}

function tolerance({ tolerance: asked }: { readonly tolerance: number | undefined }): Detail {
  return { key: 'tolerance', value: asked ?? null, text: asked === undefined ? 'default' : String(asked) }
}

/** What was asked for, and for how many columns it came to something else than their own unit. */
function scale(model: LinearAlignment & { readonly scale: Scale }): Detail {
  const scaled = model.scales.map((s) => s.filter((x) => x !== 1 && x !== 0).length)
  const came = scaled.some((count) => count > 0) ? `${scaled.join(' + ')} columns scaled` : 'columns as they came'
  return { key: 'scale', value: model.scale, text: `${model.scale}, ${came}` }
}

function range(values: ArrayLike<number>): string {
  const list = Array.from(values)
  return `${significant(Math.max(...list))} to ${significant(Math.min(...list))}`
}
