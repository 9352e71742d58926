import { CanonicalCorrelation } from '../align/canonical-correlation.js'
import { LinearContrastive } from '../align/contrastive.js'
import { LeastSquares } from '../align/least-squares.js'
import type { LinearAlignment } from '../align/linear-alignment.js'
import { PerfectAlignment } from '../align/perfect-alignment.js'
import { OrthogonalProcrustes } from '../align/procrustes.js'
import { significant } from '../text-table.js'

/** Something about a model: for a program, and for a reader. */
export interface Detail {
  /** Its name in JSON. */
  readonly key: string
  /** Its value there. */
  readonly value: unknown
  /** What a reader sees in place of the key. */
  readonly label?: string
  /** And in place of the value; nothing at all if it is empty. */
  readonly text?: string
}

/** What may be asked of a model. */
interface Known {
  /** Whether its file holds singular values, or what they come from. */
  readonly singularValues: boolean
}

/** What is special to the method that a model was fitted by: what was asked of it, and what came out. */
export function detailsOf(model: LinearAlignment, known: Known): readonly Detail[] {
  if (model instanceof PerfectAlignment) return perfect(model, known)
  if (model instanceof CanonicalCorrelation) return canonical(model)
  if (model instanceof OrthogonalProcrustes) return procrustes(model)
  if (model instanceof LeastSquares) return leastSquares(model)
  if (model instanceof LinearContrastive) return contrastive(model)
  return []
}

function perfect(model: PerfectAlignment, known: Known): readonly Detail[] {
  const { selection, selected, sharedStrength, unrelatedStrength } = model
  const singularValues = known.singularValues ? [...model.singularValues] : null
  return [
    {
      key: 'selection',
      value: selection,
      text: selection === selected ? selection : `${selection}, which chose ${selected}`,
    },
    { key: 'selected', value: selected, text: '' },
    tolerance(model),
    {
      key: 'sharedStrength',
      value: [...sharedStrength],
      label: 'shared strength',
      text: `${range(sharedStrength)}, ${unrelated(model)} the ${significant(unrelatedStrength)} of unrelated data`,
    },
    { key: 'unrelatedStrength', value: unrelatedStrength, text: '' },
    {
      key: 'singularValues',
      value: singularValues,
      label: 'singular values',
      text:
        singularValues === null
          ? 'not kept: `collimate fit --state` keeps what they come from'
          : `${range(singularValues)} (${singularValues.length}, of the stacked modalities)`,
    },
  ]
}

function unrelated({ nComponents, sharedStrength, unrelatedStrength }: PerfectAlignment): string {
  const weak = sharedStrength.filter((strength) => strength <= unrelatedStrength).length
  return weak === 0 ? 'all above' : `${weak} of ${nComponents} not above`
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
    tolerance(model),
    {
      key: 'canonicalCorrelations',
      value: [...canonicalCorrelations],
      label: 'canonical correlations',
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

function leastSquares({ target, ridge }: LeastSquares): readonly Detail[] {
  return [
    { key: 'target', value: target, text: `modality ${target}, which is predicted from the other` },
    { key: 'ridge', value: ridge },
  ]
}

function contrastive({ singularValues }: LinearContrastive): readonly Detail[] {
  return [
    {
      key: 'singularValues',
      value: [...singularValues],
      label: 'singular values',
      text: `${range(singularValues)}, of the cross-covariance`,
    },
  ]
}

function tolerance({ tolerance: asked }: { readonly tolerance: number | undefined }): Detail {
  return { key: 'tolerance', value: asked ?? null, text: asked === undefined ? 'default' : String(asked) }
}

function range(values: ArrayLike<number>): string {
  const list = Array.from(values)
  return `${significant(Math.max(...list))} to ${significant(Math.min(...list))}`
}
