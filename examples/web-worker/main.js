import { PerfectAlignment } from '../../dist/index.js'
import { FitClient } from './fit-client.js'
import { FrameChart } from './frame-chart.js'
import { Meter } from './meter.js'
import { recallOf } from './recall.js'

const WIDTH = 256
const OPTIONS = { nComponents: 32 }

const $ = (selector) => document.querySelector(selector)
const form = $('#controls')
const client = new FitClient()
const chart = new FrameChart($('#frames'))
const meter = new Meter((wait) => chart.add(wait))
let fitting = new AbortController()

/** Each takes the rows wanted, a signal and what to tell progress; all give a model, how long the fit took, and what it finds. */
const PLACES = {
  worker(rows, how) {
    return watched(() => client.fit({ rows, width: WIDTH, options: OPTIONS }, how))
  },
  async turns(rows, how) {
    const { train, test } = await client.data({ rows, width: WIDTH })
    const fitted = await watched(() => timed(() => new PerfectAlignment(OPTIONS).fitAsync(train, how)))
    return { ...fitted, recall: recallOf(fitted.model, test) }
  },
  async once(rows) {
    const { train, test } = await client.data({ rows, width: WIDTH })
    const fitted = await watched(() => timed(() => new PerfectAlignment(OPTIONS).fit(train)))
    return { ...fitted, recall: recallOf(fitted.model, test) }
  },
}

async function timed(work) {
  const start = performance.now()
  return { model: await work(), milliseconds: performance.now() - start }
}

/** What the page's thread is kept from during the work: not while data comes here, nor while the model is tested. */
async function watched(work) {
  await meter.start()
  try {
    const done = await work()
    return { ...done, waits: await meter.stop() }
  } catch (error) {
    await meter.stop()
    throw error
  }
}

form.addEventListener('input', showRows)
form.addEventListener('submit', (event) => {
  event.preventDefault()
  void fit()
})
$('#cancel').addEventListener('click', () => fitting.abort())
showRows()

function showRows() {
  $('output[for=rows]').textContent = Number(form.elements.rows.value).toLocaleString('en')
}

async function fit() {
  const { rows, where } = form.elements
  fitting = new AbortController()
  setState('fitting', 'Fitting …')
  let messages = 0
  const onProgress = (progress) => {
    messages++
    showProgress(progress)
  }
  try {
    const fitted = await PLACES[where.value](Number(rows.value), { signal: fitting.signal, onProgress })
    show(fitted, messages)
    setState('done', 'Done.')
  } catch (error) {
    if (error === fitting.signal.reason) setState('cancelled', 'Cancelled; nothing was fitted.')
    else setState('failed', `It failed: ${error.message}`)
  }
  showProgress({ phase: '', done: 0, total: 1 })
}

function setState(state, text) {
  document.documentElement.dataset.state = state
  $('#status').textContent = text
  $('#fit').disabled = state === 'fitting'
  $('#cancel').disabled = state !== 'fitting'
}

function showProgress({ phase, done, total }) {
  $('#phase').textContent = phase
  // The factor of the rows has a known length; what follows depends on the data.
  const bar = $('#bar')
  if (phase === 'factor' || phase === '') bar.value = done / total
  else bar.removeAttribute('value')
}

function show({ model, milliseconds, recall, waits: { frame, task } }, messages) {
  const texts = {
    fit: `${milliseconds.toFixed(0)} ms`,
    frame: `${frame.toFixed(0)} ms`,
    task: task === undefined ? 'not told here' : task === 0 ? 'under 50 ms' : `${task.toFixed(0)} ms`,
    messages,
  }
  for (const [name, text] of Object.entries(texts)) $(`[data-measure=${name}]`).textContent = text
  $('#result').textContent =
    `The model has ${model.maps.length} maps of ${OPTIONS.nComponents} x ${WIDTH} numbers; of 500 new pairs, ` +
    `${(100 * recall).toFixed(1)} % find their other half first.`
}
