/**
 * The angles of two independent Jacobi rotations, one in each lane of a vector: square roots and divisions, whose latency is
 * what counts here, are then paid once for two.
 *
 * A column is x = f s: s is what is stored, f its scale. A rotation by the angle with tangent t (|t| <= 1) is applied to the
 * stored columns without its cosine c, which goes into the scales:
 *
 *   s_x <- s_x + a s_y,  s_y <- s_y - b s_x,  f <- c f,  a = t f_y / f_x,  b = t f_x / f_y.
 *
 * One matrix may span 1e90 to 1e-120, so everything comes from the cosine gamma between the columns and the ratio mu <= 1 of their
 * norms, which cannot leave the range: t = mu tau with tau = +-2 gamma / (1 - mu^2 + sqrt((1 - mu^2)^2 + 4 gamma^2 mu^2)), the sign
 * making the larger column larger. With w = |s_x| |s_y|: a = tau |s_x|^2 / w, b = tau |s_y|^2 / w, and the one that acts on the
 * larger column has another factor mu^2.
 */

/** Per-column data of the iteration, arrays of f64. */
@unmanaged
export class Columns {
  /** |s_j|^2, updated with every rotation. */
  squares: usize
  /** |x_j|. */
  norms: usize
  /** f_j. */
  scales: usize
}

/** What {@link rotations} leaves for its caller: vectors of two lanes. */
@unmanaged
export class Outcome {
  a: usize
  b: usize
  /** Bit l is set where lane l rotates. */
  active: i32
  /** Largest cosine seen and largest sine applied in the sweep. */
  maxCosine: f64
  maxSine: f64
  /** Smallest factor by which a squared norm was downdated. */
  smallest: f64
}

/** Below this factor a downdated square has lost digits, and the caller computes it afresh. */
export const RECOMPUTE: f64 = 1.0 / 64.0
/** Keeps a square positive until it is computed afresh. */
const FLOOR: f64 = 1e-12

function exchanged(v: v128): v128 {
  return v128.shuffle<u64>(v, v, 1, 0)
}

function larger(v: v128): f64 {
  return max<f64>(f64x2.extract_lane(v, 0), f64x2.extract_lane(v, 1))
}

/**
 * Lane l rotates x = column p + l and y = column q + l (crossed: q + 1 - l), whose stored inner product is lane l of g; lanes whose cosine
 * is at most `tolerance` do nothing. Writes the coefficients to `o.a`, `o.b` and updates squares, norms and scales.
 * c = 1 - t^2 / (w + sqrt w), w = 1 + t^2, and not 1 / sqrt(1 + t^2): for small t the root of 1 + k eps lies just below a
 * midpoint and always rounds down, c^2 + s^2 exceeds 1 by eps / 2 on average, and at n = 300 all singular values come out
 * 140 eps too large (measured).
 */
export function rotations(k: Columns, o: Outcome, g: v128, p: i32, q: i32, crossed: bool, tolerance: f64): void {
  const atX: usize = (p as usize) << 3
  const atY: usize = (q as usize) << 3
  const one = f64x2.splat(1)
  const xx = v128.load(k.squares + atX)
  const nx = v128.load(k.norms + atX)
  let yy = v128.load(k.squares + atY)
  let ny = v128.load(k.norms + atY)
  if (crossed) {
    yy = exchanged(yy)
    ny = exchanged(ny)
  }
  const w = f64x2.sqrt(f64x2.mul(xx, yy))
  // A zero column has no angle: 0 / 0 there is masked out.
  const gamma = v128.and(f64x2.div(g, w), f64x2.gt(w, f64x2.splat(0)))
  const cosine = f64x2.abs(gamma)
  o.maxCosine = max<f64>(o.maxCosine, larger(cosine))
  const active = f64x2.gt(cosine, f64x2.splat(tolerance))
  o.active = i64x2.bitmask(active)
  if (o.active == 0) {
    v128.store(o.a, i64x2.splat(0))
    v128.store(o.b, i64x2.splat(0))
    return
  }
  const yLarger = f64x2.gt(ny, nx)
  const mu = f64x2.div(f64x2.min(nx, ny), f64x2.max(nx, ny))
  const mu2 = f64x2.mul(mu, mu)
  const gap = f64x2.mul(f64x2.sub(one, mu), f64x2.add(one, mu))
  const twice = f64x2.add(gamma, gamma)
  const side = f64x2.mul(twice, mu)
  const root = f64x2.sqrt(f64x2.add(f64x2.mul(gap, gap), f64x2.mul(side, side)))
  const magnitude = v128.and(f64x2.div(twice, f64x2.add(gap, root)), active)
  const tau = v128.xor(magnitude, v128.and(yLarger, f64x2.splat(-0.0)))
  v128.store(o.a, v128.and(f64x2.mul(f64x2.mul(tau, f64x2.div(xx, w)), v128.bitselect(one, mu2, yLarger)), active))
  v128.store(o.b, v128.and(f64x2.mul(f64x2.mul(tau, f64x2.div(yy, w)), v128.bitselect(mu2, one, yLarger)), active))

  const t = v128.and(f64x2.mul(mu, tau), active)
  const t2 = f64x2.mul(t, t)
  const h = f64x2.add(one, t2)
  const c = f64x2.sub(one, f64x2.div(t2, f64x2.add(h, f64x2.sqrt(h))))
  o.maxSine = max<f64>(o.maxSine, larger(f64x2.abs(f64x2.mul(t, c))))
  // |x'|^2 = |x|^2 + t x^T y and |y'|^2 = |y|^2 - t x^T y, relative to the old squares.
  const strong = f64x2.mul(gamma, tau)
  const weak = v128.and(f64x2.mul(strong, mu2), active)
  const floor = f64x2.splat(FLOOR)
  const growthX = f64x2.max(floor, f64x2.add(one, v128.bitselect(strong, weak, yLarger)))
  const growthY = f64x2.max(floor, f64x2.sub(one, v128.bitselect(weak, strong, yLarger)))
  o.smallest = min<f64>(o.smallest, min<f64>(-larger(f64x2.neg(growthX)), -larger(f64x2.neg(growthY))))
  v128.store(k.squares + atX, f64x2.mul(xx, f64x2.mul(growthX, h)))
  v128.store(k.norms + atX, f64x2.mul(nx, f64x2.sqrt(growthX)))
  v128.store(k.scales + atX, f64x2.mul(v128.load(k.scales + atX), c))
  let squaresY = f64x2.mul(yy, f64x2.mul(growthY, h))
  let normsY = f64x2.mul(ny, f64x2.sqrt(growthY))
  let cY = c
  if (crossed) {
    squaresY = exchanged(squaresY)
    normsY = exchanged(normsY)
    cY = exchanged(c)
  }
  v128.store(k.squares + atY, squaresY)
  v128.store(k.norms + atY, normsY)
  v128.store(k.scales + atY, f64x2.mul(v128.load(k.scales + atY), cY))
}
