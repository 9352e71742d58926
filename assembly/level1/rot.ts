import { lanes, madd, sum } from '../simd'

/** (x, y) <- (c x + s y, c y + r x), n entries; the plane rotation has r = -s. */
export function rot(n: i32, x: usize, y: usize, c: Real, s: Real, r: Real): void {
  const step: i32 = lanes()
  const vc = v128.splat<Real>(c)
  const vs = v128.splat<Real>(s)
  const vr = v128.splat<Real>(r)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const a = v128.load(x)
    const b = v128.load(y)
    v128.store(x, madd(vs, b, v128.mul<Real>(vc, a)))
    v128.store(y, madd(vr, a, v128.mul<Real>(vc, b)))
    x += 16
    y += 16
  }
  for (; i < n; i++) {
    const a = load<Real>(x)
    const b = load<Real>(y)
    store<Real>(x, c * a + s * b)
    store<Real>(y, c * b + r * a)
    x += sizeof<Real>()
    y += sizeof<Real>()
  }
}

/**
 * The rotation of {@link rot}, and the inner product of the new x with z, in one pass: in one-sided Jacobi the next pair
 * is (x, z), and its product comes for the price of loading z.
 */
export function rotdot(n: i32, x: usize, y: usize, z: usize, c: Real, s: Real, r: Real): Real {
  const step: i32 = 2 * lanes()
  const vc = v128.splat<Real>(c)
  const vs = v128.splat<Real>(s)
  const vr = v128.splat<Real>(r)
  let d0 = v128.splat<Real>(0)
  let d1 = d0
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const a0 = v128.load(x)
    const b0 = v128.load(y)
    const a1 = v128.load(x, 16)
    const b1 = v128.load(y, 16)
    const n0 = madd(vs, b0, v128.mul<Real>(vc, a0))
    const n1 = madd(vs, b1, v128.mul<Real>(vc, a1))
    v128.store(x, n0)
    v128.store(x, n1, 16)
    v128.store(y, madd(vr, a0, v128.mul<Real>(vc, b0)))
    v128.store(y, madd(vr, a1, v128.mul<Real>(vc, b1)), 16)
    d0 = madd(n0, v128.load(z), d0)
    d1 = madd(n1, v128.load(z, 16), d1)
    x += 32
    y += 32
    z += 32
  }
  let d: Real = sum(v128.add<Real>(d0, d1))
  for (; i < n; i++) {
    const a = load<Real>(x)
    const b = load<Real>(y)
    const na: Real = c * a + s * b
    store<Real>(x, na)
    store<Real>(y, c * b + r * a)
    d += na * load<Real>(z)
    x += sizeof<Real>()
    y += sizeof<Real>()
    z += sizeof<Real>()
  }
  return d
}
