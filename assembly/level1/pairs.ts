import { lanes, madd, nmadd, sum } from '../simd'

/**
 * Kernels of one-sided Jacobi on two columns p0, p1 against two columns q0, q1, n entries each: four columns are loaded for
 * four rotations, where one rotation at a time loads and stores two.
 */

/** out = [p0 q0, p1 q1, p0 q1, p1 q0]. */
export function dots2x2<T>(n: i32, p0: usize, p1: usize, q0: usize, q1: usize, out: usize): void {
  const step: i32 = 2 * lanes<T>()
  let a00 = v128.splat<T>(0 as T)
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
    a00 = madd<T>(x0, y0, a00)
    a11 = madd<T>(x1, y1, a11)
    a01 = madd<T>(x0, y1, a01)
    a10 = madd<T>(x1, y0, a10)
    const u0 = v128.load(p0, 16)
    const u1 = v128.load(p1, 16)
    const v0 = v128.load(q0, 16)
    const v1 = v128.load(q1, 16)
    a00 = madd<T>(u0, v0, a00)
    a11 = madd<T>(u1, v1, a11)
    a01 = madd<T>(u0, v1, a01)
    a10 = madd<T>(u1, v0, a10)
    p0 += 32
    p1 += 32
    q0 += 32
    q1 += 32
  }
  let s00: T = sum<T>(a00)
  let s11: T = sum<T>(a11)
  let s01: T = sum<T>(a01)
  let s10: T = sum<T>(a10)
  for (; i < n; i++) {
    const x0 = load<T>(p0)
    const x1 = load<T>(p1)
    const y0 = load<T>(q0)
    const y1 = load<T>(q1)
    s00 = (s00 + x0 * y0) as T
    s11 = (s11 + x1 * y1) as T
    s01 = (s01 + x0 * y1) as T
    s10 = (s10 + x1 * y0) as T
    p0 += sizeof<T>()
    p1 += sizeof<T>()
    q0 += sizeof<T>()
    q1 += sizeof<T>()
  }
  store<T>(out, s00)
  store<T>(out + sizeof<T>(), s11)
  store<T>(out + 2 * sizeof<T>(), s01)
  store<T>(out + 3 * sizeof<T>(), s10)
}

/**
 * Four scaled rotations (x, y) <- (x + a y, y - b x): first (p0, q0) and (p1, q1), then (p0, q1) and (p1, q0).
 * coefficients = [a00, a11, b00, b11, a01, a10, b01, b10].
 */
export function rot2x2<T>(n: i32, p0: usize, p1: usize, q0: usize, q1: usize, coefficients: usize): void {
  const step: i32 = 4 * lanes<T>()
  const s00 = load<T>(coefficients)
  const s11 = load<T>(coefficients + sizeof<T>())
  const r00 = load<T>(coefficients + 2 * sizeof<T>())
  const r11 = load<T>(coefficients + 3 * sizeof<T>())
  const s01 = load<T>(coefficients + 4 * sizeof<T>())
  const s10 = load<T>(coefficients + 5 * sizeof<T>())
  const r01 = load<T>(coefficients + 6 * sizeof<T>())
  const r10 = load<T>(coefficients + 7 * sizeof<T>())
  const a00 = v128.splat<T>(s00)
  const a11 = v128.splat<T>(s11)
  const b00 = v128.splat<T>(r00)
  const b11 = v128.splat<T>(r11)
  const a01 = v128.splat<T>(s01)
  const a10 = v128.splat<T>(s10)
  const b01 = v128.splat<T>(r01)
  const b10 = v128.splat<T>(r10)
  let i: i32 = 0
  // Written out four times: the engine checks for interrupts once a turn, and this loop is bound by instructions (measured).
  for (; i + step <= n; i += step) {
    {
      const x0 = v128.load(p0)
      const y0 = v128.load(q0)
      const x1 = v128.load(p1)
      const y1 = v128.load(q1)
      const u0 = madd<T>(a00, y0, x0)
      const v0 = nmadd<T>(b00, x0, y0)
      const u1 = madd<T>(a11, y1, x1)
      const v1 = nmadd<T>(b11, x1, y1)
      v128.store(p0, madd<T>(a01, v1, u0))
      v128.store(q1, nmadd<T>(b01, u0, v1))
      v128.store(p1, madd<T>(a10, v0, u1))
      v128.store(q0, nmadd<T>(b10, u1, v0))
    }
    {
      const x0 = v128.load(p0, 16)
      const y0 = v128.load(q0, 16)
      const x1 = v128.load(p1, 16)
      const y1 = v128.load(q1, 16)
      const u0 = madd<T>(a00, y0, x0)
      const v0 = nmadd<T>(b00, x0, y0)
      const u1 = madd<T>(a11, y1, x1)
      const v1 = nmadd<T>(b11, x1, y1)
      v128.store(p0, madd<T>(a01, v1, u0), 16)
      v128.store(q1, nmadd<T>(b01, u0, v1), 16)
      v128.store(p1, madd<T>(a10, v0, u1), 16)
      v128.store(q0, nmadd<T>(b10, u1, v0), 16)
    }
    {
      const x0 = v128.load(p0, 32)
      const y0 = v128.load(q0, 32)
      const x1 = v128.load(p1, 32)
      const y1 = v128.load(q1, 32)
      const u0 = madd<T>(a00, y0, x0)
      const v0 = nmadd<T>(b00, x0, y0)
      const u1 = madd<T>(a11, y1, x1)
      const v1 = nmadd<T>(b11, x1, y1)
      v128.store(p0, madd<T>(a01, v1, u0), 32)
      v128.store(q1, nmadd<T>(b01, u0, v1), 32)
      v128.store(p1, madd<T>(a10, v0, u1), 32)
      v128.store(q0, nmadd<T>(b10, u1, v0), 32)
    }
    {
      const x0 = v128.load(p0, 48)
      const y0 = v128.load(q0, 48)
      const x1 = v128.load(p1, 48)
      const y1 = v128.load(q1, 48)
      const u0 = madd<T>(a00, y0, x0)
      const v0 = nmadd<T>(b00, x0, y0)
      const u1 = madd<T>(a11, y1, x1)
      const v1 = nmadd<T>(b11, x1, y1)
      v128.store(p0, madd<T>(a01, v1, u0), 48)
      v128.store(q1, nmadd<T>(b01, u0, v1), 48)
      v128.store(p1, madd<T>(a10, v0, u1), 48)
      v128.store(q0, nmadd<T>(b10, u1, v0), 48)
    }
    p0 += 64
    p1 += 64
    q0 += 64
    q1 += 64
  }
  for (; i < n; i++) {
    const x0 = load<T>(p0)
    const y0 = load<T>(q0)
    const x1 = load<T>(p1)
    const y1 = load<T>(q1)
    const u0: T = (x0 + s00 * y0) as T
    const v0: T = (y0 - r00 * x0) as T
    const u1: T = (x1 + s11 * y1) as T
    const v1: T = (y1 - r11 * x1) as T
    store<T>(p0, (u0 + s01 * v1) as T)
    store<T>(q1, (v1 - r01 * u0) as T)
    store<T>(p1, (u1 + s10 * v0) as T)
    store<T>(q0, (v0 - r10 * u1) as T)
    p0 += sizeof<T>()
    p1 += sizeof<T>()
    q0 += sizeof<T>()
    q1 += sizeof<T>()
  }
}

/** One scaled rotation (x, y) <- (x + a y, y - b x). */
export function rotm<T>(n: i32, x: usize, y: usize, a: T, b: T): void {
  const step: i32 = 2 * lanes<T>()
  const va = v128.splat<T>(a)
  const vb = v128.splat<T>(b)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const x0 = v128.load(x)
    const y0 = v128.load(y)
    const x1 = v128.load(x, 16)
    const y1 = v128.load(y, 16)
    v128.store(x, madd<T>(va, y0, x0))
    v128.store(y, nmadd<T>(vb, x0, y0))
    v128.store(x, madd<T>(va, y1, x1), 16)
    v128.store(y, nmadd<T>(vb, x1, y1), 16)
    x += 32
    y += 32
  }
  for (; i < n; i++) {
    const x0 = load<T>(x)
    const y0 = load<T>(y)
    store<T>(x, (x0 + a * y0) as T)
    store<T>(y, (y0 - b * x0) as T)
    x += sizeof<T>()
    y += sizeof<T>()
  }
}
