import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { magnitudes } from '../data.js'

/** @typedef {import('../data.js').Data} Data */
/** @typedef {import('../harness.js').Contender} Contender */

// The system's Python, because apt gives that one a NumPy on OpenBLAS; wheels in another bring a BLAS of their own.
const PYTHON = '/usr/bin/python3'
const script = fileURLToPath(new URL('lapack_rival.py', import.meta.url))

/** One thread, and OpenBLAS's own choice of kernels for this processor. */
function environment() {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' }
  delete env.OPENBLAS_CORETYPE
  delete env.OPENBLAS_L2_SIZE
  return env
}

/** Why LAPACK cannot be run, or undefined if it can: whether Python, NumPy, SciPy and OpenBLAS are here. */
export function lapackProblem() {
  const smallest = [script, 'gesdd', '2', '2', '--runs', '1']
  const { status, stderr, error } = spawnSync(PYTHON, smallest, { env: environment(), encoding: 'utf8' })
  return status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n').at(-1))
}

/**
 * A Python process that holds the matrix and times one run whenever it is told to.
 *
 * @param {string} name
 * @param {string} routine one of lapack_rival.py's
 * @param {Data | { rows: number, cols: number, data: Float32Array }} input
 * @param {number} [flops]
 * @param {number[]} [more] what the routine asks for beside its matrix
 * @param {boolean} [isSingle] whether the matrix is float32
 * @returns {Promise<Contender>}
 */
async function paced(name, routine, { rows, cols, data }, flops, more = [], isSingle = false) {
  const folder = await mkdtemp(join(tmpdir(), 'collimate-bench-'))
  try {
    const file = join(folder, 'matrix.f64')
    await writeFile(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    const args = [
      script,
      routine,
      String(rows),
      String(cols),
      '--matrix',
      file,
      '--paced',
      ...(isSingle ? ['--single'] : []),
      '--arguments',
      ...more.map(String),
    ]
    const child = spawn(PYTHON, args, { env: environment(), stdio: ['pipe', 'pipe', 'inherit'] })
    // A child that dies is reported by the missing reply, not by the pipe that breaks.
    child.stdin.on('error', () => {})
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const reply = async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${script} ${routine} ended early`)
      return JSON.parse(value)
    }
    const values = Float64Array.from((await reply()).values)
    return {
      name,
      flops,
      async run() {
        child.stdin.write('\n')
        return (await reply()).ms
      },
      values: () => values,
      async close() {
        child.stdin.end()
        if (child.exitCode === null) await once(child, 'exit')
      },
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const WIDTHS = {
  widths_factor: 'LAPACK dgeqrf, native',
  widths_balanced: 'NumPy QR + SciPy eigh of k, native',
  widths_cca: 'NumPy + SciPy Cholesky route, native',
  widths_ridge: 'NumPy normal equations, native',
}

/** LAPACK on OpenBLAS, one thread, native code: the yardstick of the machine rather than a rival in a page. */
export const lapack = {
  /** A B for the n x n matrices A and B. @param {Data} AB B below A @param {number} flops */
  gemm: (AB, flops) => paced('OpenBLAS dgemm, native', 'gemm', AB, flops),

  /** @param {Data} A @param {number} flops */
  async qr(A, flops) {
    const contender = await paced('LAPACK dgeqrf, native', 'geqrf', A, flops)
    return { ...contender, values: () => magnitudes(contender.values?.() ?? []) }
  },

  /** The algorithm of this package: preconditioned one-sided Jacobi. @param {Data} A */
  jacobi: (A) => paced('LAPACK dgejsv, native', 'dgejsv', A),

  /** The same without vectors. @param {Data} A */
  jacobiValues: (A) => paced('LAPACK dgejsv, no vectors, native', 'dgejsv_values', A),

  /** The fastest. @param {Data} A */
  divideAndConquer: (A) => paced('LAPACK dgesdd, native', 'gesdd', A),

  /** @param {Data} X the stacked data */
  alignment: (X) => paced('LAPACK QR + gesdd, native', 'qr_svd', X),

  /**
   * Fits at the widths of embedding models, as NumPy and SciPy have them.
   *
   * @param {keyof typeof WIDTHS} routine
   * @param {Data} X both modalities side by side
   * @param {number[]} more columns of the first, components, ridge
   */
  widths: (routine, X, more) => paced(WIDTHS[routine], routine, X, undefined, more),

  /**
   * The k rows nearest to a query by cosine, in float32.
   *
   * @param {{ rows: number, cols: number, data: Float32Array }} gallery
   * @param {Float32Array} query
   * @param {number} k
   */
  search(gallery, query, k) {
    const data = new Float32Array(gallery.data.length + query.length)
    data.set(gallery.data)
    data.set(query, gallery.data.length)
    const input = { rows: gallery.rows + 1, cols: gallery.cols, data }
    return paced('NumPy product and argpartition, native', 'search', input, undefined, [k], true)
  },

  /** @param {Data} X the stacked data */
  numpy: (X) => paced('numpy.linalg.svd, native', 'numpy_svd', X),
}
