import { shift } from './level1/shift'
import { accumulate, centre, quantize, signs } from './serve/codes'
import { push, seek } from './serve/heap'
import { exact, products } from './serve/products'
import { rate, Scan, search } from './serve/scan'
import { ingest } from './serve/vectors'

/** The exported ABI of the build for serving, collimate/serve: pointers are bytes, counts elements unless they say so. */

export function heapBase(): usize {
  return __heap_base
}

export function isRelaxed(): bool {
  return ASC_FEATURE_RELAXED_SIMD
}

export function sproducts(
  rows: i32,
  bytes: usize,
  a: usize,
  vectors: i32,
  x: usize,
  out: usize,
  outStride: usize,
): void {
  products<f32>(rows, bytes, a, vectors, x, out, outStride)
}

export function dproducts(
  rows: i32,
  bytes: usize,
  a: usize,
  vectors: i32,
  x: usize,
  out: usize,
  outStride: usize,
): void {
  products<f64>(rows, bytes, a, vectors, x, out, outStride)
}

export function sshift(n: i32, x: usize, mean: usize, out: usize): bool {
  return shift<f32>(n, x, mean, out)
}

export function dshift(n: i32, x: usize, mean: usize, out: usize): bool {
  return shift<f64>(n, x, mean, out)
}

export { accumulate, centre, exact, ingest, push, quantize, seek, signs }

export function rateBlock(scan: usize, block: i32): i32 {
  return rate(changetype<Scan>(scan), block)
}

export function searchAll(scan: usize): void {
  search(changetype<Scan>(scan))
}
