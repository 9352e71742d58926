import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { MigrationEvaluationData, MigrationRow } from '../../migration/evaluation-data.js'
import { migrationTables } from '../../migration/evaluation.js'
import { share } from '../../text-table.js'

const STYLE = `
:root { color-scheme: light dark; --page: #fff; --ink: #1b1e23; --quiet: #59606b; }
@media (prefers-color-scheme: dark) { :root { --page: #14161a; --ink: #e3e5e8; --quiet: #a3a9b3; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h2 { font-size: 1.05rem; margin: 0; }
p { max-width: 75ch; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 2rem; }
figure { margin: 0; }
figcaption p { color: var(--quiet); font-size: .9rem; margin: 0; }
svg { width: 100%; height: auto; }
pre { overflow-x: auto; font-size: .85rem; }
`

const COMMON = { style: { fontSize: '12px' }, width: 520, height: 300, marginBottom: 44 }

const nameOf = ({ way, method }: Pick<MigrationRow, 'way' | 'method'>): string =>
  way === 'none' ? 'do nothing' : `${way}, ${method}`

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c)

/** A page by itself: what every way and method keeps, by how many pairs, and the tables. */
export function reportPage(evaluation: MigrationEvaluationData): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const { neighbours, gallery, queries, verdict } = evaluation
  const [[title], ...tables] = migrationTables(evaluation)
  const curve = evaluation.curve.length > 1 ? figure('The same with fewer pairs', 'by the pairs that maps were fitted to', curvePlot(evaluation, document)) : '' // prettier-ignore
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<main>
<h1>${escaped(title)}</h1>
<p><strong>${verdict.isAdvised ? 'Recommended' : 'Advised against'}:</strong> ${escaped(verdict.reason)}.</p>
<div class="columns">
${figure(`Neighbours that are kept (retention@${neighbours})`, `of ${queries} held-out queries among ${gallery} rows, with 95 % intervals; dashed: chance, ${share(evaluation.chance.retention)}`, retentionPlot(evaluation, document))}
${curve}
</div>
${tables.map((lines) => `<pre>${escaped(lines.join('\n'))}</pre>`).join('\n')}
</main>
</html>
`
}

const figure = (title: string, caption: string, picture: string): string =>
  `<figure><figcaption><h2>${title}</h2><p>${caption}</p></figcaption>${picture}</figure>`

function retentionPlot({ rows, chance, neighbours }: MigrationEvaluationData, document: Document): string {
  const points = rows.map((row) => ({ name: nameOf(row), retention: row.retention, low: row.interval[0], high: row.interval[1] })) // prettier-ignore
  return Plot.plot({
    ...COMMON,
    document,
    marginLeft: 170,
    x: { domain: [0, 1], grid: true, label: `retention@${neighbours}`, labelArrow: 'none' },
    y: { domain: points.map(({ name }) => name), label: null, tickSize: 0 },
    marks: [
      Plot.ruleX([chance.retention], { strokeDasharray: '3 3' }),
      Plot.ruleY(points, { y: 'name', x1: 'low', x2: 'high', strokeWidth: 3, strokeOpacity: 0.4 }),
      Plot.dot(points, { y: 'name', x: 'retention', r: 5, fill: 'currentColor' }),
    ],
  }).outerHTML
}

function curvePlot({ curve, neighbours }: MigrationEvaluationData, document: Document): string {
  const points = curve.flatMap(({ pairs, rows }) => rows.map((row) => ({ pairs, name: nameOf(row), retention: row.retention }))) // prettier-ignore
  const last = points.filter(({ pairs }) => pairs === curve.at(-1)?.pairs)
  return Plot.plot({
    ...COMMON,
    document,
    marginRight: 170,
    x: { type: 'log', label: 'pairs', labelArrow: 'none', ticks: curve.map(({ pairs }) => pairs), tickFormat: String },
    y: { domain: [0, 1], grid: true, label: `retention@${neighbours}`, labelArrow: 'none' },
    color: { scheme: 'observable10' },
    marks: [
      Plot.line(points, { x: 'pairs', y: 'retention', stroke: 'name', marker: 'dot' }),
      Plot.text(last, { x: 'pairs', y: 'retention', text: 'name', fill: 'name', textAnchor: 'start', dx: 8 }), // prettier-ignore
    ],
  }).outerHTML
}
