import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PerfectAlignment } from '../../src/align/index.js'
import { gaussian } from '../support/random.js'

// As test/runtime/main-thread-limit.test.ts: Chromium before 115 compiles and instantiates at most 4 KB at once on a page's main thread.

const host = WebAssembly
const model = new PerfectAlignment({ nComponents: 2, selection: 'balanced' }).fit([gaussian(30, 3, 1), gaussian(30, 4, 2)]) // prettier-ignore
const bytes = model.toBytes()
let serve: typeof import('../../src/serve/index.js')

function refusing(name: 'Module' | 'Instance', says: string, isAllowed: (source: unknown) => boolean) {
  return new Proxy(host[name], {
    construct(target, args: [never]) {
      if (!isAllowed(args[0])) throw new RangeError(`WebAssembly.${name} is disallowed on the main thread, if the buffer size is larger than 4KB. ${says}`) // prettier-ignore
      return Reflect.construct(target, args) as object
    },
  })
}

describe('where a main thread refuses', () => {
  beforeEach(async () => {
    const Module = refusing('Module', 'Use WebAssembly.compile.', (source) => (source as Uint8Array).byteLength <= 4096)
    const Instance = refusing('Instance', 'Use WebAssembly.instantiate.', () => false)
    const { validate, instantiate, compile, Memory, CompileError } = host
    vi.stubGlobal('WebAssembly', { validate, instantiate, Memory, CompileError, compile, Module, Instance })
    vi.resetModules()
    serve = await import('../../src/serve/index.js')
  })
  afterEach(() => vi.unstubAllGlobals())

  test('the error names what helps', () => {
    expect(() => new serve.FlatIndex({ dimensions: 2 })).toThrow(serve.UnsupportedRuntimeError)
    expect(() => new serve.FlatIndex({ dimensions: 2 })).toThrow(/Chromium before 115.*prepare of collimate\/serve/)
  })

  test('prepared, a model maps and an index is searched; each takes one instance', async () => {
    await serve.prepare(2)
    const map = serve.loadAlignment(bytes)
    expect(map.transformVector([1, 2, 3], 0)).toHaveLength(2)
    const index = new serve.FlatIndex({ dimensions: 2 })
    index.add([[1, 2], [2, 1]]) // prettier-ignore
    expect(index.search([1, 2], 1).ids).toEqual([0])
    expect(() => new serve.FlatIndex({ dimensions: 2 })).toThrow('prepare of collimate/serve')
    await serve.prepare()
    expect(serve.FlatIndex.fromBytes(index.toBytes()).size).toBe(2)
  })

  test('a policy that forbids WebAssembly is named', async () => {
    const compile = () => Promise.reject(new host.CompileError("violates the following directive: script-src 'self'"))
    vi.stubGlobal('WebAssembly', { ...WebAssembly, compile })
    await expect(serve.prepare()).rejects.toThrow(/CompileError.*'wasm-unsafe-eval'/)
    await expect(serve.prepare()).rejects.toBeInstanceOf(serve.UnsupportedRuntimeError)
  })
})

test('elsewhere there is nothing to do, and counts are checked', async () => {
  const { prepare, FlatIndex } = await import('../../src/serve/index.js')
  await prepare(3)
  expect(new FlatIndex({ dimensions: 2 }).size).toBe(0)
  await expect(prepare(0)).rejects.toThrow(RangeError)
  await expect(prepare('2' as never)).rejects.toThrow(TypeError)
})

test('using closes a model and an index', async () => {
  const { loadAlignment, FlatIndex } = await import('../../src/serve/index.js')
  const map = loadAlignment(bytes)
  const index = new FlatIndex({ dimensions: 2 })
  map[Symbol.dispose]()
  index[Symbol.dispose]()
  expect(() => map.maps).toThrow('closed')
  expect(() => index.search([1, 2], 1)).toThrow('closed')
})
