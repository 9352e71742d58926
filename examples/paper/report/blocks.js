// What a section of the report is made of. Texts are HTML.

export const prose = (...paragraphs) => paragraphs.map((text) => `<p>${text}</p>`).join('\n')

export const heading = (text) => `<h3>${text}</h3>`

/**
 * A table: cells are HTML. The first column is of words, the others are figures. A row may be `{ cells, from }` where
 * `from` is 'paper' (set apart as the paper's value) or 'ours', or `{ group }`, a heading for the rows below it.
 */
export function table({ caption, columns, rows }) {
  const head = columns.map((name) => `<th scope="col">${name}</th>`).join('')
  const body = rows.map((row) => {
    const { cells, from = 'ours', group } = Array.isArray(row) ? { cells: row } : row
    if (group !== undefined)
      return `<tr class="group"><th scope="rowgroup" colspan="${columns.length}">${group}</th></tr>`
    const [first, ...others] = cells
    const figures = others.map((cell) => `<td>${cell}</td>`).join('')
    return `<tr class="${from}"><th scope="row">${first}</th>${figures}</tr>`
  })
  return `<div class="table"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>`
}

/** Figures side by side as far as the page is wide; `least` is the width in pixels at which one more fits. */
export function figures({ caption, panels, least = 300, legend = '' }) {
  const cells = panels.map(
    ({ title, note, svg }) =>
      `<div class="panel"><h4>${title}</h4>${note === undefined ? '' : `<p>${note}</p>`}${svg}</div>`,
  )
  return `<figure>
${legend}
<div class="panels" style="--least: ${least}px">
${cells.join('\n')}
</div>
<figcaption>${caption}</figcaption>
</figure>`
}

/** Coloured names, in the order of a figure's marks. `kind` is 'line', 'dashed', 'dot', 'cross' or 'area', a colour. */
export function legend(entries) {
  const items = entries.map(({ name, colour, kind = 'line' }) => {
    const mark = {
      line: '<path d="M1 7H17" stroke-width="2.5"/>',
      dashed: '<path d="M1 7H17" stroke-width="2" stroke-dasharray="3 3"/>',
      area: `<circle cx="9" cy="7" r="5" fill="${colour}"/>`,
      dot: '<circle cx="9" cy="7" r="4" stroke-width="1.6"/>',
      cross: '<path d="M5 3L13 11M13 3L5 11" stroke-width="1.8"/>',
    }[kind]
    return `<li><svg viewBox="0 0 18 14" width="18" height="14" fill="none" stroke="${colour}" aria-hidden="true">${mark}</svg>${name}</li>`
  })
  return `<ul class="legend">${items.join('')}</ul>`
}
