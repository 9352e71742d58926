import { METHODS } from './methods.js'

/** What all others stand beside. */
const BESIDE = "'balanced'"

/** How each measure is written, and what it is. */
const MEASURES = [
  { name: 'recall@1', digits: 3, best: Math.max, text: 'Held-out pairs whose partner comes first; higher is better.' },
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

/** One row of some methods: mean and deviation of each, the best of all in bold. */
function row({ name, results }, { name: measure, digits, best }, methods) {
  const figureOf = (method) => {
    const values = (results[method] ?? []).map((result) => result[measure]).filter((x) => x !== undefined)
    return values.length === 0 ? undefined : { ...meanAndDeviation(values), splits: values.length }
  }
  const figures = methods.map(figureOf)
  if (figures.every((figure) => figure === undefined)) return undefined
  const means = METHODS.flatMap(({ name: method }) => figureOf(method)?.mean ?? [])
  const top = best?.(...means).toFixed(digits)
  const cells = figures.map((figure) => {
    if (figure === undefined) return ''
    const text = figure.mean.toFixed(digits)
    const deviation = figure.splits > 1 ? ` ± ${figure.deviation.toFixed(digits)}` : ''
    return `${text === top ? `**${text}**` : text}${deviation}`
  })
  return `| ${[name, ...cells].join(' | ')} |`
}

/** How often each of some methods is best of them, or within the deviation of the best, by a measure. */
function wins(outcomes, measure, methods) {
  return methods
    .map((name) => {
      const count = outcomes.filter(({ results }) => {
        const figures = methods
          .filter((method) => results[method] !== undefined)
          .map((method) => ({ method, ...meanAndDeviation(results[method].map((result) => result[measure] ?? NaN)) }))
        const top = figures.reduce((a, b) => (b.mean > a.mean ? b : a))
        const own = figures.find(({ method }) => method === name)
        return own !== undefined && own.mean >= top.mean - Math.max(top.deviation, own.deviation)
      }).length
      return `${name} ${count}`
    })
    .join(', ')
}

/** Means over the data sets of which all these methods have figures. */
function meanRow(outcomes, { name: measure, digits }, methods) {
  const whole = outcomes.filter(({ results }) => methods.every((method) => results[method]?.[0][measure] !== undefined))
  const means = methods.map((method) => {
    const each = whole.map(({ results }) => meanAndDeviation(results[method].map((result) => result[measure])).mean)
    return meanAndDeviation(each).mean.toFixed(digits)
  })
  return `| mean of ${whole.length} | ${means.join(' | ')} |`
}

/** Of the data sets that one of the methods in question was measured on. */
function table(outcomes, measure, methods, inQuestion = methods) {
  const measured = outcomes.filter(({ results }) => inQuestion.some((method) => results[method] !== undefined))
  const rows = measured.map((outcome) => row(outcome, measure, methods)).filter((line) => line !== undefined)
  return [
    `| data | ${methods.join(' | ')} |`,
    `| --- |${methods.map(() => ' ---: |').join('')}`,
    ...rows,
    ...(measure.best
      ? [
          meanRow(
            measured.filter(({ swept }) => !swept),
            measure,
            methods,
          ),
        ]
      : []),
    '',
  ]
}

/**
 * The tables as Markdown.
 *
 * @param {{ name: string, swept?: boolean, results: Record<string, object[]> }[]} outcomes
 * @param {string[]} about lines on how they came about
 */
export function report(outcomes, about) {
  const of = (group) => METHODS.filter((method) => method.group === group).map(({ name }) => name)
  const [byCosine, scores, others] = [of(undefined), of('scores'), of('others')]
  const counted = outcomes.filter(({ swept }) => !swept)
  const lines = ['# Methods on real data', '', ...about, '']
  for (const [which, methods] of [
    ['methods by the cosine of latents', byCosine],
    ["scores, and 'balanced' by cosine", [BESIDE, ...scores]],
  ]) {
    const found = wins(counted, 'recall@1', methods)
    lines.push(
      `Of ${which}: best, or within a deviation of the best (over the splits, the larger of the two methods' own), of ${counted.length} by recall@1: ${found}.`,
      '',
    )
  }
  for (const measure of MEASURES) {
    lines.push(`## ${measure.name}`, '', measure.text, '', ...table(outcomes, measure, byCosine))
    if (measure.best === undefined) continue
    lines.push('Scores:', '', ...table(outcomes, measure, [BESIDE, ...scores], scores))
    const beside = [BESIDE, 'likelihood, folds', ...others]
    lines.push('Fourier features, and methods of others:', '', ...table(outcomes, measure, beside, others))
  }
  return lines.join('\n')
}
