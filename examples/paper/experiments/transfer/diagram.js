import { figures } from '../../report/blocks.js'
import { COLOURS, QUIET } from '../../report/plots.js'

const [WIDTH, HEIGHT, BOX_HEIGHT] = [380, 176, 34]
const ROWS = [40, 110]
const COLUMNS = { recording: [2, 74], encoder: [106, 78], map: [214, 46], decoder: [300, 78] }
/** What is fitted in which step, in the order of the steps. */
const STEPS = [
  { column: 'encoder', colour: COLOURS[0], name: 'CA', by: ['contrastively,', 'on pairs'] },
  { column: 'map', colour: COLOURS[1], name: 'PA', by: ['by the SVD,', 'on pairs'] },
  { column: 'decoder', colour: COLOURS[2], name: 'decoder', by: ['on labelled', 'source'] },
]

/** The paper's Figure 5: how a recording becomes an action, and what each part is fitted to. */
export function diagram(source) {
  const both = (text) => ROWS.map((y, m) => ({ y, text: text(m) }))
  const recordings = both((m) => [source, 'inertial'][m]).map(({ y, text }) => box('recording', y, text, QUIET))
  const encoders = both((m) => `encoder f${'¹²'[m]}`).map(({ y, text }) => box('encoder', y, text, COLOURS[0]))
  const maps = both((m) => `A${'¹²'[m]}`).map(({ y, text }) => box('map', y, text, COLOURS[1]))
  const middle = (ROWS[0] + ROWS[1]) / 2
  const arrows = ROWS.flatMap((y) => [
    arrow(end('recording'), y, start('encoder'), y),
    arrow(end('encoder'), y, start('map'), y),
    arrow(end('map'), y, start('decoder'), middle + Math.sign(y - middle) * 8),
  ])
  const parts = [
    ...arrows,
    ...recordings,
    ...encoders,
    ...maps,
    box('decoder', middle, 'decoder h', COLOURS[2]),
    ...STEPS.map(stepNote),
  ]
  return figures({
    caption: `The paper’s Figure 5. CA leaves A¹ and A² out. Labels are those of ${source} recordings; the decoder is tested on inertial ones.`,
    least: 400,
    panels: [
      {
        title: 'What is fitted, and to what',
        svg: `<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-size="12.5" fill="currentColor" text-anchor="middle" role="img" aria-label="Recordings go through an encoder and a map of their modality to one decoder">${parts.join('')}</svg>`,
      },
    ],
  })
}

const start = (column) => COLUMNS[column][0]
const end = (column) => COLUMNS[column][0] + COLUMNS[column][1]
const centre = (column) => COLUMNS[column][0] + COLUMNS[column][1] / 2

const box = (column, y, text, colour) =>
  `<rect x="${start(column)}" y="${y - BOX_HEIGHT / 2}" width="${COLUMNS[column][1]}" height="${BOX_HEIGHT}" rx="4" fill="none" stroke="${colour}" stroke-width="1.5"/><text x="${centre(column)}" y="${y + 4.5}">${text}</text>`

/** A line with a head of 5 pixels. */
function arrow(x1, y1, x2, y2) {
  const length = Math.hypot(x2 - x1, y2 - y1)
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length]
  const [bx, by] = [x2 - 6 * ux, y2 - 6 * uy]
  const head = `${x2},${y2} ${bx - 3.5 * uy},${by + 3.5 * ux} ${bx + 3.5 * uy},${by - 3.5 * ux}`
  return `<path d="M${x1} ${y1}L${bx} ${by}" stroke="${QUIET}" stroke-width="1.3"/><polygon points="${head}" fill="${QUIET}"/>`
}

function stepNote({ column, colour, name, by }) {
  const x = centre(column)
  const lines = by.map((text, i) => `<text x="${x}" y="${157 + 13 * i}" font-size="11" fill="${QUIET}">${text}</text>`)
  return `<text x="${x}" y="144" font-weight="650" fill="${colour}">${name}</text>${lines.join('')}`
}
