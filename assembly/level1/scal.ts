import { lanes } from '../simd'

/** x *= alpha, n entries. */
export function scal<T>(n: i32, alpha: T, x: usize): void {
  const step: i32 = lanes<T>()
  const a = v128.splat<T>(alpha)
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    v128.store(x, v128.mul<T>(a, v128.load(x)))
    x += 16
  }
  for (; i < n; i++) {
    store<T>(x, (alpha * load<T>(x)) as T)
    x += sizeof<T>()
  }
}
