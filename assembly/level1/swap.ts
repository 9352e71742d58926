/** x <-> y, n entries. */
export function swap<T>(n: i32, x: usize, y: usize): void {
  const step: i32 = 16 / sizeof<T>()
  let i: i32 = 0
  for (; i + step <= n; i += step) {
    const t = v128.load(x)
    v128.store(x, v128.load(y))
    v128.store(y, t)
    x += 16
    y += 16
  }
  for (; i < n; i++) {
    const t = load<T>(x)
    store<T>(x, load<T>(y))
    store<T>(y, t)
    x += sizeof<T>()
    y += sizeof<T>()
  }
}
