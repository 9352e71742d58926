import { table } from '../../report/blocks.js'
import { meanCell, percentCell } from '../../report/format.js'
import { KS } from './protocol.js'

/** The paper's Table 1, as cells. */
const PAPER_TABLE = [
  [
    'CA, paper',
    '2210<small>± 20.5</small>',
    '38.6<small>± 3.01</small>',
    '56.1<small>± 6.66</small>',
    '66.3<small>± 5.61</small>',
    '73.9<small>± 5.21</small>',
  ],
  [
    'CA+PA, paper',
    '8.66<small>± 0.306</small>',
    '43.9<small>± 4.28</small>',
    '60.6<small>± 5.67</small>',
    '69.7<small>± 2.83</small>',
    '75.8<small>± 1.07</small>',
  ],
  ['Δ, paper', '−2200', '+5.3', '+4.5', '+3.4', '+1.9'],
]

/**
 * The paper's Table 1 with ours below.
 *
 * @param {{ caption: string, ours: { methods: object, note: string }[] }} content the figures of CA and CA+PA of each configuration
 */
export function tableOne({ caption, ours }) {
  return table({
    caption,
    columns: ['', 'CMAE', ...KS.map((k) => `Top-${k} (%)`)],
    rows: [
      ...PAPER_TABLE.map((row) => ({ from: 'paper', cells: row })),
      ...ours.flatMap(({ methods, note }) => tableRows(methods, note)),
    ],
  })
}

/** Rows CA, CA+PA and their difference of one configuration, in the paper's columns. */
function tableRows(methods, note) {
  const tops = KS.map((k) => `top${k}`)
  const cells = (name) => [
    `${name}, ours<small>${note}</small>`,
    meanCell(methods[name].cmae),
    ...tops.map((top) => percentCell(methods[name][top])),
  ]
  const signed = (value, places) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(places)}`
  const difference = (key) => methods['CA+PA'][key].mean - methods.CA[key].mean
  return [
    cells('CA'),
    cells('CA+PA'),
    [
      `Δ, ours<small>${note}</small>`,
      signed(difference('cmae'), 1),
      ...tops.map((top) => signed(100 * difference(top), 1)),
    ],
  ]
}
