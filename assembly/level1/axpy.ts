import { lanes, madd } from '../simd'

/** y += alpha x, n entries. */
export function axpy(n: i32, alpha: Real, x: usize, y: usize): void {
  const step: i32 = 2 * lanes()
  const a = v128.splat<Real>(alpha)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    v128.store(y, madd(a, v128.load(x), v128.load(y)))
    v128.store(y, madd(a, v128.load(x, 16), v128.load(y, 16)), 16)
    x += 32
    y += 32
  }
  for (; i < n; i++) {
    store<Real>(y, load<Real>(y) + alpha * load<Real>(x))
    x += sizeof<Real>()
    y += sizeof<Real>()
  }
}

/** Y[:, j] += w[j] x for j = 0 .. 3, columns `stride` bytes apart. */
export function axpy4(n: i32, w: usize, x: usize, y: usize, stride: usize): void {
  const step: i32 = lanes()
  const y1 = y + stride
  const y2 = y1 + stride
  const y3 = y2 + stride
  const s0 = load<Real>(w)
  const s1 = load<Real>(w + sizeof<Real>())
  const s2 = load<Real>(w + 2 * sizeof<Real>())
  const s3 = load<Real>(w + 3 * sizeof<Real>())
  const w0 = v128.splat<Real>(s0)
  const w1 = v128.splat<Real>(s1)
  const w2 = v128.splat<Real>(s2)
  const w3 = v128.splat<Real>(s3)
  let i: usize = 0
  const vectors: usize = ((n / step) * step * sizeof<Real>()) as usize
  for (; i < vectors; i += 16) {
    const xi = v128.load(x + i)
    v128.store(y + i, madd(w0, xi, v128.load(y + i)))
    v128.store(y1 + i, madd(w1, xi, v128.load(y1 + i)))
    v128.store(y2 + i, madd(w2, xi, v128.load(y2 + i)))
    v128.store(y3 + i, madd(w3, xi, v128.load(y3 + i)))
  }
  const end: usize = (n as usize) * sizeof<Real>()
  for (; i < end; i += sizeof<Real>()) {
    const xi = load<Real>(x + i)
    store<Real>(y + i, load<Real>(y + i) + s0 * xi)
    store<Real>(y1 + i, load<Real>(y1 + i) + s1 * xi)
    store<Real>(y2 + i, load<Real>(y2 + i) + s2 * xi)
    store<Real>(y3 + i, load<Real>(y3 + i) + s3 * xi)
  }
}
