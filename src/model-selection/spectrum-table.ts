import type { Selection, SelectionRule } from '../align/perfect/selection.js'
import { share, significant, table } from '../text-table.js'
import type { Suggestion } from './suggestion.js'

/** What there is to know of k components. */
export interface SpectrumComponent {
  readonly k: number
  /**
   * The k-th smallest singular value of the stacked modalities, in their units: the squares of the first k add up to the least misalignment
   * that k orthonormal directions have.
   */
  readonly singularValue: number
  /** mu of the k-th direction of 'balanced': its shared energy for its misalignment. */
  readonly sharedStrength: number
  /** How many times the next direction's strength that is; Infinity where that is zero. */
  readonly gap: number
  /** By which rule the selection that was asked for takes k components. */
  readonly selected: SelectionRule
  /** For every modality, the share of its variance that a linear map has back from k components, on the rows that were given. */
  readonly energyKept: readonly number[]
}

/** All that {@link Spectrum} holds. */
export interface SpectrumData extends Suggestion {
  /** Samples seen, n. */
  readonly rows: number
  /** As asked for: whose components keep that energy. */
  readonly selection: Selection
  /** For k = 1, 2, ... */
  readonly components: readonly SpectrumComponent[]
  /** How many exact relations the modalities have which few rows did not force: up to so many components, 'auto' is 'informative'. */
  readonly relations: number
  /** The largest strength that unrelated modalities reach with the rows and covariances of these. */
  readonly chance: number
}

/** What {@link spectrum} found. Its properties are plain data; as a string it is a table. */
export class Spectrum implements SpectrumData {
  readonly rows: SpectrumData['rows']
  readonly selection: SpectrumData['selection']
  readonly components: SpectrumData['components']
  readonly relations: SpectrumData['relations']
  readonly chance: SpectrumData['chance']
  readonly aboveChance: SpectrumData['aboveChance']
  readonly suggested: SpectrumData['suggested']
  readonly reason: SpectrumData['reason']

  /** @internal */
  constructor(data: SpectrumData) {
    this.rows = data.rows
    this.selection = data.selection
    this.components = data.components
    this.relations = data.relations
    this.chance = data.chance
    this.aboveChance = data.aboveChance
    this.suggested = data.suggested
    this.reason = data.reason
  }

  /** The table, lines of plain text. */
  toString(): string {
    const { title, lines, verdict } = spectrumTable(this)
    return [title, '', ...lines, '', verdict].join('\n')
  }
}

// As many at least, and some more than what is above chance, which shows where the spectrum levels off.
const LEAST_LINES = 10
const LINES_BEYOND = 3

/** A spectrum as lines of plain text, the headings on the first line. */
export function spectrumTable(spectrum: SpectrumData): { title: string; lines: string[]; verdict: string } {
  const { rows, selection, components, chance, aboveChance, suggested, reason } = spectrum
  const modalities = components[0].energyKept.map((_, m) => `kept ${m}`)
  const shown = components.slice(0, Math.max(LEAST_LINES, Math.max(aboveChance, suggested ?? 0) + LINES_BEYOND))
  const body = shown.map(({ k, singularValue, sharedStrength, gap, selected, energyKept }) => [
    k === suggested ? 'suggested' : '',
    String(k),
    significant(singularValue),
    significant(sharedStrength),
    significant(gap),
    ...energyKept.map(share),
    selected,
  ])
  const more = components.length - shown.length
  return {
    title: `${rows} rows, selection ${selection}, chance ${significant(chance)}`,
    lines: [
      ...table([['', 'k', 'sigma', 'strength', 'gap', ...modalities, 'selected'], ...body]),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
    verdict: `${suggested === undefined ? 'no k is suggested' : `k = ${suggested}`}: ${reason}`,
  }
}
