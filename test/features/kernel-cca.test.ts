import { expect, test } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { nystroemFeatures } from '../../src/features/nystroem.js'
import { eigh } from '../../src/linalg/eigh.js'
import { matmul } from '../../src/linalg/matmul.js'
import { svdvals } from '../../src/linalg/svd.js'
import { Matrix } from '../../src/matrix.js'
import { randomStream } from '../../src/random/random-stream.js'

const n = 40

/** H K H with H = I - 1 1^T / n. */
function centred(F: Matrix): Matrix {
  const K = matmul(F, F, { transposeB: true })
  const H = new Matrix(
    n,
    n,
    Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0) - 1 / n),
  )
  return matmul(matmul(H, K), H)
}

/**
 * The canonical correlations of kernel CCA, straight from its definition (Hardoon, Szedmak and Shawe-Taylor 2004, section 4.1): maximise
 * a^T Kx Ky b where a^T (Kx^2 + kappa Kx) a = 1 and b^T (Ky^2 + kappa Ky) b = 1. In the eigenvectors of the kernels.
 */
function kernelCorrelations(kernels: readonly Matrix[], kappas: readonly number[]): Float64Array {
  const bases = kernels.map((K, m) => {
    const { values, vectors } = eigh(K)
    const kept = [...values.keys()].filter((j) => values[j] > 1e-10 * values[n - 1])
    return new Matrix(n, kept.length, Array.from({ length: n }, (_, i) => kept.map((j) => vectors.get(i, j) * Math.sqrt(values[j] / (values[j] + kappas[m])))).flat()) // prettier-ignore
  })
  return svdvals(matmul(bases[0], bases[1], { transposeA: true }))
}

test.each(['gaussian', 'polynomial'] as const)('CanonicalCorrelation of %s features is kernel CCA', (kernel) => {
  const { normal } = randomStream(2, 'kernel cca')
  const Z = Array.from({ length: n }, () => [normal(), normal()])
  const X = Z.map(([a, b]) => [Math.sin(a), a * b, b, normal()])
  const Y = Z.map(([a, b]) => [a * a, Math.cos(b), normal() + a])
  const maps = [X, Y].map((rows) => nystroemFeatures({ kernel, landmarks: n, width: 2 }).fit(rows))
  const features = [maps[0].transform(X), maps[1].transform(Y)]
  const c = 0.02
  const model = new CanonicalCorrelation({ nComponents: 3, regularization: c, scale: false }).fit(features)
  const kernels = features.map(centred)
  // kappa = m c t / (1 - c), with m t the mean of the diagonal of F^T F of centred features: the trace of the kernel for each of them.
  const kappas = kernels.map((K, m) => {
    const trace = Array.from({ length: n }, (_, i) => K.get(i, i)).reduce((a, b) => a + b)
    return ((c / (1 - c)) * trace) / features[m].cols
  })
  const wanted = kernelCorrelations(kernels, kappas)
  const found = model.canonicalCorrelations
  // Variances are (1 - c) S + c t, and rho is in units of those.
  for (let j = 0; j < 3; j++) expect(found[j] * (1 - c)).toBeCloseTo(wanted[j], 9)
})
