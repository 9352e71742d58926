import { outlineOf, pictureOf } from './drawings.js'

const SHOWN = 7

/** Outlines and the pictures they find, one a row; a row that is pointed at tells `point`. */
export function showQueries(list, queries, { ranking, pictures, labels, test }, point) {
  list.replaceChildren(
    ...queries.map((query) => {
      const item = row(query, ranking[query], { pictures, labels, outlines: test[1] })
      for (const type of ['pointerenter', 'focus']) item.addEventListener(type, () => point(query))
      for (const type of ['pointerleave', 'blur']) item.addEventListener(type, () => point(-1))
      return item
    }),
  )
}

function row(query, order, { pictures, outlines, labels }) {
  const rank = order.indexOf(query) + 1
  const item = element('li', '', { tabIndex: 0 })
  const outline = outlineOf(outlines.row(query), `The outline of a ${labels[query]}`)
  const found = element('ol', 'found')
  for (const picture of order.slice(0, SHOWN)) found.append(entry(picture, query, pictures, labels))
  const verdict = element('span', rank === 1 ? 'verdict good' : 'verdict')
  verdict.append(rank === 1 ? '✓ first' : `rank ${rank}`)
  item.append(outline, found, verdict)
  if (rank > SHOWN) {
    const late = entry(query, query, pictures, labels)
    verdict.append(late.firstChild)
  }
  return item
}

function entry(picture, query, pictures, labels) {
  const own = picture === query
  const item = element('li', own ? 'own' : labels[picture] === labels[query] ? 'same' : 'other')
  item.append(pictureOf(pictures[picture], `a ${labels[picture]}${own ? ', its own picture' : ''}`))
  return item
}

function element(name, className, properties = {}) {
  return Object.assign(document.createElement(name), { className, ...properties })
}
