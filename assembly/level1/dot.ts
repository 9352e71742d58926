import { lanes, madd, sum } from '../simd'

/** x^T y, n entries each. Four accumulators hide the latency of the addition. */
export function dot<T>(n: i32, x: usize, y: usize): T {
  const step: i32 = 4 * lanes<T>()
  let s0 = v128.splat<T>(0 as T)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    s0 = madd<T>(v128.load(x), v128.load(y), s0)
    s1 = madd<T>(v128.load(x, 16), v128.load(y, 16), s1)
    s2 = madd<T>(v128.load(x, 32), v128.load(y, 32), s2)
    s3 = madd<T>(v128.load(x, 48), v128.load(y, 48), s3)
    x += 64
    y += 64
  }
  let s: T = sum<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)))
  for (; i < n; i++) {
    s = (s + load<T>(x) * load<T>(y)) as T
    x += sizeof<T>()
    y += sizeof<T>()
  }
  return s
}

/** out[j] = x^T Y[:, j] for j = 0 .. 3, columns `stride` bytes apart: x is loaded once for four columns. */
export function dot4<T>(n: i32, x: usize, y: usize, stride: usize, out: usize): void {
  const step: i32 = 2 * lanes<T>()
  const y1 = y + stride
  const y2 = y1 + stride
  const y3 = y2 + stride
  let a0 = v128.splat<T>(0 as T)
  let a1 = a0
  let a2 = a0
  let a3 = a0
  let i: usize = 0
  const vectors: usize = ((n / step) * step * sizeof<T>()) as usize
  for (; i < vectors; i += 32) {
    const xa = v128.load(x + i)
    const xb = v128.load(x + i, 16)
    a0 = madd<T>(xa, v128.load(y + i), a0)
    a1 = madd<T>(xa, v128.load(y1 + i), a1)
    a2 = madd<T>(xa, v128.load(y2 + i), a2)
    a3 = madd<T>(xa, v128.load(y3 + i), a3)
    a0 = madd<T>(xb, v128.load(y + i, 16), a0)
    a1 = madd<T>(xb, v128.load(y1 + i, 16), a1)
    a2 = madd<T>(xb, v128.load(y2 + i, 16), a2)
    a3 = madd<T>(xb, v128.load(y3 + i, 16), a3)
  }
  let s0: T = sum<T>(a0)
  let s1: T = sum<T>(a1)
  let s2: T = sum<T>(a2)
  let s3: T = sum<T>(a3)
  const end: usize = (n as usize) * sizeof<T>()
  for (; i < end; i += sizeof<T>()) {
    const xi = load<T>(x + i)
    s0 = (s0 + xi * load<T>(y + i)) as T
    s1 = (s1 + xi * load<T>(y1 + i)) as T
    s2 = (s2 + xi * load<T>(y2 + i)) as T
    s3 = (s3 + xi * load<T>(y3 + i)) as T
  }
  store<T>(out, s0)
  store<T>(out + sizeof<T>(), s1)
  store<T>(out + 2 * sizeof<T>(), s2)
  store<T>(out + 3 * sizeof<T>(), s3)
}
