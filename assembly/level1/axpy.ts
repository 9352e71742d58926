import { lanes, madd } from '../simd'

/** y += alpha x, n entries. */
export function axpy<T>(n: i32, alpha: T, x: usize, y: usize): void {
  const step: i32 = 2 * lanes<T>()
  const a = v128.splat<T>(alpha)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    v128.store(y, madd<T>(a, v128.load(x), v128.load(y)))
    v128.store(y, madd<T>(a, v128.load(x, 16), v128.load(y, 16)), 16)
    x += 32
    y += 32
  }
  for (; i < n; i++) {
    store<T>(y, (load<T>(y) + alpha * load<T>(x)) as T)
    x += sizeof<T>()
    y += sizeof<T>()
  }
}

/** Y[:, j] += w[j] x for j = 0 .. 3, columns `stride` bytes apart. */
export function axpy4<T>(n: i32, w: usize, x: usize, y: usize, stride: usize): void {
  const step: i32 = lanes<T>()
  const y1 = y + stride
  const y2 = y1 + stride
  const y3 = y2 + stride
  const s0 = load<T>(w)
  const s1 = load<T>(w + sizeof<T>())
  const s2 = load<T>(w + 2 * sizeof<T>())
  const s3 = load<T>(w + 3 * sizeof<T>())
  const w0 = v128.splat<T>(s0)
  const w1 = v128.splat<T>(s1)
  const w2 = v128.splat<T>(s2)
  const w3 = v128.splat<T>(s3)
  let i: usize = 0
  const vectors: usize = ((n / step) * step * sizeof<T>()) as usize
  for (; i < vectors; i += 16) {
    const xi = v128.load(x + i)
    v128.store(y + i, madd<T>(w0, xi, v128.load(y + i)))
    v128.store(y1 + i, madd<T>(w1, xi, v128.load(y1 + i)))
    v128.store(y2 + i, madd<T>(w2, xi, v128.load(y2 + i)))
    v128.store(y3 + i, madd<T>(w3, xi, v128.load(y3 + i)))
  }
  const end: usize = (n as usize) * sizeof<T>()
  for (; i < end; i += sizeof<T>()) {
    const xi = load<T>(x + i)
    store<T>(y + i, (load<T>(y + i) + s0 * xi) as T)
    store<T>(y1 + i, (load<T>(y1 + i) + s1 * xi) as T)
    store<T>(y2 + i, (load<T>(y2 + i) + s2 * xi) as T)
    store<T>(y3 + i, (load<T>(y3 + i) + s3 * xi) as T)
  }
}
