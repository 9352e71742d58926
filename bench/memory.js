import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Runs the built command on files that are larger than what it may hold: n pairs of 768 and 128 float32 columns, and 1,500,000 rows of 768 (4.3 GiB,
 * with holes), of which some columns and rows are used. Prints what each took, and fails where a process held more than it may.
 *
 *   npm run test:memory                   200,000 rows; fit and spectrum take 256 of the 768 columns
 *   npm run bench:memory                  1,000,000 rows, all columns: some 10 minutes, and 7 GB of disk
 */
const argument = process.argv.indexOf('--rows')
const ROWS = argument < 0 ? 200_000 : Number(process.argv[argument + 1])
const [WIDE, NARROW, FACTORS] = [768, 128, 32]
const USED = process.argv.includes('--all-columns') ? WIDE : 256
const SPARSE_ROWS = 1_500_000

// Node itself, the compiled command and its kernels take 90 MB; a chunk is 16 MiB, in several forms. When V8 collects them is a matter of luck on a busy
// machine, which a test has to bear: the aim is 200.
const LIMIT_MB = process.argv.includes('--all-columns') ? 200 : 250
const SIZE = 1 + USED + NARROW
/** What a fit holds beside: R. */
const FACTOR_MB = (8 * SIZE ** 2) / 2 ** 20

/** And what of two files that are joined: an id of each row. */
const JOINED_MB = (2 * 120 * ROWS) / 2 ** 20

const folder = mkdtempSync(join(tmpdir(), 'collimate-memory-'))
const path = (name) => join(folder, name)

function header(rows, cols) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${cols}), }`.padEnd(117)
  return Buffer.from(`\x93NUMPY\x01\x00v\x00${text}\n`, 'latin1')
}

/** Deviates that are good enough to tell columns apart. */
function deviates(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** Two files with factors in common. */
function writePair() {
  const random = deviates(1)
  const files = [WIDE, NARROW].map((cols, m) => {
    const file = openSync(path(`${m}.npy`), 'w')
    writeSync(file, header(ROWS, cols))
    return { file, cols, mixing: Float32Array.from({ length: FACTORS * cols }, random) }
  })
  const rows = 1000
  for (let start = 0; start < ROWS; start += rows) {
    const latents = Float32Array.from({ length: rows * FACTORS }, random)
    for (const { file, cols, mixing } of files) {
      const block = Float32Array.from({ length: rows * cols }, random)
      for (let i = 0; i < rows; i++) {
        for (let f = 0; f < FACTORS; f++) {
          const z = latents[i * FACTORS + f]
          for (let j = 0; j < cols; j++) block[i * cols + j] += z * mixing[f * cols + j]
        }
      }
      writeSync(file, block)
    }
  }
  for (const { file } of files) closeSync(file)
}

/** Two files with ids in front, of which one has its rows in another order and lacks one of ten. */
function writeJoined() {
  const random = deviates(2)
  const cols = 65
  for (const [name, order] of [
    ['first.npy', (i) => i],
    ['other.npy', (i) => (i * 7919) % ROWS],
  ]) {
    const file = openSync(path(name), 'w')
    const kept = Array.from({ length: ROWS }, (_, i) => order(i)).filter((id) => name === 'first.npy' || id % 10 > 0)
    writeSync(file, header(kept.length, cols))
    for (let start = 0; start < kept.length; start += 1000) {
      const ids = kept.slice(start, start + 1000)
      const block = Float32Array.from({ length: ids.length * cols }, random)
      ids.forEach((id, i) => {
        block[i * cols] = id
      })
      writeSync(file, block)
    }
    closeSync(file)
  }
}

const reporter = path('report.mjs')
writeFileSync(
  reporter,
  `process.on('exit', () => process.stderr.write('\\nmaxRSS ' + process.resourceUsage().maxRSS + '\\n'))`,
)

let failed = false
/** @param beside - megabytes that it may hold besides */
function run(beside, ...argv) {
  const started = performance.now()
  const node = ['--max-old-space-size=100', '--import', pathToFileURL(reporter).href, 'dist/cli.js']
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...argv], { encoding: 'utf8' })
  const seconds = (performance.now() - started) / 1000
  const megabytes = Number(/maxRSS (\d+)/.exec(stderr)?.[1]) / 1024
  const isSound = status === 0 && megabytes <= LIMIT_MB + beside
  failed ||= !isSound
  const shown = argv.map((word) => word.replace(`${folder}/`, '')).join(' ')
  console.log(
    `${isSound ? 'ok  ' : 'FAIL'} ${megabytes.toFixed(0).padStart(5)} MB ${seconds.toFixed(1).padStart(6)} s  ${shown}`,
  )
  if (status !== 0) console.log(stdout, stderr)
}

try {
  writePair()
  writeFileSync(path('sparse.npy'), header(SPARSE_ROWS, WIDE))
  truncateSync(path('sparse.npy'), 128 + SPARSE_ROWS * WIDE * 4)
  const [wide, narrow, model] = ['0.npy', '1.npy', 'model.safetensors'].map(path)
  const mebibytes = (name) => (statSync(name).size / 2 ** 20).toFixed(0)
  console.log(
    `${ROWS} rows: ${mebibytes(wide)} MiB and ${mebibytes(narrow)} MiB; at most ${LIMIT_MB} MB each, besides ${FACTOR_MB.toFixed(1)} where a factor is made, and ${JOINED_MB.toFixed(0)} where files are joined`,
  )
  const used = ['--columns', `0:${USED}`]
  const pair = [wide, narrow, ...used, '--columns', `0:${NARROW}`]
  const mapped = (from, to, ...rows) =>
    run(0, 'transform', model, path(from), '-m', '0', ...used, ...rows, '--out', path(to))
  run(FACTOR_MB, 'fit', ...pair, '--components', '32', '--out', model)
  run(FACTOR_MB, 'spectrum', ...pair)
  run(FACTOR_MB, 'factor', ...pair, '--out', path('0.part'))
  mapped('0.npy', 'z.npy')
  mapped('0.npy', 'z.csv')
  mapped('0.npy', 's.npy', '--rows', '0:10')
  run(0, 'translate', model, narrow, '--from', '1', '--to', '0', '--out', path('y.npy'))
  run(0, 'convert', wide, '--out', path('c.npy'))
  run(0, 'convert', narrow, '--out', path('c.csv'))
  run(0, 'convert', path('c.csv'), '--out', path('d.npy'))
  run(0, 'info', narrow)
  writeJoined()
  run(JOINED_MB, 'factor', path('first.npy'), path('other.npy'), '--id', '0', '--out', path('joined.part'))
  run(0, 'evaluate', model, ...pair, '--sample', '2000')
  run(JOINED_MB, 'nearest', path('first.npy'), path('other.npy'), '--id', '0', '--rows', ':500', '--metric', 'euclidean', '--out', path('found.csv')) // prettier-ignore
  mapped('sparse.npy', 's.npy', '--rows', '-10:')
  mapped('sparse.npy', 's.npy', '--rows', '1400000:')
} finally {
  rmSync(folder, { recursive: true })
}
process.exitCode = failed ? 1 : 0
