import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

// Chromium before 115 lets a page's main thread compile and instantiate at most 4 KB at once. What it says is from its sources
// (v8_initializer.cc); that its asynchronous functions know no limit too.

type Library = typeof import('../../src/index.js')

const LIMIT_BYTES = 4096
const X = Array.from({ length: 30 }, (_, i) => [Math.sin(i), Math.cos(i), Math.sin(i * i)])
let collimate: Library
let forbidden: boolean

function limited(name: 'Module' | 'Instance', says: string, isLarge: (source: unknown) => boolean) {
  return new Proxy(WebAssembly[name], {
    construct(target, args: [never]) {
      if (isLarge(args[0])) {
        const what = name === 'Module' ? 'Compile' : 'Instance'
        throw new RangeError(
          `WebAssembly.${what} is disallowed on the main thread, if the buffer size is larger than 4KB. ${says}`,
        )
      }
      return Reflect.construct(target, args) as object
    },
  })
}

beforeEach(async () => {
  forbidden = false
  const host = WebAssembly
  const compile = async (bytes: BufferSource) => {
    if (forbidden) throw new host.CompileError("violates the following directive: script-src 'self'")
    return host.compile(bytes)
  }
  const Module = limited('Module', 'Use WebAssembly.compile, or compile on a worker thread.', (source) => (source as Uint8Array).byteLength > LIMIT_BYTES) // prettier-ignore
  // All modules of the package are larger.
  const Instance = limited('Instance', 'Use WebAssembly.instantiate.', () => true)
  const { validate, instantiate, Memory, CompileError } = host
  vi.stubGlobal('WebAssembly', { validate, instantiate, Memory, CompileError, compile, Module, Instance })
  vi.resetModules()
  collimate = await import('../../src/index.js')
})
afterEach(() => vi.unstubAllGlobals())

describe('on such a main thread', () => {
  test('what runs at once says why it does not, and what does', () => {
    const { svd, UnsupportedRuntimeError } = collimate
    for (let again = 0; again < 2; again++) {
      expect(() => svd(X)).toThrow(UnsupportedRuntimeError)
      expect(() => svd(X)).toThrow(/Chromium before 115.*Worker.*svdAsync/)
      expect(() => svd(X)).not.toThrow('wasm-unsafe-eval')
    }
  })

  test('asynchronous calls run, several at a time, and after them what runs at once', async () => {
    const { PerfectAlignment, svd, svdAsync } = collimate
    const [{ S }, model] = await Promise.all([svdAsync(X), new PerfectAlignment({ nComponents: 2 }).fitAsync([X, X])])
    expect(svd(X).S).toEqual(S)
    expect(model.transform(X, 0).rows).toBe(30)
    expect(collimate.cmae(model.transform(X, 0), model.transform(X, 1))).toBeLessThan(1e-12)
  })

  test('each precision by itself', async () => {
    const { matmul, matmulAsync } = collimate
    const product = await matmulAsync(X, X, { transposeB: true, precision: 'f32' })
    expect(matmul(X, X, { transposeB: true, precision: 'f32' }).data).toEqual(product.data)
    expect(() => matmul(X, X, { transposeB: true })).toThrow('await an asynchronous call first')
  })

  test('memory that was released comes back with the next asynchronous call', async () => {
    const { releaseMemory, svd, svdAsync } = collimate
    await svdAsync(X)
    expect(releaseMemory()).toBeGreaterThan(0)
    expect(() => svd(X)).toThrow('await an asynchronous call first')
    await svdAsync(X)
    expect(svd(X).S).toHaveLength(3)
  })

  test('a policy that forbids WebAssembly is still named', async () => {
    forbidden = true
    await expect(collimate.svdAsync(X)).rejects.toThrow(/CompileError.*'wasm-unsafe-eval'/)
    await expect(collimate.svdAsync(X)).rejects.toBeInstanceOf(collimate.UnsupportedRuntimeError)
    forbidden = false
    expect((await collimate.svdAsync(X)).S).toHaveLength(3)
  })
})

test('memory that is not to be had stays the RangeError that it is', async () => {
  const { canWait, refusedInstance } = await import('../../src/runtime/binary.js')
  const cause = new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance')
  expect(refusedInstance(cause)).toBe(cause)
  expect(canWait(cause)).toBe(false)
})
