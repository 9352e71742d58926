import { lanes, madd, nmadd, sum } from '../simd'

/**
 * Kernels of one-sided Jacobi on two columns p0, p1 against two columns q0, q1, n entries each: four columns are loaded for
 * four rotations, where one rotation at a time loads and stores two.
 */

/** out = [p0 q0, p1 q1, p0 q1, p1 q0]. */
export function dots2x2(n: i32, p0: usize, p1: usize, q0: usize, q1: usize, out: usize): void {
  const step: i32 = 2 * lanes()
  let a00 = v128.splat<Real>(0)
  let a11 = a00
  let a01 = a00
  let a10 = a00
  let i: i32 = 0
  // Two vectors a turn and one set of accumulators: 12 registers. A second set would spill, at half the speed (measured).
  for (; i + step <= n; i += step) {
    const x0 = v128.load(p0)
    const x1 = v128.load(p1)
    const y0 = v128.load(q0)
    const y1 = v128.load(q1)
    a00 = madd(x0, y0, a00)
    a11 = madd(x1, y1, a11)
    a01 = madd(x0, y1, a01)
    a10 = madd(x1, y0, a10)
    const u0 = v128.load(p0, 16)
    const u1 = v128.load(p1, 16)
    const v0 = v128.load(q0, 16)
    const v1 = v128.load(q1, 16)
    a00 = madd(u0, v0, a00)
    a11 = madd(u1, v1, a11)
    a01 = madd(u0, v1, a01)
    a10 = madd(u1, v0, a10)
    p0 += 32
    p1 += 32
    q0 += 32
    q1 += 32
  }
  let s00: Real = sum(a00)
  let s11: Real = sum(a11)
  let s01: Real = sum(a01)
  let s10: Real = sum(a10)
  for (; i < n; i++) {
    const x0 = load<Real>(p0)
    const x1 = load<Real>(p1)
    const y0 = load<Real>(q0)
    const y1 = load<Real>(q1)
    s00 += x0 * y0
    s11 += x1 * y1
    s01 += x0 * y1
    s10 += x1 * y0
    p0 += sizeof<Real>()
    p1 += sizeof<Real>()
    q0 += sizeof<Real>()
    q1 += sizeof<Real>()
  }
  store<Real>(out, s00)
  store<Real>(out + sizeof<Real>(), s11)
  store<Real>(out + 2 * sizeof<Real>(), s01)
  store<Real>(out + 3 * sizeof<Real>(), s10)
}

/**
 * Four scaled rotations (x, y) <- (x + a y, y - b x): first (p0, q0) and (p1, q1), then (p0, q1) and (p1, q0).
 * coefficients = [a00, a11, b00, b11, a01, a10, b01, b10].
 */
export function rot2x2(n: i32, p0: usize, p1: usize, q0: usize, q1: usize, coefficients: usize): void {
  const step: i32 = 4 * lanes()
  const s00 = load<Real>(coefficients)
  const s11 = load<Real>(coefficients + sizeof<Real>())
  const r00 = load<Real>(coefficients + 2 * sizeof<Real>())
  const r11 = load<Real>(coefficients + 3 * sizeof<Real>())
  const s01 = load<Real>(coefficients + 4 * sizeof<Real>())
  const s10 = load<Real>(coefficients + 5 * sizeof<Real>())
  const r01 = load<Real>(coefficients + 6 * sizeof<Real>())
  const r10 = load<Real>(coefficients + 7 * sizeof<Real>())
  const a00 = v128.splat<Real>(s00)
  const a11 = v128.splat<Real>(s11)
  const b00 = v128.splat<Real>(r00)
  const b11 = v128.splat<Real>(r11)
  const a01 = v128.splat<Real>(s01)
  const a10 = v128.splat<Real>(s10)
  const b01 = v128.splat<Real>(r01)
  const b10 = v128.splat<Real>(r10)
  let i: i32 = 0
  // Written out four times: the engine checks for interrupts once a turn, and this loop is bound by instructions (measured).
  for (; i + step <= n; i += step) {
    {
      const x0 = v128.load(p0)
      const y0 = v128.load(q0)
      const x1 = v128.load(p1)
      const y1 = v128.load(q1)
      const u0 = madd(a00, y0, x0)
      const v0 = nmadd(b00, x0, y0)
      const u1 = madd(a11, y1, x1)
      const v1 = nmadd(b11, x1, y1)
      v128.store(p0, madd(a01, v1, u0))
      v128.store(q1, nmadd(b01, u0, v1))
      v128.store(p1, madd(a10, v0, u1))
      v128.store(q0, nmadd(b10, u1, v0))
    }
    {
      const x0 = v128.load(p0, 16)
      const y0 = v128.load(q0, 16)
      const x1 = v128.load(p1, 16)
      const y1 = v128.load(q1, 16)
      const u0 = madd(a00, y0, x0)
      const v0 = nmadd(b00, x0, y0)
      const u1 = madd(a11, y1, x1)
      const v1 = nmadd(b11, x1, y1)
      v128.store(p0, madd(a01, v1, u0), 16)
      v128.store(q1, nmadd(b01, u0, v1), 16)
      v128.store(p1, madd(a10, v0, u1), 16)
      v128.store(q0, nmadd(b10, u1, v0), 16)
    }
    {
      const x0 = v128.load(p0, 32)
      const y0 = v128.load(q0, 32)
      const x1 = v128.load(p1, 32)
      const y1 = v128.load(q1, 32)
      const u0 = madd(a00, y0, x0)
      const v0 = nmadd(b00, x0, y0)
      const u1 = madd(a11, y1, x1)
      const v1 = nmadd(b11, x1, y1)
      v128.store(p0, madd(a01, v1, u0), 32)
      v128.store(q1, nmadd(b01, u0, v1), 32)
      v128.store(p1, madd(a10, v0, u1), 32)
      v128.store(q0, nmadd(b10, u1, v0), 32)
    }
    {
      const x0 = v128.load(p0, 48)
      const y0 = v128.load(q0, 48)
      const x1 = v128.load(p1, 48)
      const y1 = v128.load(q1, 48)
      const u0 = madd(a00, y0, x0)
      const v0 = nmadd(b00, x0, y0)
      const u1 = madd(a11, y1, x1)
      const v1 = nmadd(b11, x1, y1)
      v128.store(p0, madd(a01, v1, u0), 48)
      v128.store(q1, nmadd(b01, u0, v1), 48)
      v128.store(p1, madd(a10, v0, u1), 48)
      v128.store(q0, nmadd(b10, u1, v0), 48)
    }
    p0 += 64
    p1 += 64
    q0 += 64
    q1 += 64
  }
  for (; i < n; i++) {
    const x0 = load<Real>(p0)
    const y0 = load<Real>(q0)
    const x1 = load<Real>(p1)
    const y1 = load<Real>(q1)
    const u0: Real = x0 + s00 * y0
    const v0: Real = y0 - r00 * x0
    const u1: Real = x1 + s11 * y1
    const v1: Real = y1 - r11 * x1
    store<Real>(p0, u0 + s01 * v1)
    store<Real>(q1, v1 - r01 * u0)
    store<Real>(p1, u1 + s10 * v0)
    store<Real>(q0, v0 - r10 * u1)
    p0 += sizeof<Real>()
    p1 += sizeof<Real>()
    q0 += sizeof<Real>()
    q1 += sizeof<Real>()
  }
}

/** One scaled rotation (x, y) <- (x + a y, y - b x). */
export function rotm(n: i32, x: usize, y: usize, a: Real, b: Real): void {
  const step: i32 = 2 * lanes()
  const va = v128.splat<Real>(a)
  const vb = v128.splat<Real>(b)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const x0 = v128.load(x)
    const y0 = v128.load(y)
    const x1 = v128.load(x, 16)
    const y1 = v128.load(y, 16)
    v128.store(x, madd(va, y0, x0))
    v128.store(y, nmadd(vb, x0, y0))
    v128.store(x, madd(va, y1, x1), 16)
    v128.store(y, nmadd(vb, x1, y1), 16)
    x += 32
    y += 32
  }
  for (; i < n; i++) {
    const x0 = load<Real>(x)
    const y0 = load<Real>(y)
    store<Real>(x, x0 + a * y0)
    store<Real>(y, y0 - b * x0)
    x += sizeof<Real>()
    y += sizeof<Real>()
  }
}
