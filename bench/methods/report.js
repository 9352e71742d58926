import { METHODS } from './methods.js'

/** How each measure is written, and what it is. */
const MEASURES = [
  { name: 'recall@1', digits: 3, best: Math.max, text: 'Held-out pairs whose partner comes first by cosine similarity; higher is better.' },
  { name: 'recall@10', digits: 3, best: Math.max, text: 'The same among the first ten.' },
  { name: 'mAP', digits: 3, best: Math.max, text: 'Mean average precision of retrieving the same class across modalities; higher is better.' },
  { name: 'CMAE', digits: 3, text: 'Mean distance of paired latents. Its unit is that of the latents, so methods cannot be compared by it.' },
  { name: 'NCMAE', digits: 3, text: 'The same of latents scaled to unit length; lower is closer, and says nothing of whether others are as close.' },
  { name: 'effective rank', digits: 1, text: 'Dimensions that the latents fill (Roy and Vetterli 2007): far below the k chosen is a collapse.' },
] // prettier-ignore

function meanAndDeviation(values) {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 }
}

/** One row: mean and deviation of every method, the best in bold. */
function row({ name, results }, { name: measure, digits, best }) {
  const figures = METHODS.map(({ name: method }) => {
    const values = (results[method] ?? []).map((result) => result[measure]).filter((x) => x !== undefined)
    return values.length === 0 ? undefined : meanAndDeviation(values)
  })
  const means = figures.flatMap((figure) => (figure === undefined ? [] : [figure.mean]))
  if (means.length === 0) return undefined
  const top = best?.(...means).toFixed(digits)
  const cells = figures.map((figure) => {
    if (figure === undefined) return ''
    const text = figure.mean.toFixed(digits)
    return `${text === top ? `**${text}**` : text} ± ${figure.deviation.toFixed(digits)}`
  })
  return `| ${[name, ...cells].join(' | ')} |`
}

/** How often each method is best, or within the deviation of the best, by a measure. */
function wins(outcomes, measure) {
  return METHODS.map(({ name }) => {
    const count = outcomes.filter(({ results }) => {
      const figures = Object.entries(results).map(([method, list]) => ({
        method,
        ...meanAndDeviation(list.map((result) => result[measure] ?? NaN)),
      }))
      const top = figures.reduce((a, b) => (b.mean > a.mean ? b : a))
      const own = figures.find(({ method }) => method === name)
      return own !== undefined && own.mean >= top.mean - Math.max(top.deviation, own.deviation)
    }).length
    return `${name} ${count}`
  }).join(', ')
}

/**
 * The tables as Markdown.
 *
 * @param {{ name: string, results: Record<string, object[]> }[]} outcomes
 * @param {string[]} about lines on how they came about
 */
export function report(outcomes, about) {
  const head = ['data', ...METHODS.map(({ name }) => name)]
  const lines = ['# Methods on real data', '', ...about, '']
  lines.push(
    `Best, or within a deviation of the best (over the splits, the larger of the two methods' own), of ${outcomes.length} by recall@1: ${wins(outcomes, 'recall@1')}.`,
    '',
  )
  for (const measure of MEASURES) {
    const rows = outcomes.map((outcome) => row(outcome, measure)).filter((line) => line !== undefined)
    lines.push(`## ${measure.name}`, '', measure.text, '')
    lines.push(`| ${head.join(' | ')} |`, `| --- |${METHODS.map(() => ' ---: |').join('')}`, ...rows, '')
  }
  return lines.join('\n')
}
