import { lanes, madd, sum } from '../simd'

/** x^T y, n entries each. Four accumulators hide the latency of the addition. */
export function dot(n: i32, x: usize, y: usize): Real {
  const step: i32 = 4 * lanes()
  let s0 = v128.splat<Real>(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    s0 = madd(v128.load(x), v128.load(y), s0)
    s1 = madd(v128.load(x, 16), v128.load(y, 16), s1)
    s2 = madd(v128.load(x, 32), v128.load(y, 32), s2)
    s3 = madd(v128.load(x, 48), v128.load(y, 48), s3)
    x += 64
    y += 64
  }
  let s: Real = sum(v128.add<Real>(v128.add<Real>(s0, s1), v128.add<Real>(s2, s3)))
  for (; i < n; i++) {
    s += load<Real>(x) * load<Real>(y)
    x += sizeof<Real>()
    y += sizeof<Real>()
  }
  return s
}

/** out[j] = x^T Y[:, j] for j = 0 .. 3, columns `stride` bytes apart: x is loaded once for four columns. */
export function dot4(n: i32, x: usize, y: usize, stride: usize, out: usize): void {
  const step: i32 = 2 * lanes()
  const y1 = y + stride
  const y2 = y1 + stride
  const y3 = y2 + stride
  let a0 = v128.splat<Real>(0)
  let a1 = a0
  let a2 = a0
  let a3 = a0
  let i: usize = 0
  const vectors: usize = ((n / step) * step * sizeof<Real>()) as usize
  for (; i < vectors; i += 32) {
    const xa = v128.load(x + i)
    const xb = v128.load(x + i, 16)
    a0 = madd(xa, v128.load(y + i), a0)
    a1 = madd(xa, v128.load(y1 + i), a1)
    a2 = madd(xa, v128.load(y2 + i), a2)
    a3 = madd(xa, v128.load(y3 + i), a3)
    a0 = madd(xb, v128.load(y + i, 16), a0)
    a1 = madd(xb, v128.load(y1 + i, 16), a1)
    a2 = madd(xb, v128.load(y2 + i, 16), a2)
    a3 = madd(xb, v128.load(y3 + i, 16), a3)
  }
  let s0: Real = sum(a0)
  let s1: Real = sum(a1)
  let s2: Real = sum(a2)
  let s3: Real = sum(a3)
  const end: usize = (n as usize) * sizeof<Real>()
  for (; i < end; i += sizeof<Real>()) {
    const xi = load<Real>(x + i)
    s0 = s0 + xi * load<Real>(y + i)
    s1 = s1 + xi * load<Real>(y1 + i)
    s2 = s2 + xi * load<Real>(y2 + i)
    s3 = s3 + xi * load<Real>(y3 + i)
  }
  store<Real>(out, s0)
  store<Real>(out + sizeof<Real>(), s1)
  store<Real>(out + 2 * sizeof<Real>(), s2)
  store<Real>(out + 3 * sizeof<Real>(), s3)
}
