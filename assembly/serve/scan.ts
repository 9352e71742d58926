import { hamming, products8 } from './codes'
import { select } from './heap'
import { distances, products } from './products'

/** What rows are compared by: float32 products, float32 differences, products of 8-bit codes, or bits. */
const DIFFERENCES: i32 = 1
const CODES: i32 = 2
const BITS: i32 = 3

/**
 * A gallery and the queries that go through it. The gallery is blocks of `blockRows` places, whose addresses are at `blocks`: a bias each
 * (float64; -Infinity where there is no row), a scale and an offset (float32), and the rows that are compared. src/serve/scan.ts writes this.
 */
@unmanaged
export class Scan {
  kind: i32
  blockRows: i32
  blocks: usize
  count: i32
  rowBytes: usize
  table: usize
  queries: i32
  query: usize
  queryBytes: usize
  factors: usize
  values: usize
  k: i32
  heaps: usize
}

/**
 * values[i] = factor values[i] scale[i] + offsetFactor offset[i] + biasFactor bias[i], in places of no row -Infinity; of float32 rows scale
 * is 1 and offset 0.
 */
function finish(scan: Scan, block: usize, count: i32, values: usize, factors: usize): void {
  const factor = f32x4.splat(load<f64>(factors) as f32)
  const offsetFactor = f32x4.splat(load<f64>(factors, 8) as f32)
  const biasFactor = f64x2.splat(load<f64>(factors, 16))
  const scales = block + ((scan.blockRows as usize) << 3)
  const offsets = scales + ((scan.blockRows as usize) << 2)
  for (let i: usize = 0; i < (count as usize) << 2; i += 16) {
    let v = v128.load(values + i)
    if (scan.kind >= CODES) {
      v = f32x4.mul(v, f32x4.mul(factor, v128.load(scales + i)))
      v = f32x4.add(v, f32x4.mul(offsetFactor, v128.load(offsets + i)))
    }
    const low = f32x4.demote_f64x2_zero(f64x2.mul(biasFactor, v128.load(block + (i << 1))))
    const high = f32x4.demote_f64x2_zero(f64x2.mul(biasFactor, v128.load(block + (i << 1), 16)))
    v128.store(values + i, f32x4.add(v, v128.shuffle<f32>(low, high, 0, 1, 4, 5)))
  }
}

/** Places of a block that are in use. */
function rowsIn(scan: Scan, block: i32): i32 {
  return min(scan.blockRows, scan.count - block * scan.blockRows)
}

/** The keys of a block for every query, those of query q from values[q blockRows] on. Returns the number of its places. */
export function rate(scan: Scan, block: i32): i32 {
  const start = load<usize>(scan.blocks + ((block as usize) << 2))
  const rows = start + ((scan.blockRows as usize) << 4)
  const count = rowsIn(scan, block)
  const bytes = scan.rowBytes
  const stride = (scan.blockRows as usize) << 2
  if (scan.kind == 0) products<f32>(count, bytes, rows, scan.queries, scan.query, scan.values, stride)
  let query = scan.query
  let values = scan.values
  let factors = scan.factors
  for (let q: i32 = 0; q < scan.queries; q++) {
    if (scan.kind == DIFFERENCES) distances(count, bytes, rows, query, values)
    else if (scan.kind == CODES) products8(count, bytes, rows, query, values)
    else if (scan.kind == BITS) hamming(count, bytes, rows, query, scan.table, values)
    finish(scan, start, count, values, factors)
    query += scan.queryBytes
    values += stride
    factors += 24
  }
  return count
}

/** The k best of all blocks for every query. */
export function search(scan: Scan): void {
  const first = scan.blockRows
  for (let block: i32 = 0; block * first < scan.count; block++) {
    const count = rate(scan, block)
    let values = scan.values
    let heap = scan.heaps
    for (let q: i32 = 0; q < scan.queries; q++) {
      select(scan.k, heap, values, count, block * first)
      values += (first as usize) << 2
      heap += (scan.k as usize) << 3
    }
  }
}
