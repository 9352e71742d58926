import { elements, entry } from '../address'
import { axpy } from '../level1/axpy'
import { dot } from '../level1/dot'

/**
 * x <- A^-1 x or, `transposed`, A^-T x, from the factors of getrf (LAPACK dgetrs) but for their row exchanges, which change no 1-norm: for
 * estimates of norm(A^-1). 2 n^2 operations.
 */
export function getrs(transposed: bool, n: i32, a: usize, lda: i32, x: usize): void {
  if (transposed) {
    for (let j: i32 = 0; j < n; j++) {
      const at = x + elements(j)
      store<Real>(at, (load<Real>(at) - dot(j, entry(a, lda, 0, j), x)) / load<Real>(entry(a, lda, j, j)))
    }
    for (let j: i32 = n - 2; j >= 0; j--) {
      const at = x + elements(j)
      store<Real>(at, load<Real>(at) - dot(n - j - 1, entry(a, lda, j + 1, j), at + sizeof<Real>()))
    }
    return
  }
  for (let j: i32 = 0; j < n - 1; j++) {
    const at = x + elements(j)
    axpy(n - j - 1, -load<Real>(at), entry(a, lda, j + 1, j), at + sizeof<Real>())
  }
  for (let j: i32 = n - 1; j >= 0; j--) {
    const at = x + elements(j)
    const xj: Real = load<Real>(at) / load<Real>(entry(a, lda, j, j))
    store<Real>(at, xj)
    axpy(j, -xj, entry(a, lda, 0, j), x)
  }
}
