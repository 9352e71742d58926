import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Interrupts the built command at random times of its work, and prints how long each verb took to end: the worst and the median. Fails where a process
 * left a temporary file or its output, or ended with another code; and, with --limit, where one took longer.
 *
 *   npm run test:interrupts [-- --times 20] [--only fit] [--limit 100] [--seed 1] [--share 0.1, of the rows]
 */
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : process.argv[at + 1]
}
const TIMES = Number(option('times', 10))
const LIMIT_MS = Number(option('limit', Infinity))
const ONLY = option('only', '')
const SHARE = Number(option('share', 1))

const folder = mkdtempSync(join(tmpdir(), 'collimate-interrupts-'))
const path = (name) => join(folder, name)

/** A linear congruential generator (Numerical Recipes), uniform in [-1, 1). */
function uniform(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}
const random = uniform(Number(option('seed', 1)))

/** Rows some at a time, into a file. */
function write(name, all, cols, begin, piece) {
  const rows = Math.ceil(all * SHARE)
  const file = openSync(path(name), 'w')
  if (begin !== '') writeSync(file, begin)
  for (let at = 0; at < rows; at += 1000) {
    const count = Math.min(1000, rows - at)
    writeSync(file, piece(Float32Array.from({ length: count * cols }, random), count))
  }
  closeSync(file)
}

function npy(name, rows, cols) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${Math.ceil(rows * SHARE)}, ${cols}), }`.padEnd(117)
  write(name, rows, cols, Buffer.from(`\x93NUMPY\x01\x00v\x00${text}\n`, 'latin1'), (data) => data)
}

const lines = (data, rows, line) =>
  Array.from({ length: rows }, (_, i) => `${line(Array.from(data.subarray((i * data.length) / rows, ((i + 1) * data.length) / rows)))}\n`).join('') // prettier-ignore
const csv = (name, rows, cols) =>
  write(name, rows, cols, '', (data, count) => lines(data, count, (row) => row.join(',')))
const jsonl = (name, rows, cols) =>
  write(name, rows, cols, '', (data, count) => lines(data, count, (embedding) => JSON.stringify({ embedding })))
const ids = (name, rows, cols) => {
  let id = 0
  write(name, rows, cols, `id,${Array.from({ length: cols }, (_, j) => `x${j}`).join(',')}\n`, (data, count) =>
    lines(data, count, (row) => `k${id++},${row.join(',')}`),
  )
}

const starting = (argv) => spawn(process.execPath, ['dist/cli.js', ...argv], { stdio: ['ignore', 'ignore', 'pipe'] })

function ended(child) {
  let stderr = ''
  child.stderr.on('data', (text) => (stderr += text))
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stderr })))
}

/** Milliseconds of a run that nobody interrupts. */
async function whole(argv) {
  const start = performance.now()
  const { code, stderr } = await ended(starting(argv))
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
  return performance.now() - start
}

async function interrupted(argv, afterMs, signal) {
  const child = starting(argv)
  const end = ended(child)
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  if (child.exitCode !== null) return undefined
  const start = performance.now()
  child.kill(signal)
  return { ms: (await end, performance.now() - start), ...(await end) }
}

/** Once the command is loaded it says that it was interrupted; until then the signal has its own effect. */
const isSound = ({ code, signal, stderr }, kind) =>
  signal === kind ||
  (stderr.endsWith('collimate: interrupted\n') && code === { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[kind])

let failed = false
async function verb(name, ...argv) {
  if (!name.includes(ONLY)) return
  const duration = await whole(argv)
  const at = argv.indexOf('--out')
  const out = at < 0 ? path('out') : argv[at + 1]
  const took = []
  for (let i = 0; i < TIMES; i++) {
    rmSync(out, { force: true })
    const before = readdirSync(folder).length
    const after = (0.5 + 0.5 * random()) * duration
    const kind = ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP'][i % 4]
    const outcome = await interrupted(argv, after, kind)
    if (outcome === undefined || outcome.code === 0) continue
    took.push(outcome.ms)
    const isClean = readdirSync(folder).length === before
    if (isSound(outcome, kind) && isClean && outcome.ms <= LIMIT_MS) continue
    failed = true
    console.log(`FAIL ${name}, ${kind} after ${after.toFixed(0)} ms: ${JSON.stringify(outcome)}${isClean ? '' : ', files were left'}`) // prettier-ignore
  }
  took.sort((a, b) => a - b)
  const [worst, median] = [took.at(-1), took[took.length >> 1]].map((ms) => (ms ?? NaN).toFixed(0).padStart(5))
  console.log(`${name.padEnd(28)} ${(duration / 1000).toFixed(1).padStart(5)} s  worst ${worst} ms  median ${median} ms  of ${took.length}`) // prettier-ignore
}

try {
  npy('a.npy', 100_000, 256)
  npy('b.npy', 100_000, 128)
  npy('c.npy', 4_000, 256)
  npy('d.npy', 4_000, 128)
  npy('wide.npy', 2_000, 1024)
  csv('a.csv', 20_000, 128)
  csv('b.csv', 20_000, 128)
  jsonl('a.jsonl', 20_000, 128)
  ids('i.csv', 20_000, 64)
  ids('j.csv', 20_000, 64)
  writeFileSync(path('one.json'), JSON.stringify(Array.from({ length: 5_000 }, () => ({ embedding: Array.from({ length: 256 }, random) })))) // prettier-ignore
  const [a, b, c, d, wide] = ['a', 'b', 'c', 'd', 'wide'].map((name) => path(`${name}.npy`))
  const [model, out] = [path('model.safetensors'), path('out')]
  const parts = ['0.part', '1.part'].map(path)
  await whole(['fit', c, d, '-k', '32', '--out', model])
  for (const part of parts) await whole(['factor', wide, '--out', part])

  await verb('fit', 'fit', a, b, '-k', '32', '--out', out)
  await verb('fit, CSV', 'fit', path('a.csv'), path('b.csv'), '-k', '32', '--out', out)
  await verb('fit, joined on ids', 'fit', path('i.csv'), path('j.csv'), '--id', 'id', '-k', '16', '--out', out)
  await verb('fit, InfoNCE', 'fit', c, d, '--method', 'linear-contrastive', '--solver', 'infonce', '--epochs', '20', '-k', '32', '--out', out) // prettier-ignore
  await verb('fit, wide', 'fit', wide, wide, '-k', '64', '--out', out)
  await verb('factor', 'factor', a, b, '--out', out)
  await verb('factor, wide', 'factor', wide, wide, '--out', out)
  await verb('merge', 'merge', ...parts, '--out', out)
  await verb('spectrum', 'spectrum', a, b)
  await verb('cross-validate', 'cross-validate', c, d, '-k', '8,16', '--out', out)
  await verb('evaluate', 'evaluate', model, c, d)
  await verb('transform', 'transform', model, a, '--modality', '0', '--out', out)
  await verb('transform to CSV', 'transform', model, a, '--modality', '0', '--format', 'csv', '--out', out)
  await verb('translate', 'translate', model, a, '--from', '0', '--to', '1', '--out', out)
  await verb('convert, CSV to .npy', 'convert', path('a.csv'), '--out', out)
  await verb('convert, JSONL to .npy', 'convert', path('a.jsonl'), '--out', out)
  await verb('convert, JSON to .npy', 'convert', path('one.json'), '--out', out)
  await verb('convert, .npy to JSONL', 'convert', c, '--format', 'jsonl', '--out', out)
  await verb('convert, .npy to .gz', 'convert', b, '--out', `${out}.npy.gz`)
  await verb('info', 'info', a)
} finally {
  rmSync(folder, { recursive: true })
}
process.exitCode = failed ? 1 : 0
