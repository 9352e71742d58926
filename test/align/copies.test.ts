import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import * as first from '../../src/index.js'
import { sharedLatents } from './support.js'

/** The package loaded again, as its CommonJS build is beside its ES modules: no class of it is a class of the first. */
let second: typeof first

beforeAll(async () => {
  vi.resetModules()
  second = await import('../../src/index.js')
})

afterAll(() => {
  vi.resetModules()
})

const chunks = [1, 2].map((seed) => sharedLatents(60, [6, 5], 3, 0.2, seed))
const options = { nComponents: 2 }

test('they are two copies', () => {
  expect(second.JointFactor).not.toBe(first.JointFactor)
  expect(new second.Matrix(1, 1)).not.toBeInstanceOf(first.Matrix)
})

test('a matrix of the other copy is a matrix', () => {
  const A = chunks[0][0]
  expect(second.svd(A).S).toEqual(first.svd(A).S)
  expect(second.matmul(A, second.Matrix.from(A), { transposeA: true }).data).toEqual(first.gram(A).data)
})

test('factors of both copies merge, and either fits a model', () => {
  const expected = new first.JointFactor([6, 5]).update(chunks[0])
  const other = new second.JointFactor([6, 5]).update(chunks[1])
  const before = other.toBytes()
  expected.merge(other)
  expect(expected.toBytes()).toEqual(
    new first.JointFactor([6, 5])
      .update(chunks[0])
      .merge(new first.JointFactor([6, 5]).update(chunks[1]))
      .toBytes(),
  )
  expect(other.toBytes()).toEqual(before)
  const model = new second.PerfectAlignment(options).fit(expected)
  expect(model.toBytes()).toEqual(new first.PerfectAlignment(options).fit(expected).toBytes())
  expect(new second.PerfectAlignment(options).partialFit(expected).toBytes()).toEqual(model.toBytes())
})

test('models of both copies merge', () => {
  const fitted = (copy: typeof first, chunk: number) => new copy.PerfectAlignment(options).partialFit(chunks[chunk])
  const alone = fitted(first, 0).merge(fitted(first, 1))
  expect(fitted(first, 0).merge(fitted(second, 1)).toBytes({ state: true })).toEqual(alone.toBytes({ state: true }))
})

test('an object that merely looks like one is refused', () => {
  const { widths, R, rows, float32 } = new first.JointFactor([6, 5])
  expect(() => new first.JointFactor([6, 5]).merge({ widths, R, rows, float32 } as never)).toThrow(TypeError)
  for (const none of [null, undefined, 3, {}, new second.JointFactor([6, 5])]) {
    expect(() => new first.PerfectAlignment(options).merge(none as never)).toThrow(TypeError)
  }
})
