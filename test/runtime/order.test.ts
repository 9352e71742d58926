import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { inOrderOf } from '../../scripts/wasm-order.js'

const build = (name: string) => readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url))

/** Offsets are called by the kernels that copy and add, so that calls go to the functions that they went to. */
function sumOfSquares(bytes: Uint8Array<ArrayBuffer>): number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  const { memory, heapBase, xgemm, xgemmWorkspace } = exports as Record<string, (...args: number[]) => number> & {
    memory: WebAssembly.Memory
  }
  memory.grow(64)
  const [n, a] = [70, Math.ceil(heapBase() / 64) * 64]
  const [c, work] = [a + 8 * n * n, a + 16 * n * n]
  expect(work + xgemmWorkspace(n, n, n)).toBeLessThan(memory.buffer.byteLength)
  new Float64Array(memory.buffer, a, n * n).forEach((_, i, all) => (all[i] = Math.sin(i)))
  xgemm(n, n, n, 1, a, 1, n, a, n, 1, 0, c, n, work)
  return new Float64Array(memory.buffer, c, n * n).reduce((sum, x, i) => sum + (i % (n + 1) === 0 ? x : 0), 0)
}

test.each(['simd', 'relaxed'])('%s: the same kernels in another order, which gzip takes less for', (name) => {
  const [single, double] = [build(`${name}-f32`), build(name)]
  const ordered = inOrderOf(single, double)
  expect(Buffer.from(ordered).equals(double)).toBe(false)
  const exportsOf = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module.exports(new WebAssembly.Module(bytes))
  if (!WebAssembly.validate(double)) return
  expect(exportsOf(ordered)).toEqual(exportsOf(double))
  const expected = Array.from({ length: 70 * 70 }, (_, i) => Math.sin(i) ** 2).reduce((sum, x) => sum + x, 0)
  expect(sumOfSquares(ordered)).toBeCloseTo(expected, 9)
  expect(sumOfSquares(ordered)).toBe(sumOfSquares(double))
  const together = (bytes: Uint8Array) => gzipSync(Buffer.concat([bytes, single])).length
  expect(together(ordered)).toBeLessThan(together(double) - 4096)
})
