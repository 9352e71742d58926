import { lanes } from '../simd'

/** x *= alpha, n entries. */
export function scal(n: i32, alpha: Real, x: usize): void {
  const step: i32 = lanes()
  const a = v128.splat<Real>(alpha)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    v128.store(x, v128.mul<Real>(a, v128.load(x)))
    x += 16
  }
  for (; i < n; i++) {
    store<Real>(x, alpha * load<Real>(x))
    x += sizeof<Real>()
  }
}
