import { describe, expect, it } from 'vitest'
import {
  gaussianMixture,
  linearBoundaryClasses,
  modalityMatrix,
  pairedModalities,
  referenceExperiment,
} from '../../src/synthetic/index.js'

describe.each<[string, (options: never) => unknown]>([
  ['gaussianMixture', gaussianMixture],
  ['linearBoundaryClasses', linearBoundaryClasses],
  ['modalityMatrix', modalityMatrix],
  ['pairedModalities', pairedModalities],
  ['referenceExperiment', referenceExperiment],
])('%s', (_, make) => {
  it.each<[unknown, string]>([
    [undefined, 'options must be an object, got undefined'],
    [null, 'options must be an object, got null'],
    [7, 'options must be an object, got 7'],
    ['seed', 'options must be an object, got a string'],
    [[1], 'options must be an object, got an array of length 1'],
  ])('refuses %j for options', (options, message) => {
    expect(() => make(options as never)).toThrow(TypeError)
    expect(() => make(options as never)).toThrow(message)
  })
})
