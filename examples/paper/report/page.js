import { badge, claimBlock } from './claims.js'
import { table } from './blocks.js'
import { STYLE } from './style.js'

const COUNTED = [
  ['reproduced', 'reproduced'],
  ['partly', 'partly'],
  ['not', 'not reproduced'],
]

/**
 * The whole report as one HTML file that needs nothing else.
 *
 * @param {{ title: string, lead: string[], facts: [string, string][], missing: string[],
 *   sections: { id: string, title: string, item: string, claims: object[], blocks: string[], seconds: number, error?: string }[] }} content
 */
export function page({ title, lead, facts, missing, sections }) {
  const claims = sections.flatMap((section) => section.claims.map((one) => ({ ...one, section })))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${lead.map((text) => `<p>${text}</p>`).join('\n')}
</header>
${tally(claims)}
${missing.map((text) => `<p class="missing">${text}</p>`).join('\n')}
<nav aria-label="Contents"><ol>${sections.map(({ id, title: name }) => `<li><a href="#${id}">${name}</a></li>`).join('')}</ol></nav>
<h2 id="verdicts">Every claim and its verdict</h2>
<div class="summary">${summary(claims)}</div>
${sections.map(sectionHtml).join('\n')}
<h2 id="facts">Seeds, versions, machine</h2>
<dl class="facts">${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>
</main>
</body>
</html>
`
}

function tally(claims) {
  const count = (verdict) => claims.filter((one) => one.verdict === verdict && !one.question).length
  return `<ul class="tally">${COUNTED.map(([verdict, word]) => `<li><b>${count(verdict)}</b>${word}</li>`).join('')}</ul>`
}

function summary(claims) {
  const rows = (some) =>
    some.map((one) => [one.says, badge(one), `<a href="#${one.section.id}">${one.section.item}</a>`])
  const questions = claims.filter(({ question }) => question)
  const statements = table({
    caption:
      'A verdict follows from tests that are fixed in the code: all hold, some hold, none holds. The sections below show each test with what was measured.',
    columns: ['claim', 'verdict', 'section'],
    rows: rows(claims.filter(({ question }) => !question)),
  })
  if (questions.length === 0) return statements
  const columns = ['what the paper leaves open', 'answer', 'section']
  return `${statements}${table({ caption: 'Questions beyond the paper, answered in the same way.', columns, rows: rows(questions) })}`
}

function sectionHtml({ id, title, item, claims, blocks, seconds, error }) {
  const failure = error === undefined ? '' : `<p class="missing">${error}</p>`
  return `<section id="${id}">
<h2>${title}<small>${item}${seconds === undefined ? '' : ` · ${seconds.toFixed(1)} s`}</small></h2>
${failure}
${blocks.join('\n')}
${claims.map(claimBlock).join('\n')}
</section>`
}
