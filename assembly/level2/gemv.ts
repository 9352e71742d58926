import { axpy } from '../level1/axpy'
import { dot, dot4 } from '../level1/dot'
import { lanes, madd } from '../simd'

/** Products of a few contiguous columns, A m x k with columns lda elements apart, with a vector. */

/** y += w[0] A[:, 0] + .. + w[3] A[:, 3]: y is loaded and stored once for four columns, `stride` bytes apart. */
function combine4<T>(m: i32, w: usize, a: usize, stride: usize, y: usize): void {
  const step: i32 = lanes<T>()
  const a1 = a + stride
  const a2 = a1 + stride
  const a3 = a2 + stride
  const s0 = load<T>(w)
  const s1 = load<T>(w + sizeof<T>())
  const s2 = load<T>(w + 2 * sizeof<T>())
  const s3 = load<T>(w + 3 * sizeof<T>())
  const w0 = v128.splat<T>(s0)
  const w1 = v128.splat<T>(s1)
  const w2 = v128.splat<T>(s2)
  const w3 = v128.splat<T>(s3)
  let i: usize = 0
  const vectors: usize = ((m / step) * step * sizeof<T>()) as usize
  for (; i < vectors; i += 16) {
    const even = madd<T>(w2, v128.load(a2 + i), madd<T>(w0, v128.load(a + i), v128.load(y + i)))
    const odd = madd<T>(w3, v128.load(a3 + i), v128.mul<T>(w1, v128.load(a1 + i)))
    v128.store(y + i, v128.add<T>(even, odd))
  }
  const end: usize = (m as usize) * sizeof<T>()
  for (; i < end; i += sizeof<T>()) {
    const even: T = (load<T>(y + i) + s0 * load<T>(a + i) + s2 * load<T>(a2 + i)) as T
    store<T>(y + i, (even + (s1 * load<T>(a1 + i) + s3 * load<T>(a3 + i))) as T)
  }
}

/** y += A x. */
export function gemv<T>(m: i32, k: i32, a: usize, lda: i32, x: usize, y: usize): void {
  const stride: usize = (lda as usize) * sizeof<T>()
  let j: i32 = 0
  for (; j + 4 <= k; j += 4) {
    combine4<T>(m, x, a, stride, y)
    a += 4 * stride
    x += 4 * sizeof<T>()
  }
  for (; j < k; j++) {
    axpy<T>(m, load<T>(x), a, y)
    a += stride
    x += sizeof<T>()
  }
}

/** y = A^T x. */
export function gemvTransposed<T>(m: i32, k: i32, a: usize, lda: i32, x: usize, y: usize): void {
  const stride: usize = (lda as usize) * sizeof<T>()
  let j: i32 = 0
  for (; j + 4 <= k; j += 4) {
    dot4<T>(m, x, a, stride, y)
    a += 4 * stride
    y += 4 * sizeof<T>()
  }
  for (; j < k; j++) {
    store<T>(y, dot<T>(m, x, a))
    a += stride
    y += sizeof<T>()
  }
}
