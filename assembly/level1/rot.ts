import { lanes, madd, sum } from '../simd'

/** (x, y) <- (c x + s y, c y + r x), n entries; the plane rotation has r = -s. */
export function rot<T>(n: i32, x: usize, y: usize, c: T, s: T, r: T): void {
  const step: i32 = lanes<T>()
  const vc = v128.splat<T>(c)
  const vs = v128.splat<T>(s)
  const vr = v128.splat<T>(r)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const a = v128.load(x)
    const b = v128.load(y)
    v128.store(x, madd<T>(vs, b, v128.mul<T>(vc, a)))
    v128.store(y, madd<T>(vr, a, v128.mul<T>(vc, b)))
    x += 16
    y += 16
  }
  for (; i < n; i++) {
    const a = load<T>(x)
    const b = load<T>(y)
    store<T>(x, (c * a + s * b) as T)
    store<T>(y, (c * b + r * a) as T)
    x += sizeof<T>()
    y += sizeof<T>()
  }
}

/**
 * The rotation of {@link rot}, and the inner product of the new x with z, in one pass: in one-sided Jacobi the next pair
 * is (x, z), and its product comes for the price of loading z.
 */
export function rotdot<T>(n: i32, x: usize, y: usize, z: usize, c: T, s: T, r: T): T {
  const step: i32 = 2 * lanes<T>()
  const vc = v128.splat<T>(c)
  const vs = v128.splat<T>(s)
  const vr = v128.splat<T>(r)
  let d0 = v128.splat<T>(0 as T)
  let d1 = d0
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const a0 = v128.load(x)
    const b0 = v128.load(y)
    const a1 = v128.load(x, 16)
    const b1 = v128.load(y, 16)
    const n0 = madd<T>(vs, b0, v128.mul<T>(vc, a0))
    const n1 = madd<T>(vs, b1, v128.mul<T>(vc, a1))
    v128.store(x, n0)
    v128.store(x, n1, 16)
    v128.store(y, madd<T>(vr, a0, v128.mul<T>(vc, b0)))
    v128.store(y, madd<T>(vr, a1, v128.mul<T>(vc, b1)), 16)
    d0 = madd<T>(n0, v128.load(z), d0)
    d1 = madd<T>(n1, v128.load(z, 16), d1)
    x += 32
    y += 32
    z += 32
  }
  let d: T = sum<T>(v128.add<T>(d0, d1))
  for (; i < n; i++) {
    const a = load<T>(x)
    const b = load<T>(y)
    const na: T = (c * a + s * b) as T
    store<T>(x, na)
    store<T>(y, (c * b + r * a) as T)
    d = (d + na * load<T>(z)) as T
    x += sizeof<T>()
    y += sizeof<T>()
    z += sizeof<T>()
  }
  return d
}
