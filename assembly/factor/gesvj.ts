import { entry, lines } from '../address'
import { epsilon, JACOBI_TILE_BYTES, STEP_FLOPS } from '../constants'
import { dot } from '../level1/dot'
import { nrm2 } from '../level1/nrm2'
import { dots2x2, rot2x2, rotm } from '../level1/pairs'
import { swap } from '../level1/swap'
import { Columns, Outcome, RECOMPUTE, rotations } from './rotation'
import { exponent, ldexp, scaleByPow2 } from './scaling'

/**
 * One-sided Jacobi: plane rotations from the right make the columns of X (m x n) orthogonal; then X J = W diag(sigma).
 * Meant for the lower-triangular factor of a pivoted QR (Drmac and Veselic 2008), where few sweeps suffice and small
 * singular values keep their relative accuracy. Cyclic by tiles of columns that stay in cache, within a tile by blocks of
 * 2 x 2 columns; before a row of tiles its columns are chosen largest first (de Rijk 1989).
 * Columns are x_j = f_j s_j, see rotation.ts; they are float64 or float32, what is known of each is float64 for either.
 */
@unmanaged
export class GesvjState {
  m: i32
  n: i32
  x: usize
  ldx: i32
  /** J is accumulated here (rowsV x n), in the scales of X, unless 0. */
  v: usize
  ldv: i32
  rowsV: i32
  columns: Columns
  outcome: Outcome
  /** [p0 q0, p1 q1, p0 q1, p1 q0] and eight coefficients. */
  products: usize
  coefficients: usize
  /** |x_j| when it was last asked for. */
  norms: usize
  /** s_j^T s_(j+1) for even j. */
  neighbours: usize
  /** Columns in a tile, even. */
  tile: i32
  /** First columns of the tiles in work, and next row of the pair of tiles. */
  tileP: i32
  tileQ: i32
  row: i32
  sweeps: i32
  rotations: i32
  totalRotations: i32
  tolerance: f64
  tolerance2: f64
  /** Bound of the cosines left after the last sweep. */
  left: f64
  converged: bool
  done: bool
  /** Sweeps after which it gives up. */
  maxSweeps: i32
}

/** A stored column is rescaled when its norm leaves 2^-RANGE .. 2^RANGE. */
const RANGE: i32 = 30
const LARGEST_SQUARE: f64 = 1.152921504606847e18
const SMALLEST_SQUARE: f64 = 8.673617379884035e-19
/**
 * With J in the scales of the columns of X, its columns are as large as these are small: none goes below 2^least, whose reciprocal is well
 * inside the range. Columns of X that come smaller than that are the rounding of a rank-deficient matrix, and are measured as they are.
 */
function least(): i32 {
  return sizeof<Real>() == 8 ? -900 : -100
}
/** Scales within 2^-NEAR .. 2^NEAR need no exponents of their own. */
const NEAR: i32 = 200

/** Vectors of two lanes reach this far beyond the last column. */
const BEYOND: i32 = 2

/** Four products, and eight coefficients with their float32 copy behind them. */
const PRODUCTS_BYTES: usize = 64
const COEFFICIENTS_BYTES: usize = 128
/** What is known of each column: arrays of numbers. */
const ARRAYS: u64 = 5

/** Bytes before those arrays. */
function fixedPart(): u64 {
  return lines(PRODUCTS_BYTES + COEFFICIENTS_BYTES + offsetof<Columns>() + offsetof<Outcome>())
}

function arrayPart(n: i32): u64 {
  return lines(((n as u64) + BEYOND) << 3)
}

/** Bytes of scratch for n columns. */
export function gesvjWorkspace(n: i32): u64 {
  return fixedPart() + ARRAYS * arrayPart(n)
}

export function gesvjInit(
  s: GesvjState,
  m: i32,
  n: i32,
  x: usize,
  ldx: i32,
  v: usize,
  ldv: i32,
  rowsV: i32,
  maxSweeps: i32,
  scratch: usize,
): void {
  s.m = m
  s.n = n
  s.x = x
  s.ldx = ldx
  s.v = v
  s.ldv = ldv
  s.rowsV = rowsV
  const array = arrayPart(n) as usize
  s.products = scratch
  s.coefficients = s.products + PRODUCTS_BYTES
  s.columns = changetype<Columns>(s.coefficients + COEFFICIENTS_BYTES)
  s.outcome = changetype<Outcome>(s.coefficients + COEFFICIENTS_BYTES + offsetof<Columns>())
  s.columns.squares = scratch + (fixedPart() as usize)
  s.columns.weights = s.columns.squares + array
  s.columns.exponents = s.columns.weights + array
  s.norms = s.columns.exponents + array
  s.neighbours = s.norms + array
  memory.fill(s.columns.squares, 0, (ARRAYS as usize) * array)
  const columnBytes = (ldx + (v == 0 ? 0 : ldv)) * (sizeof<Real>() as i32)
  s.tile = max(4, (JACOBI_TILE_BYTES / columnBytes) & ~1)
  s.sweeps = 0
  s.totalRotations = 0
  s.tolerance = sqrt<f64>(m as f64) * epsilon()
  s.tolerance2 = s.tolerance * s.tolerance
  s.left = 0
  s.maxSweeps = maxSweeps
  s.converged = n <= 1
  s.done = s.converged
  for (let j: i32 = 0; j < n; j++) store<f64>(weightAt(s, j), 1)
  beginSweep(s)
}

function column(s: GesvjState, j: i32): usize {
  return entry(s.x, s.ldx, 0, j)
}

function columnV(s: GesvjState, j: i32): usize {
  return entry(s.v, s.ldv, 0, j)
}

/** The address of |x_j|: after the last step, a singular value. */
export function normAt(s: GesvjState, j: i32): usize {
  return s.norms + ((j as usize) << 3)
}

function squareAt(s: GesvjState, j: i32): usize {
  return s.columns.squares + ((j as usize) << 3)
}

/** `count` numbers at an address, an even number of them, from float32 to float64 in place. */
function promote(count: i32, at: usize): void {
  for (let i: i32 = count - 2; i >= 0; i -= 2) {
    const pair = v128.load64_zero(at + ((i as usize) << 2))
    v128.store(at + ((i as usize) << 3), f64x2.promote_low_f32x4(pair))
  }
}

/** A float32 copy of `count` numbers, an even number of them, behind the room for eight of them. */
function demoted(count: i32, from: usize): usize {
  const to = from + 64
  for (let i: usize = 0; i < (count as usize); i += 2) {
    v128.store64_lane(to + (i << 2), f32x4.demote_f64x2_zero(v128.load(from + (i << 3))), 0)
  }
  return to
}

/** The address of f_j^2 but for its exponent. */
function weightAt(s: GesvjState, j: i32): usize {
  return s.columns.weights + ((j as usize) << 3)
}

function exponentAt(s: GesvjState, j: i32): usize {
  return s.columns.exponents + ((j as usize) << 2)
}

/** f_j = scaleOf(j) 2^exponentOf(j). */
export function scaleOf(s: GesvjState, j: i32): f64 {
  return sqrt<f64>(load<f64>(weightAt(s, j)))
}

export function exponentOf(s: GesvjState, j: i32): i32 {
  return load<i32>(exponentAt(s, j))
}

/** The exponent of f_j. */
function scaleExponent(s: GesvjState, j: i32): i32 {
  return exponentOf(s, j) + (exponent(load<f64>(weightAt(s, j))) >> 1)
}

function beginSweep(s: GesvjState): void {
  s.rotations = 0
  s.outcome.maxCosine2 = 0
  s.outcome.maxTangent2 = 0
  s.outcome.smallest = 1
  for (let j: i32 = 0; j < s.n; j++) measure(s, j)
  shareExponents(s)
  s.tileP = 0
  s.tileQ = 0
  s.row = 0
  beginTiles(s)
}

/** The square afresh from the data; a column that drifted away is rescaled, its weight brought near 1. */
function measure(s: GesvjState, j: i32): void {
  const x = column(s, j)
  let norm: f64 = nrm2(s.m, x) as f64
  if (norm != 0) {
    let drift = exponent(norm)
    if (s.v != 0) drift = max(drift, least() - scaleExponent(s, j))
    if (drift > RANGE || drift < -RANGE) {
      scaleByPow2(s.m, x, -drift)
      if (s.v != 0) scaleByPow2(s.rowsV, columnV(s, j), -drift)
      norm = nrm2(s.m, x) as f64
      const weight = load<f64>(weightAt(s, j))
      const half = exponent(weight) >> 1
      store<f64>(weightAt(s, j), ldexp(weight, -2 * half))
      store<i32>(exponentAt(s, j), load<i32>(exponentAt(s, j)) + drift + half)
      s.columns.uniform = false
    }
  }
  store<f64>(squareAt(s, j), norm * norm)
  updateNorm(s, j)
}

function updateNorm(s: GesvjState, j: i32): void {
  const norm: f64 = sqrt<f64>(load<f64>(squareAt(s, j))) * sqrt<f64>(load<f64>(weightAt(s, j)))
  store<f64>(normAt(s, j), ldexp(norm, load<i32>(exponentAt(s, j))))
}

/** Puts the exponents into the weights where all of them are small: the usual case, and a cheaper one. */
function shareExponents(s: GesvjState): void {
  let furthest: i32 = 0
  for (let j: i32 = 0; j < s.n; j++) {
    furthest = max(furthest, abs(scaleExponent(s, j)))
  }
  s.columns.uniform = furthest <= NEAR
  if (!s.columns.uniform) return
  for (let j: i32 = 0; j < s.n; j++) {
    store<f64>(weightAt(s, j), ldexp(load<f64>(weightAt(s, j)), 2 * load<i32>(exponentAt(s, j))))
    store<i32>(exponentAt(s, j), 0)
  }
}

/** A row of tiles: its columns are chosen, and neighbours multiplied. */
function beginTiles(s: GesvjState): void {
  for (let j: i32 = s.tileP; j < s.n; j++) updateNorm(s, j)
  pivot(s, s.tileP)
  for (let j: i32 = s.tileP; j + 1 < s.n; j += 2) multiplyNeighbours(s, j)
}

function neighboursAt(s: GesvjState, j: i32): usize {
  return s.neighbours + ((j as usize) << 2)
}

function multiplyNeighbours(s: GesvjState, j: i32): void {
  store<f64>(neighboursAt(s, j), dot(s.m, column(s, j), column(s, j + 1)) as f64)
}

/** Brings the largest columns left to the tile that begins at column p. */
function pivot(s: GesvjState, p: i32): void {
  const end = min(p + s.tile, s.n)
  for (let i: i32 = p; i < end; i++) {
    let q = i
    for (let j: i32 = i + 1; j < s.n; j++) if (load<f64>(normAt(s, j)) > load<f64>(normAt(s, q))) q = j
    if (q == i) continue
    swap<Real>(s.m, column(s, i), column(s, q))
    if (s.v != 0) swap<Real>(s.rowsV, columnV(s, i), columnV(s, q))
    swap<f64>(1, normAt(s, i), normAt(s, q))
    swap<f64>(1, squareAt(s, i), squareAt(s, q))
    swap<f64>(1, weightAt(s, i), weightAt(s, q))
    const e = load<i32>(exponentAt(s, i))
    store<i32>(exponentAt(s, i), load<i32>(exponentAt(s, q)))
    store<i32>(exponentAt(s, q), e)
  }
}

/** After rotations: a column whose square lost digits or left the range is measured afresh. True if that happened. */
function refresh(s: GesvjState, j: i32, lost: bool): bool {
  const square = load<f64>(squareAt(s, j))
  if (!lost && square < LARGEST_SQUARE && square > SMALLEST_SQUARE) return false
  measure(s, j)
  return true
}

/** The same for two neighbours, whose product changes with their scales. */
function refreshNeighbours(s: GesvjState, j: i32, lost: bool): void {
  const first = refresh(s, j, lost)
  if (refresh(s, j + 1, lost) || first) multiplyNeighbours(s, j)
}

/** One pair, in lane 0: lane 1 has product 0 and does nothing. */
function rotatePair(s: GesvjState, p: i32, q: i32): void {
  const o = s.outcome
  o.a = s.coefficients
  o.b = s.coefficients + 16
  o.smallest = 1
  const g = f64x2.replace_lane(f64x2.splat(0), 0, dot(s.m, column(s, p), column(s, q)) as f64)
  rotations(s.columns, o, g, p, q, false, s.tolerance2)
  if (o.active == 0) return
  s.rotations++
  applyOne(s, p, q, load<f64>(o.a), load<f64>(o.b))
  const lost = o.smallest < RECOMPUTE
  refresh(s, p, lost)
  refresh(s, q, lost)
}

function applyOne(s: GesvjState, p: i32, q: i32, a: f64, b: f64): void {
  rotm(s.m, column(s, p), column(s, q), a as Real, b as Real)
  if (s.v != 0) rotm(s.rowsV, columnV(s, p), columnV(s, q), a as Real, b as Real)
}

/**
 * Columns p, p + 1 against q, q + 1: two independent rotations, then the two crossed ones, whose inner products follow from the
 * four computed and those of the neighbours, pp = p0 p1 and qq = q0 q1, which are carried along.
 */
function rotateBlock(s: GesvjState, p: i32, q: i32): void {
  const o = s.outcome
  const products = s.products
  const coefficients = s.coefficients
  dots2x2(s.m, column(s, p), column(s, p + 1), column(s, q), column(s, q + 1), products)
  if (sizeof<Real>() == 4) promote(4, products)
  const g01 = load<f64>(products + 16)
  const g10 = load<f64>(products + 24)
  const pp = load<f64>(neighboursAt(s, p))
  const qq = load<f64>(neighboursAt(s, q))
  o.smallest = 1
  o.a = coefficients
  o.b = coefficients + 16
  rotations(s.columns, o, v128.load(products), p, q, false, s.tolerance2)
  const straight = o.active
  const a00 = load<f64>(coefficients)
  const a11 = load<f64>(coefficients + 8)
  const b00 = load<f64>(coefficients + 16)
  const b11 = load<f64>(coefficients + 24)
  // (p0 + a00 q0) (q1 - b11 p1) and (p1 + a11 q1) (q0 - b00 p0), multiplied out.
  const h01: f64 = g01 - b11 * pp + a00 * (qq - b11 * g10)
  const h10: f64 = g10 - b00 * pp + a11 * (qq - b00 * g01)
  o.a = coefficients + 32
  o.b = coefficients + 48
  rotations(s.columns, o, f64x2.replace_lane(f64x2.splat(h01), 1, h10), p, q, true, s.tolerance2)
  const count = popcnt<i32>(straight) + popcnt<i32>(o.active)
  if (count == 0) return
  s.rotations += count
  if (count == 1) applySingle(s, p, q, straight, o.active)
  else {
    const factors = sizeof<Real>() == 4 ? demoted(8, coefficients) : coefficients
    rot2x2(s.m, column(s, p), column(s, p + 1), column(s, q), column(s, q + 1), factors)
    if (s.v != 0) {
      rot2x2(s.rowsV, columnV(s, p), columnV(s, p + 1), columnV(s, q), columnV(s, q + 1), factors)
    }
  }
  // The neighbours' products after the first two rotations, and after the crossed ones.
  const a01 = load<f64>(coefficients + 32)
  const a10 = load<f64>(coefficients + 40)
  const b01 = load<f64>(coefficients + 48)
  const b10 = load<f64>(coefficients + 56)
  const left00: f64 = straight & 1 ? 0 : load<f64>(products)
  const left11: f64 = straight & 2 ? 0 : load<f64>(products + 8)
  const pp1: f64 = pp + a11 * g01 + a00 * (g10 + a11 * qq)
  const qq1: f64 = qq - b11 * g10 - b00 * (g01 - b11 * pp)
  store<f64>(neighboursAt(s, p), pp1 + a10 * left00 + a01 * (left11 + a10 * qq1))
  store<f64>(neighboursAt(s, q), qq1 - b01 * left00 - b10 * (left11 - b01 * pp1))
  const lost = o.smallest < RECOMPUTE
  refreshNeighbours(s, p, lost)
  refreshNeighbours(s, q, lost)
}

/** The only active one of the four rotations of a block. */
function applySingle(s: GesvjState, p: i32, q: i32, straight: i32, crossed: i32): void {
  const lane = (straight | crossed) >> 1
  const at: usize = s.coefficients + (crossed == 0 ? 0 : 32) + ((lane as usize) << 3)
  applyOne(s, p + lane, q + (crossed == 0 ? lane : 1 - lane), load<f64>(at), load<f64>(at + 16))
}

/** Columns p, p + 1 against columns from .. to - 1. */
function rotateRow(s: GesvjState, p: i32, from: i32, to: i32): void {
  let q = from
  for (; q + 2 <= to; q += 2) rotateBlock(s, p, q)
  if (q < to) {
    rotatePair(s, p, q)
    rotatePair(s, p + 1, q)
    multiplyNeighbours(s, p)
  }
}

/** The next row of the pair of tiles, and on to the next pair of tiles; false at the end of the sweep. */
function advance(s: GesvjState): bool {
  s.row += 2
  if (s.row < min(s.tileP + s.tile, s.n)) return true
  s.tileQ += s.tile
  if (s.tileQ >= s.n) {
    s.tileP += s.tile
    s.tileQ = s.tileP
    if (s.tileP >= s.n) return false
    beginTiles(s)
  }
  s.row = s.tileP
  return true
}

/**
 * Whether the sweep just ended was the last. Without a rotation it was. Otherwise what is left between two columns came in after
 * they were orthogonal, at most n cosines times sines of the sweep (quadratic convergence): no sweep is needed to see that
 * there is nothing.
 */
function finished(s: GesvjState): bool {
  if (s.rotations == 0) {
    s.left = s.tolerance
    return true
  }
  s.left = (s.n as f64) * sqrt<f64>(s.outcome.maxCosine2 * s.outcome.maxTangent2)
  return s.left < 0.25 * s.tolerance
}

/** One bounded piece; true while there is more to do. `converged` says how it ended. */
export function gesvjStep(s: GesvjState): bool {
  if (s.done) return false
  let flops: f64 = 0
  while (flops < STEP_FLOPS) {
    const to = min(s.tileQ + s.tile, s.n)
    let from = s.tileQ
    if (s.tileP == s.tileQ) {
      if (s.row + 1 < s.n) {
        rotatePair(s, s.row, s.row + 1)
        multiplyNeighbours(s, s.row)
      }
      from = s.row + 2
    }
    if (from < to) rotateRow(s, s.row, from, to)
    flops += 14.0 * (s.m as f64) * ((to - from + 1) as f64)
    if (!advance(s)) return endSweep(s)
  }
  return true
}

function endSweep(s: GesvjState): bool {
  s.sweeps++
  s.totalRotations += s.rotations
  s.converged = finished(s)
  s.done = s.converged || s.sweeps >= s.maxSweeps
  if (!s.done) beginSweep(s)
  else for (let j: i32 = 0; j < s.n; j++) measure(s, j)
  return !s.done
}
