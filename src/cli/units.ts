import type { LinearAlignment } from '../align/model/linear-alignment.js'

// A column of more than so many times the median deviation has another unit, by all that is known of it.
const OTHER_UNIT = 100
const NAMED = 8

/**
 * Names the columns that 'auto' found to be in other units than the rest of their modality, if there are any: a line for each modality.
 *
 * @param names - how messages call the columns of each file
 */
export function unitsNote(
  model: LinearAlignment,
  paths: readonly string[],
  names: readonly (readonly string[])[],
): string {
  // Of features there is no column to name.
  if (!('scale' in model) || model.scale !== 'auto' || model.featureMaps.some(Boolean)) return ''
  return model.scales
    .map((scales, m) =>
      noteOf(
        paths[m],
        columnsInOtherUnits(scales).map((j) => names[m][j]),
      ),
    )
    .join('')
}

function noteOf(path: string, columns: readonly string[]): string {
  if (columns.length === 0) return ''
  const named = columns.slice(0, NAMED).join(', ') + (columns.length > NAMED ? ', ...' : '')
  const [subject, has] = columns.length === 1 ? ['column', 'has'] : [`${columns.length} columns`, 'have']
  return `note: ${subject} ${named} of ${path} ${has} more than ${OTHER_UNIT} times the deviation of the others, and ${columns.length === 1 ? 'was' : 'were'} scaled: --scale false leaves columns as they are\n`
}

/** What was multiplied by less than a hundredth of the median scale, by number. */
function columnsInOtherUnits(scales: Float64Array): number[] {
  const sorted = scales.filter((x) => x > 0).sort()
  const median = sorted[sorted.length >> 1]
  return Array.from(scales.keys()).filter((j) => scales[j] > 0 && scales[j] * OTHER_UNIT < median)
}
