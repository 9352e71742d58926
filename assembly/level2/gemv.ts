import { axpy } from '../level1/axpy'
import { dot, dot4 } from '../level1/dot'
import { lanes, madd } from '../simd'

/** Products of a few contiguous columns, A m x k with columns lda elements apart, with a vector. */

/** y += w[0] A[:, 0] + .. + w[3] A[:, 3]: y is loaded and stored once for four columns, `stride` bytes apart. */
function combine4(m: i32, w: usize, a: usize, stride: usize, y: usize): void {
  const step: i32 = lanes()
  const a1 = a + stride
  const a2 = a1 + stride
  const a3 = a2 + stride
  const s0 = load<Real>(w)
  const s1 = load<Real>(w + sizeof<Real>())
  const s2 = load<Real>(w + 2 * sizeof<Real>())
  const s3 = load<Real>(w + 3 * sizeof<Real>())
  const w0 = v128.splat<Real>(s0)
  const w1 = v128.splat<Real>(s1)
  const w2 = v128.splat<Real>(s2)
  const w3 = v128.splat<Real>(s3)
  let i: usize = 0
  const vectors: usize = ((m / step) * step * sizeof<Real>()) as usize
  for (; i < vectors; i += 16) {
    const even = madd(w2, v128.load(a2 + i), madd(w0, v128.load(a + i), v128.load(y + i)))
    const odd = madd(w3, v128.load(a3 + i), v128.mul<Real>(w1, v128.load(a1 + i)))
    v128.store(y + i, v128.add<Real>(even, odd))
  }
  const end: usize = (m as usize) * sizeof<Real>()
  for (; i < end; i += sizeof<Real>()) {
    const even: Real = load<Real>(y + i) + s0 * load<Real>(a + i) + s2 * load<Real>(a2 + i)
    store<Real>(y + i, even + (s1 * load<Real>(a1 + i) + s3 * load<Real>(a3 + i)))
  }
}

/** y += A x. */
export function gemv(m: i32, k: i32, a: usize, lda: i32, x: usize, y: usize): void {
  const stride: usize = (lda as usize) * sizeof<Real>()
  let j: i32 = 0
  for (; j + 4 <= k; j += 4) {
    combine4(m, x, a, stride, y)
    a += 4 * stride
    x += 4 * sizeof<Real>()
  }
  for (; j < k; j++) {
    axpy(m, load<Real>(x), a, y)
    a += stride
    x += sizeof<Real>()
  }
}

/** y = A^T x. */
export function gemvTransposed(m: i32, k: i32, a: usize, lda: i32, x: usize, y: usize): void {
  const stride: usize = (lda as usize) * sizeof<Real>()
  let j: i32 = 0
  for (; j + 4 <= k; j += 4) {
    dot4(m, x, a, stride, y)
    a += 4 * stride
    y += 4 * sizeof<Real>()
  }
  for (; j < k; j++) {
    store<Real>(y, dot(m, x, a))
    a += stride
    y += sizeof<Real>()
  }
}
