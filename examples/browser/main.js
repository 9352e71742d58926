import { binaryName } from '../../dist/index.js'
import { align, plane, rankings } from './alignment.js'
import { HELD_OUT, loadDigits, permutation, split } from './digits.js'
import { pictureOf } from './drawings.js'
import { fillLegend, PlaneView } from './plane-view.js'
import { showQueries } from './retrieval.js'

const QUERIES = 7

const $ = (selector) => document.querySelector(selector)
const form = $('#controls')
const status = $('#status')

const view = new PlaneView($('#plane'), { point: pointAt, choose })
let digits
let seed = 1
let drawing = 1
let fitting = new AbortController()
/** What is on the page: the split, its alignment and the rankings. */
let current
let queries = []

fillLegend($('#legend'))
form.addEventListener('input', () => void update())
form.addEventListener('submit', (event) => event.preventDefault())
$('#shuffle').addEventListener('click', () => {
  seed++
  void update()
})
$('#draw').addEventListener('click', () => {
  drawing++
  drawQueries()
})

/** What the form asks for. */
function asked() {
  const fields = new FormData(form)
  const number = (name) => Number(fields.get(name))
  for (const name of ['pairs', 'components']) $(`output[for=${name}]`).textContent = fields.get(name)
  return { selection: fields.get('selection'), pairs: number('pairs'), components: number('components'), seed }
}

/** Fits what is asked for; a fit that is still running for something else is given up. */
async function update() {
  const request = asked()
  fitting.abort()
  fitting = new AbortController()
  const { signal } = fitting
  document.documentElement.dataset.state = 'fitting'
  try {
    const data = split(digits, request)
    const onProgress = ({ phase }) => (status.textContent = `Fitting: ${phase} …`)
    const result = await align(data, { ...request, signal, onProgress })
    show(request, data, result)
    document.documentElement.dataset.state = 'ready'
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function show(request, data, result) {
  const samePairs = current?.request.seed === request.seed
  const points = plane(result.latents, samePairs ? current.points : undefined)
  current = { request, data, points, ranking: rankings(result.latents) }
  view.show(points, data.labels, samePairs)
  const chosen = request.selection === 'auto' ? `, which chose ‘${result.selected}’` : ''
  status.textContent =
    `‘${request.selection}’${chosen}: fitted in ${result.milliseconds.toFixed(0)} ms on ${request.pairs} pairs of ` +
    `240 and 216 numbers, ${binaryName() === 'relaxed' ? 'relaxed SIMD' : 'SIMD'}.`
  showMeasures(result.measures)
  $('#finding').textContent = finding(result.measures)
  $('#plane').setAttribute('aria-label', `Both views of ${HELD_OUT} digits in a plane. ${finding(result.measures)}`)
  if (!samePairs) queries = []
  drawQueries()
}

const percent = (share) => `${(100 * share).toFixed(1)} %`

const SUPERSCRIPT = { '-': '⁻', ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].entries()) }
const power = (exponent) => [...exponent].map((c) => SUPERSCRIPT[c]).join('')
const distance = (x) =>
  x < 0.001 ? x.toExponential(0).replace(/e(.*)/, (_, exponent) => ` × 10${power(exponent)}`) : x.toFixed(3)

function showMeasures({ training, heldOut, recall1, recall10 }) {
  $('[data-measure=training]').textContent = distance(training)
  $('[data-measure=heldOut]').textContent = distance(heldOut)
  $('[data-measure=recall1]').textContent = percent(recall1)
  $('[data-measure=recall10]').textContent = percent(recall10)
}

/** What the figures say, in a sentence. */
function finding({ training, recall1 }) {
  if (training < 1e-6 && recall1 < 0.9)
    return `The training pairs meet exactly, and yet only ${percent(recall1)} of new ones are found: with so few pairs that is always possible, and proves nothing.`
  if (training < 1e-6) return `The training pairs meet exactly, and ${percent(recall1)} of new ones are found at once.`
  return `The training pairs do not meet exactly; ${percent(recall1)} of new ones are found at once, where guessing finds one in ${HELD_OUT}.`
}

function drawQueries(first) {
  const random = permutation(HELD_OUT, 1000 * seed + drawing)
  if (queries.length === 0 || first === undefined) queries = random.slice(0, QUERIES)
  if (first !== undefined) queries = [first, ...queries.filter((query) => query !== first)].slice(0, QUERIES)
  showQueries($('#queries'), queries, { ranking: current.ranking, ...current.data }, (pair) => view.point(pair))
}

/** A pair that is chosen becomes the first outline that looks for its picture. */
function choose(pair) {
  drawQueries(pair)
}

function pointAt(pair) {
  const place = $('#pointed')
  if (pair < 0 || current === undefined) return place.replaceChildren()
  const { data, ranking } = current
  const rank = ranking[pair].indexOf(pair) + 1
  const digit = data.labels[pair]
  place.replaceChildren(
    pictureOf(data.pictures[pair], ''),
    `A ${digit}; its outline finds this picture ${rank === 1 ? 'at once' : `at rank ${rank}`}. Click to see what it finds.`,
  )
}

try {
  digits = await loadDigits()
  await update()
} catch (error) {
  status.textContent = `This page cannot work here: ${error.message}`
  document.documentElement.dataset.state = 'failed'
  throw error
}
