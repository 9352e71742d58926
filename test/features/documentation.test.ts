import { expect, test } from 'vitest'
import { examplesOf, runExample } from '../support/examples.js'
import { readSource } from '../support/source-files.js'

test('the example of docs/features.md runs', async () => {
  const [example] = examplesOf(readSource('docs/features.md'))
  expect(await runExample(example)).toEqual(['100 16 276 3'])
})
