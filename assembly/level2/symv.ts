import { lanes, madd, sum } from '../simd'

/**
 * Rows below a block of four columns: y += A w, and d[c] += A[:, c]^T x, for A m x 4. Each entry is loaded once for both
 * of the products in which it takes part.
 */
function below(m: i32, a: usize, stride: usize, x: usize, y: usize, w: usize, d: usize): void {
  const step: i32 = lanes()
  const a1 = a + stride
  const a2 = a1 + stride
  const a3 = a2 + stride
  const s0 = load<Real>(w)
  const s1 = load<Real>(w + sizeof<Real>())
  const s2 = load<Real>(w + 2 * sizeof<Real>())
  const s3 = load<Real>(w + 3 * sizeof<Real>())
  const w0 = v128.splat<Real>(s0)
  const w1 = v128.splat<Real>(s1)
  const w2 = v128.splat<Real>(s2)
  const w3 = v128.splat<Real>(s3)
  let d0 = v128.splat<Real>(0)
  let d1 = d0
  let d2 = d0
  let d3 = d0
  let i: usize = 0
  const vectors: usize = ((m / step) * step * sizeof<Real>()) as usize
  for (; i < vectors; i += 16) {
    const xi = v128.load(x + i)
    const c0 = v128.load(a + i)
    const c1 = v128.load(a1 + i)
    const c2 = v128.load(a2 + i)
    const c3 = v128.load(a3 + i)
    d0 = madd(c0, xi, d0)
    d1 = madd(c1, xi, d1)
    d2 = madd(c2, xi, d2)
    d3 = madd(c3, xi, d3)
    const even = madd(w2, c2, madd(w0, c0, v128.load(y + i)))
    const odd = madd(w3, c3, v128.mul<Real>(w1, c1))
    v128.store(y + i, v128.add<Real>(even, odd))
  }
  let t0: Real = sum(d0)
  let t1: Real = sum(d1)
  let t2: Real = sum(d2)
  let t3: Real = sum(d3)
  const end: usize = (m as usize) * sizeof<Real>()
  for (; i < end; i += sizeof<Real>()) {
    const xi = load<Real>(x + i)
    const c0 = load<Real>(a + i)
    const c1 = load<Real>(a1 + i)
    const c2 = load<Real>(a2 + i)
    const c3 = load<Real>(a3 + i)
    t0 += c0 * xi
    t1 += c1 * xi
    t2 += c2 * xi
    t3 += c3 * xi
    const even: Real = load<Real>(y + i) + s0 * c0 + s2 * c2
    store<Real>(y + i, even + (s1 * c1 + s3 * c3))
  }
  store<Real>(d, load<Real>(d) + t0)
  store<Real>(d + sizeof<Real>(), load<Real>(d + sizeof<Real>()) + t1)
  store<Real>(d + 2 * sizeof<Real>(), load<Real>(d + 2 * sizeof<Real>()) + t2)
  store<Real>(d + 3 * sizeof<Real>(), load<Real>(d + 3 * sizeof<Real>()) + t3)
}

/** y += D x for the k x k diagonal block D, of which the lower triangle is given. */
function diagonalBlock(k: i32, a: usize, stride: usize, x: usize, y: usize): void {
  for (let c: usize = 0; c < (k as usize); c++) {
    const xc = load<Real>(x + c * sizeof<Real>())
    const column = a + c * stride
    let yc: Real = load<Real>(y + c * sizeof<Real>()) + load<Real>(column + c * sizeof<Real>()) * xc
    for (let r: usize = c + 1; r < (k as usize); r++) {
      const entry = load<Real>(column + r * sizeof<Real>())
      const yr = y + r * sizeof<Real>()
      store<Real>(yr, load<Real>(yr) + entry * xc)
      yc += entry * load<Real>(x + r * sizeof<Real>())
    }
    store<Real>(y + c * sizeof<Real>(), yc)
  }
}

/** y = A x for symmetric A, n x n with columns lda elements apart, of which only the lower triangle is read. */
export function symv(n: i32, a: usize, lda: i32, x: usize, y: usize): void {
  const stride: usize = (lda as usize) * sizeof<Real>()
  memory.fill(y, 0, (n as usize) * sizeof<Real>())
  for (let j: i32 = 0; j < n; j += 4) {
    const k = min(4, n - j)
    diagonalBlock(k, a, stride, x, y)
    const skip: usize = 4 * sizeof<Real>()
    if (n - j > 4) below(n - j - 4, a + skip, stride, x + skip, y + skip, x, y)
    a += 4 * stride + skip
    x += skip
    y += skip
  }
}
