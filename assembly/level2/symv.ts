import { lanes, madd, sum } from '../simd'

/**
 * Rows below a block of four columns: y += A w, and d[c] += A[:, c]^T x, for A m x 4. Each entry is loaded once for both
 * of the products in which it takes part.
 */
function below<T>(m: i32, a: usize, stride: usize, x: usize, y: usize, w: usize, d: usize): void {
  const step: i32 = lanes<T>()
  const a1 = a + stride
  const a2 = a1 + stride
  const a3 = a2 + stride
  const s0 = load<T>(w)
  const s1 = load<T>(w + sizeof<T>())
  const s2 = load<T>(w + 2 * sizeof<T>())
  const s3 = load<T>(w + 3 * sizeof<T>())
  const w0 = v128.splat<T>(s0)
  const w1 = v128.splat<T>(s1)
  const w2 = v128.splat<T>(s2)
  const w3 = v128.splat<T>(s3)
  let d0 = v128.splat<T>(0 as T)
  let d1 = d0
  let d2 = d0
  let d3 = d0
  let i: usize = 0
  const vectors: usize = ((m / step) * step * sizeof<T>()) as usize
  for (; i < vectors; i += 16) {
    const xi = v128.load(x + i)
    const c0 = v128.load(a + i)
    const c1 = v128.load(a1 + i)
    const c2 = v128.load(a2 + i)
    const c3 = v128.load(a3 + i)
    d0 = madd<T>(c0, xi, d0)
    d1 = madd<T>(c1, xi, d1)
    d2 = madd<T>(c2, xi, d2)
    d3 = madd<T>(c3, xi, d3)
    const even = madd<T>(w2, c2, madd<T>(w0, c0, v128.load(y + i)))
    const odd = madd<T>(w3, c3, v128.mul<T>(w1, c1))
    v128.store(y + i, v128.add<T>(even, odd))
  }
  let t0: T = sum<T>(d0)
  let t1: T = sum<T>(d1)
  let t2: T = sum<T>(d2)
  let t3: T = sum<T>(d3)
  const end: usize = (m as usize) * sizeof<T>()
  for (; i < end; i += sizeof<T>()) {
    const xi = load<T>(x + i)
    const c0 = load<T>(a + i)
    const c1 = load<T>(a1 + i)
    const c2 = load<T>(a2 + i)
    const c3 = load<T>(a3 + i)
    t0 = (t0 + c0 * xi) as T
    t1 = (t1 + c1 * xi) as T
    t2 = (t2 + c2 * xi) as T
    t3 = (t3 + c3 * xi) as T
    const even: T = (load<T>(y + i) + s0 * c0 + s2 * c2) as T
    store<T>(y + i, (even + (s1 * c1 + s3 * c3)) as T)
  }
  store<T>(d, (load<T>(d) + t0) as T)
  store<T>(d + sizeof<T>(), (load<T>(d + sizeof<T>()) + t1) as T)
  store<T>(d + 2 * sizeof<T>(), (load<T>(d + 2 * sizeof<T>()) + t2) as T)
  store<T>(d + 3 * sizeof<T>(), (load<T>(d + 3 * sizeof<T>()) + t3) as T)
}

/** y += D x for the k x k diagonal block D, of which the lower triangle is given. */
function diagonalBlock<T>(k: i32, a: usize, stride: usize, x: usize, y: usize): void {
  for (let c: usize = 0; c < (k as usize); c++) {
    const xc = load<T>(x + c * sizeof<T>())
    const column = a + c * stride
    let yc: T = (load<T>(y + c * sizeof<T>()) + load<T>(column + c * sizeof<T>()) * xc) as T
    for (let r: usize = c + 1; r < (k as usize); r++) {
      const entry = load<T>(column + r * sizeof<T>())
      const yr = y + r * sizeof<T>()
      store<T>(yr, (load<T>(yr) + entry * xc) as T)
      yc = (yc + entry * load<T>(x + r * sizeof<T>())) as T
    }
    store<T>(y + c * sizeof<T>(), yc)
  }
}

/** y = A x for symmetric A, n x n with columns lda elements apart, of which only the lower triangle is read. */
export function symv<T>(n: i32, a: usize, lda: i32, x: usize, y: usize): void {
  const stride: usize = (lda as usize) * sizeof<T>()
  memory.fill(y, 0, (n as usize) * sizeof<T>())
  for (let j: i32 = 0; j < n; j += 4) {
    const k = min(4, n - j)
    diagonalBlock<T>(k, a, stride, x, y)
    const skip: usize = 4 * sizeof<T>()
    if (n - j > 4) below<T>(n - j - 4, a + skip, stride, x + skip, y + skip, x, y)
    a += 4 * stride + skip
    x += skip
    y += skip
  }
}
