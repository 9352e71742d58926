import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

const { document } = parseHTML('<!doctype html><html><body></body></html>')

/** Colours of the page's style sheet, so that a figure follows the page from light to dark. */
export const COLOURS = Array.from({ length: 8 }, (_, i) => `var(--colour-${i})`)
export const QUIET = 'var(--quiet)'

const SUPERSCRIPT = { '-': '⁻', ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].entries()) }
export const powerOfTen = (value) =>
  `10${[...String(Math.round(Math.log10(value)))].map((c) => SUPERSCRIPT[c]).join('')}`

const COMMON = { document, style: { fontSize: '13px', overflow: 'visible' }, width: 380, height: 290 }
/** Numbers on log axes: 0.1, 10, 1k. */
const plain = (value) => (value >= 1000 ? `${value / 1000}k` : String(value))

const AXIS = { labelAnchor: 'center', labelArrow: 'none', ticks: 5 }

/** Class names would be those of every other figure of the page: the text of the style goes along once, in style.js. */
const svg = (options) => {
  const figure = Plot.plot({ ...COMMON, ...options, className: 'plot' })
  figure.querySelector('style')?.remove()
  return figure.outerHTML
}

/**
 * Points of one or two modalities, colour by class, circle and cross by modality.
 *
 * @param {{ points: { x: number, y: number, group: number, modality?: number, pair?: number }[], x?: string, y?: string,
 *   lines?: boolean, axes?: boolean, width?: number, height?: number }} content `lines` joins the points of a pair; without `axes`
 *   a frame says where the plane ends
 */
export function scatter({ points, x = '', y = '', lines = false, axes = true, ...size }) {
  const colour = (p) => COLOURS[p.group]
  const of = (modality) => points.filter((p) => (p.modality ?? 0) === modality)
  return svg({
    ...size,
    ...(axes ? { marginLeft: 48, marginBottom: 42 } : { margin: 6 }),
    inset: axes ? 6 : 14,
    grid: axes,
    x: axes ? { ...AXIS, label: x, nice: true } : { axis: null },
    y: axes ? { ...AXIS, label: y, nice: true } : { axis: null },
    marks: [
      axes ? null : Plot.frame({ stroke: QUIET, strokeOpacity: 0.4 }),
      lines
        ? Plot.line(points, { x: 'x', y: 'y', z: 'pair', stroke: colour, strokeOpacity: 0.45, strokeWidth: 0.9 })
        : null,
      Plot.dot(of(0), { x: 'x', y: 'y', stroke: colour, r: 2.6, strokeWidth: 1 }),
      Plot.dot(of(1), { x: 'x', y: 'y', stroke: colour, symbol: 'times', r: 2.2, strokeWidth: 1 }),
    ],
  })
}

/**
 * Curves with the band between their 5 and 95 % quantiles.
 *
 * @param {{ series: { points: { x: number, median: number, low: number, high: number }[], colour: string, dashed?: boolean }[],
 *   x: string, y: string, logX?: boolean, logY?: boolean, rules?: { x?: number, y?: number, label?: string }[],
 *   floor?: number }} content `floor`: on a log scale, what lies below (zeros) is drawn there
 */
export function curves({
  series,
  x,
  y,
  logX = false,
  logY = false,
  rules = [],
  floor,
  domainY,
  plainY = false,
  height,
  ticksX = 5,
}) {
  const lift = (v) => (logY ? Math.max(v, floor ?? 1e-17) : v)
  const drawn = series.map(({ points, ...rest }) => ({
    ...rest,
    points: points.map((p) => ({
      x: p.x,
      median: lift(p.median),
      low: lift(p.low ?? p.median),
      high: lift(p.high ?? p.median),
    })),
  }))
  return svg({
    height: height ?? COMMON.height,
    marginLeft: 56,
    marginBottom: 42,
    marginTop: 16,
    grid: true,
    x: { ...AXIS, label: x, type: logX ? 'log' : 'linear', ticks: ticksX, ...(logX ? { tickFormat: plain } : {}) },
    y: {
      ...AXIS,
      label: y,
      type: logY ? 'log' : 'linear',
      zero: !logY,
      ...(logY ? { tickFormat: plainY ? plain : powerOfTen } : {}),
      ...(domainY === undefined ? {} : { domain: domainY }),
    },
    marks: [
      ...rules.flatMap((rule) => ruleMarks(rule)),
      ...drawn.flatMap(({ points, colour, dashed }) => [
        Plot.areaY(points, { x: 'x', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.18 }),
        Plot.line(points, {
          x: 'x',
          y: 'median',
          stroke: colour,
          strokeWidth: 2,
          ...(dashed ? { strokeDasharray: '4 3' } : {}),
        }),
        Plot.dot(points, { x: 'x', y: 'median', fill: colour, r: 2.4 }),
      ]),
    ],
  })
}

function ruleMarks({ x, y, label }) {
  const line = { stroke: QUIET, strokeDasharray: '3 3' }
  const text = { text: () => label, fill: QUIET, fontSize: 11.5 }
  if (x !== undefined) {
    return [Plot.ruleX([x], line), label ? Plot.text([x], { ...text, x: (v) => v, frameAnchor: 'top', dy: -9 }) : null]
  }
  return [
    Plot.ruleY([y], line),
    label ? Plot.text([y], { ...text, y: (v) => v, frameAnchor: 'right', textAnchor: 'end', dy: -7 }) : null,
  ]
}

/**
 * One row for each name, one dot for each trial, a bar at the mean.
 *
 * @param {{ rows: { name: string, values: number[], colour?: string }[], x: string, log?: boolean, rules?: { x: number, label?: string }[] }} content
 */
export function strip({ rows, x, log = false, rules = [], domain, marginLeft = 130, width = COMMON.width }) {
  const points = rows.flatMap(({ name, values, colour = COLOURS[0] }) =>
    values.map((value) => ({ name, value, colour })),
  )
  const means = rows.map(({ name, values, colour = COLOURS[0] }) => ({ name, value: middle(values, log), colour }))
  return svg({
    width,
    height: 56 + 26 * rows.length,
    marginLeft,
    marginBottom: 42,
    marginTop: 16,
    x: {
      ...AXIS,
      label: x,
      grid: true,
      type: log ? 'log' : 'linear',
      ...(log ? { tickFormat: powerOfTen } : {}),
      ...(domain ? { domain } : {}),
    },
    y: { domain: rows.map(({ name }) => name), label: null, tickSize: 0 },
    marks: [
      ...rules.flatMap((rule) => ruleMarks(rule)),
      Plot.dot(points, { x: 'value', y: 'name', stroke: 'colour', r: 3.6, strokeOpacity: 0.75 }),
      Plot.tickX(means, { x: 'value', y: 'name', stroke: 'colour', strokeWidth: 2.5 }),
    ],
  })
}

function middle(values, log) {
  const average = (list) => list.reduce((sum, v) => sum + v, 0) / list.length
  return log ? Math.exp(average(values.map(Math.log))) : average(values)
}
