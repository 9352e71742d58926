import { eigen, eigenIsThere } from './eigen.js'
import { lapack, lapackProblem } from './lapack.js'
import { plainSearch } from './search.js'

/** @typedef {typeof import('./javascript.js')} JavaScriptRivals */
/** @typedef {typeof import('./usearch.js')} Usearch */

/**
 * @typedef {object} Rivals
 * @property {typeof eigen | undefined} eigen
 * @property {typeof lapack | undefined} lapack
 * @property {JavaScriptRivals['mlMatrix'] | undefined} mlMatrix
 * @property {JavaScriptRivals['numpyTs'] | undefined} numpyTs
 * @property {JavaScriptRivals['svdJs'] | undefined} svdJs
 * @property {typeof plainSearch} plainSearch
 * @property {Usearch['usearch'] | undefined} usearch
 */

const INSTALL = 'sh bench/rivals/install.sh'

/**
 * The rivals that are here, and for those that are not, how to get them.
 *
 * @returns {Promise<{ rivals: Rivals, missing: string[] }>}
 */
export async function findRivals() {
  const missing = []
  const hasEigen = eigenIsThere()
  const problem = lapackProblem()
  if (!hasEigen) missing.push(`Eigen in WASM (to get it: ${INSTALL})`)
  if (problem !== undefined) missing.push(`native LAPACK: ${problem} (to get it: ${INSTALL})`)
  /** @type {Partial<JavaScriptRivals>} */
  const inJavaScript = await import('./javascript.js').catch(() => ({}))
  if (inJavaScript.mlMatrix === undefined) missing.push('ml-matrix, numpy-ts and svd-js (to get them: npm ci)')
  const { usearch } = await import('./usearch.js').catch(() => /** @type {Partial<Usearch>} */ ({}))
  if (usearch === undefined) missing.push(`usearch (to get it: ${INSTALL})`)
  return {
    rivals: {
      eigen: hasEigen ? eigen : undefined,
      lapack: problem === undefined ? lapack : undefined,
      mlMatrix: inJavaScript.mlMatrix,
      numpyTs: inJavaScript.numpyTs,
      svdJs: inJavaScript.svdJs,
      plainSearch,
      usearch,
    },
    missing,
  }
}
