import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { STYLE } from './style.js'

const MODALITIES = ['pixels', 'profiles']
const SYMBOLS = { domain: MODALITIES, range: ['circle', 'times'] }
// Ten hues that keep their distance from each other on a white page and on a black one.
const PALETTE = [
  '#4269d0',
  '#e0a100',
  '#ff725c',
  '#33c2c2',
  '#2f9e44',
  '#ff8ab7',
  '#a463f2',
  '#7db2ff',
  '#9c6b4e',
  '#8b8f98',
]
const DIGITS = { type: 'categorical', domain: PALETTE.map((_, digit) => digit), range: PALETTE }
const CREDIT =
  'Data: R. Duin, Multiple Features, UCI Machine Learning Repository, 1998, ' +
  '<a href="https://doi.org/10.24432/C5HC70">doi 10.24432/C5HC70</a>, CC BY 4.0; two of its six views.'
// Of the plane's larger extent: what two labels of this size need to stand side by side.
const LABEL_SPACING = 0.055

/**
 * A self-contained page: how each selection fares over the splits, then one panel per selection with both modalities in
 * the plane of the latents' first two principal directions, a line from each sample's one view to its other.
 *
 * @param {{
 *   title: string, lead: string[],
 *   runs: { selection: string, cmae: number, recall: number }[], chance: number,
 *   panels: { title: string, caption: string[], explained: number[],
 *     points: { x: number, y: number, modality: number, digit: number, pair: number }[] }[],
 * }} content
 * @returns {string} HTML
 */
export function page({ title, lead, runs, chance, panels }) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<main>
<h1>${title}</h1>
${lead.map((paragraph) => `<p>${paragraph}</p>`).join('\n')}
<div class="columns">
<figure><figcaption><h2>Error on the training rows (CMAE)</h2><p>one dot per split</p></figcaption>${trainingErrors(runs, document)}</figure>
<figure><figcaption><h2>Pairs found among held-out rows (recall@1)</h2><p>one dot per split; dashed: chance</p></figcaption>${retrieval(runs, chance, document)}</figure>
</div>
<p>Below, the held-out rows of the first split in the plane where their latents vary most. A line joins the two views of one
digit: the shorter the lines, the better the alignment.</p>
<div class="legends">${legends(document)}</div>
<div class="columns">
${panels.map((panel) => figure(panel, document)).join('\n')}
</div>
<footer>${CREDIT}</footer>
</main>
</html>
`
}

const COMMON = { style: { fontSize: '12px' }, width: 480 }

function trainingErrors(runs, document) {
  const errors = runs.map(({ cmae }) => cmae)
  return strip(runs, 'cmae', document, {
    type: 'log',
    domain: [Math.min(...errors) / 10, Math.max(...errors) * 10],
    ticks: 6,
    tickFormat: powerOfTen,
    label: 'mean distance within a pair, log scale',
  })
}

function retrieval(runs, chance, document) {
  const x = { domain: [0, 1], label: `share of the pairs (chance: ${chance.toFixed(4)})` }
  return strip(runs, 'recall', document, x, [Plot.ruleX([chance], { strokeDasharray: '3 3' })])
}

const SUPERSCRIPT = { '-': '⁻', ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].entries()) }
const powerOfTen = (value) => `10${[...String(Math.round(Math.log10(value)))].map((c) => SUPERSCRIPT[c]).join('')}`

/** One row per selection, one dot per split. */
function strip(runs, quantity, document, x, marks = []) {
  const dots = { x: quantity, y: 'selection', r: 5, fill: 'var(--accent)', fillOpacity: 0.55 }
  return Plot.plot({
    ...COMMON,
    document,
    height: 190,
    marginLeft: 90,
    marginBottom: 44,
    x: { grid: true, labelAnchor: 'center', labelArrow: 'none', ...x },
    y: { domain: [...new Set(runs.map(({ selection }) => selection))], label: null, tickSize: 0 },
    marks: [...marks, Plot.dot(runs, dots)],
  }).outerHTML
}

function figure({ title, caption, points, explained }, document) {
  return `<figure>
<figcaption><h2>${title}</h2><p>${caption.map((text) => `<span>${text}</span>`).join(' · ')}</p></figcaption>
${scatter(points, explained, document)}
</figure>`
}

function scatter(points, explained, document) {
  const label = (index) => `principal direction ${index + 1} (${Math.round(100 * explained[index])} % of the variance)`
  const axis = (index) => ({ label: label(index), labelAnchor: 'center', labelArrow: 'none', ticks: 5 })
  return Plot.plot({
    ...COMMON,
    document,
    height: 440,
    marginLeft: 56,
    marginBottom: 44,
    inset: 8,
    grid: true,
    x: axis(0),
    y: axis(1),
    color: DIGITS,
    symbol: SYMBOLS,
    marks: [
      Plot.line(points, { x: 'x', y: 'y', z: 'pair', stroke: 'digit', strokeWidth: 0.8, strokeOpacity: 0.5 }),
      Plot.dot(points, {
        x: 'x',
        y: 'y',
        symbol: (p) => MODALITIES[p.modality],
        stroke: 'digit',
        r: 2.1,
        strokeWidth: 1.1,
      }),
      Plot.text(digitLabels(points), {
        x: 'x',
        y: 'y',
        text: 'digit',
        fill: 'currentColor',
        stroke: 'var(--page)',
        strokeWidth: 5,
        fontSize: 18,
        fontWeight: 700,
      }),
    ],
  }).outerHTML
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

/** Every digit at the median of its points, pushed apart where two would overlap. */
function digitLabels(points) {
  const labels = DIGITS.domain.map((digit) => {
    const own = points.filter((point) => point.digit === digit)
    return { digit, x: median(own.map(({ x }) => x)), y: median(own.map(({ y }) => y)) }
  })
  const extent = (values) => Math.max(...values) - Math.min(...values)
  const spacing = LABEL_SPACING * Math.max(extent(points.map(({ x }) => x)), extent(points.map(({ y }) => y)))
  for (let round = 0; round < 100; round++) {
    for (const a of labels) for (const b of labels) if (a.digit < b.digit) pushApart(a, b, spacing)
  }
  return labels
}

function pushApart(a, b, spacing) {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const distance = Math.hypot(dx, dy) || 1e-300
  const missing = Math.max(0, spacing - distance) / 2 / distance
  a.x -= dx * missing
  a.y -= dy * missing
  b.x += dx * missing
  b.y += dy * missing
}

function legends(document) {
  const style = { fontSize: '13px' }
  const legend = (scale) => Plot.legend({ document, style, ...scale }).outerHTML
  return legend({ color: DIGITS }) + legend({ symbol: SYMBOLS })
}
