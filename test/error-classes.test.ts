import { expect, test, vi } from 'vitest'
import * as errors from '../src/errors.js'

/** The same classes once more, as the CommonJS build has them beside the ES build. */
async function secondCopy(): Promise<typeof errors> {
  vi.resetModules()
  const copy = await import('../src/errors.js')
  expect(copy.CollimateError).not.toBe(errors.CollimateError)
  return copy
}

type Name = Exclude<keyof typeof errors, 'CollimateError'>
const NAMES = Object.keys(errors).filter((name) => name !== 'CollimateError') as Name[]

function made(copy: typeof errors, name: Name): Error {
  const Class = copy[name] as new (message: string, value: number) => Error
  return new Class('what', 1)
}

test('an error of another copy of the package is one of its class, of the base class, and of no other', async () => {
  const copy = await secondCopy()
  expect(NAMES.length).toBeGreaterThan(6)
  for (const name of NAMES) {
    for (const error of [made(copy, name), made(errors, name)]) {
      expect(error).toBeInstanceOf(errors.CollimateError)
      expect(error).toBeInstanceOf(Error)
      for (const other of NAMES) expect(error instanceof errors[other], `${name}, ${other}`).toBe(name === other)
    }
  }
  expect(new copy.CollimateError('what')).toBeInstanceOf(errors.CollimateError)
  expect(new copy.CollimateError('what')).not.toBeInstanceOf(errors.NotFittedError)
})

test('a class of the caller that extends one is itself, and what it extends', async () => {
  class Own extends errors.NotFittedError {}
  const copy = await secondCopy()
  expect(new Own('what')).toBeInstanceOf(Own)
  expect(new Own('what')).toBeInstanceOf(copy.NotFittedError)
  expect(new errors.NotFittedError('what')).not.toBeInstanceOf(Own)
  expect(new copy.NotFittedError('what')).not.toBeInstanceOf(Own)
})

test.each([undefined, null, 0, 'NotFittedError', {}, Object.create(null), new Error('what'), { constructor: null }])(
  '%s is none of them',
  (x: unknown) => {
    for (const name of Object.keys(errors) as (keyof typeof errors)[]) expect(x instanceof errors[name]).toBe(false)
  },
)

test('name and fields are as they were', () => {
  for (const name of NAMES) {
    expect(made(errors, name).name).toBe(name)
    expect(Object.keys(made(errors, name))).toContain('name')
  }
})
