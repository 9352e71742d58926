import { pow2 } from './scaling'

/**
 * The angles of two independent Jacobi rotations, one in each lane of a vector: a root and divisions, whose latency is what
 * counts here, are then paid once for two.
 *
 * A column is x = f s: s is what is stored, f its scale. A rotation by the angle with tangent t (|t| <= 1) is applied to the
 * stored columns without its cosine c, which goes into the scales:
 *
 *   s_x <- s_x + a s_y,  s_y <- s_y - b s_x,  f <- c f,  a = t f_y / f_x,  b = t f_x / f_y.
 *
 * With g = s_x^T s_y, Q = f_y^2 / f_x^2, mu^2 = |y|^2 / |x|^2 = Q |s_y|^2 / |s_x|^2 and h = g / |s_x|^2,
 *
 *   b = +-2 h / (|1 - mu^2| + sqrt((1 - mu^2)^2 + 4 Q h^2)),  a = Q b,  t^2 = a b,  c^2 = 1 / (1 + t^2),
 *
 * negative where y is the larger column, so that the larger becomes larger. No f is needed, only its square: no cosine either, and
 * so no bias of it (1 / sqrt(1 + t^2) comes out too large by eps / 4 on average for small t, since the root of 1 + k eps lies just
 * below a midpoint; at n = 300 that makes all singular values 140 eps too large, measured).
 *
 * One matrix may span 1e90 to 1e-120: squares of scales carry exponents of their own, and Q is clamped to where it makes no
 * difference any more.
 */

/** Per-column data of the iteration: arrays of f64, and of i32 for the exponents. */
@unmanaged
export class Columns {
  /** |s_j|^2, updated with every rotation. */
  squares: usize
  /** f_j^2 = weights_j 4^exponents_j. */
  weights: usize
  exponents: usize
  /** Whether all exponents are 0. */
  uniform: bool
}

/** What {@link rotations} leaves for its caller. */
@unmanaged
export class Outcome {
  /** Addresses of the coefficients, two lanes each. */
  a: usize
  b: usize
  /** Bit l is set where lane l rotates. */
  active: i32
  /** Largest squares of a cosine and of a tangent in the sweep, of pairs that were rotated. */
  maxCosine2: f64
  maxTangent2: f64
  /** Smallest factor by which a squared norm was downdated. */
  smallest: f64
}

/** Below this factor a downdated square has lost digits, and the caller computes it afresh. */
export const RECOMPUTE: f64 = 1.0 / 64.0
/** Keeps a square positive until it is computed afresh. */
const FLOOR: f64 = 1e-12
/** Half the exponent range of Q: columns 2^150 apart in norm do not see each other in float64. */
const FAR: i32 = 150
const LEAST_Q: f64 = 4.909093465297727e-91
const MOST_Q: f64 = 2.037035976334486e90

function exchanged(v: v128): v128 {
  return v128.shuffle<u64>(v, v, 1, 0)
}

function larger(v: v128): f64 {
  return max<f64>(f64x2.extract_lane(v, 0), f64x2.extract_lane(v, 1))
}

function smaller(v: v128): f64 {
  return min<f64>(f64x2.extract_lane(v, 0), f64x2.extract_lane(v, 1))
}

/** 4^(e_y - e_x). */
function shift(k: Columns, x: i32, y: i32): f64 {
  const difference = load<i32>(k.exponents + ((y as usize) << 2)) - load<i32>(k.exponents + ((x as usize) << 2))
  return pow2(2 * max(-FAR, min(FAR, difference)))
}

/**
 * Lane l rotates x = column p + l and y = column q + l (crossed: q + 1 - l), whose stored inner product is lane l of g; lanes
 * whose squared cosine is at most `tolerance2` do nothing. Writes the coefficients to `o.a` and `o.b`, updates squares and weights.
 */
export function rotations(k: Columns, o: Outcome, g: v128, p: i32, q: i32, crossed: bool, tolerance2: f64): void {
  const atX: usize = (p as usize) << 3
  const atY: usize = (q as usize) << 3
  const xx = v128.load(k.squares + atX)
  let yy = v128.load(k.squares + atY)
  if (crossed) yy = exchanged(yy)
  const g2 = f64x2.mul(g, g)
  const both = f64x2.mul(xx, yy)
  const active = f64x2.gt(g2, f64x2.mul(f64x2.splat(tolerance2), both))
  o.active = i64x2.bitmask(active)
  if (o.active == 0) {
    v128.store(o.a, i64x2.splat(0))
    v128.store(o.b, i64x2.splat(0))
    return
  }
  const one = f64x2.splat(1)
  const fx = v128.load(k.weights + atX)
  let fy = v128.load(k.weights + atY)
  if (crossed) fy = exchanged(fy)
  let Q = f64x2.div(fy, fx)
  if (!k.uniform) {
    const first = shift(k, p, crossed ? q + 1 : q)
    Q = f64x2.mul(Q, f64x2.replace_lane(f64x2.splat(first), 1, shift(k, p + 1, crossed ? q : q + 1)))
  }
  Q = f64x2.min(f64x2.max(Q, f64x2.splat(LEAST_Q)), f64x2.splat(MOST_Q))
  const h = f64x2.div(g, xx)
  const mu2 = f64x2.mul(Q, f64x2.div(yy, xx))
  const gap = f64x2.sub(one, mu2)
  const twice = f64x2.add(h, h)
  const root = f64x2.sqrt(f64x2.add(f64x2.mul(gap, gap), f64x2.mul(Q, f64x2.mul(twice, twice))))
  const magnitude = f64x2.div(twice, f64x2.add(f64x2.abs(gap), root))
  const signed = v128.xor(magnitude, v128.and(f64x2.lt(gap, f64x2.splat(0)), f64x2.splat(-0.0)))
  const b = v128.and(signed, active)
  const a = v128.and(f64x2.mul(Q, b), active)
  v128.store(o.a, a)
  v128.store(o.b, b)

  const t2 = f64x2.mul(a, b)
  o.maxCosine2 = max<f64>(o.maxCosine2, larger(v128.and(f64x2.div(g2, both), active)))
  o.maxTangent2 = max<f64>(o.maxTangent2, larger(t2))
  // |x'|^2 = |x|^2 + t x^T y and |y'|^2 = |y|^2 - t x^T y, relative to the old squares.
  const floor = f64x2.splat(FLOOR)
  const growthX = f64x2.max(floor, f64x2.add(one, v128.and(f64x2.mul(a, h), active)))
  const growthY = f64x2.max(floor, f64x2.sub(one, v128.and(f64x2.mul(b, f64x2.div(g, yy)), active)))
  o.smallest = min<f64>(o.smallest, min<f64>(smaller(growthX), smaller(growthY)))
  const secant2 = f64x2.add(one, t2)
  const cosine2 = f64x2.div(one, secant2)
  v128.store(k.squares + atX, f64x2.mul(xx, f64x2.mul(growthX, secant2)))
  v128.store(k.weights + atX, f64x2.mul(fx, cosine2))
  let squaresY = f64x2.mul(yy, f64x2.mul(growthY, secant2))
  let cosineY = cosine2
  if (crossed) {
    squaresY = exchanged(squaresY)
    cosineY = exchanged(cosine2)
  }
  v128.store(k.squares + atY, squaresY)
  v128.store(k.weights + atY, f64x2.mul(v128.load(k.weights + atY), cosineY))
}
