import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { magnitudes, probe } from '../data.js'
import { inProcess } from '../harness.js'
import { scratch } from '../paths.js'

/** @typedef {import('../data.js').Data} Data */

/**
 * What install.sh compiles from eigen_rival.cpp; pointers are byte offsets.
 *
 * @typedef {object} EigenModule
 * @property {Float64Array} HEAPF64 replaced whenever the memory grows
 * @property {(rows: number, cols: number) => number} _eigen_input
 * @property {() => number} _eigen_values
 * @property {() => number} _eigen_product
 * @property {() => void} _eigen_gemm
 * @property {() => void} _eigen_qr
 * @property {() => void} _eigen_svd
 * @property {() => void} _eigen_alignment
 */

const compiled = fileURLToPath(new URL('eigen_rival.cjs', scratch))

export const eigenIsThere = () => existsSync(compiled)

/**
 * An instance of its own for one contender. Eigen stores columns, so the rows are transposed on the way in, untimed.
 *
 * @param {Data} input
 * @returns {Promise<EigenModule>}
 */
async function withInput({ rows, cols, data }) {
  const eigen = await createRequire(import.meta.url)(compiled)()
  const first = eigen._eigen_input(rows, cols) / Float64Array.BYTES_PER_ELEMENT
  const heap = eigen.HEAPF64
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) heap[first + j * rows + i] = data[i * cols + j]
  return eigen
}

/**
 * @param {EigenModule} eigen
 * @param {number} pointer
 * @param {number} length
 */
function view({ HEAPF64 }, pointer, length) {
  const start = pointer / Float64Array.BYTES_PER_ELEMENT
  return HEAPF64.subarray(start, start + length)
}

/**
 * @param {EigenModule} eigen
 * @param {number} length
 */
const singularValues = (eigen, length) => Float64Array.from(view(eigen, eigen._eigen_values(), length))

/** Eigen 3.4 compiled to SIMD WebAssembly, in this process. */
export const eigen = {
  /** A B for the n x n matrices A and B. @param {Data} AB B below A @param {number} flops */
  async gemm(AB, flops) {
    const n = AB.cols
    const eigen = await withInput(AB)
    const read = () => {
      const C = view(eigen, eigen._eigen_product(), n * n)
      return probe(n, (i, j) => C[j * n + i])
    }
    return inProcess('Eigen gemm, WASM', eigen._eigen_gemm, read, flops)
  },

  /** @param {Data} A @param {number} flops */
  async qr(A, flops) {
    const eigen = await withInput(A)
    const read = () => magnitudes(view(eigen, eigen._eigen_values(), A.cols))
    return inProcess('Eigen HouseholderQR, WASM', eigen._eigen_qr, read, flops)
  },

  /** @param {Data} A */
  async svd(A) {
    const eigen = await withInput(A)
    return inProcess('Eigen BDCSVD, WASM', eigen._eigen_svd, () => singularValues(eigen, A.cols))
  },

  /** @param {Data} X the stacked data */
  async alignment(X) {
    const eigen = await withInput(X)
    return inProcess('Eigen QR + BDCSVD, WASM', eigen._eigen_alignment, () => singularValues(eigen, X.cols))
  },
}
