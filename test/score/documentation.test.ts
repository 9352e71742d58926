import { expect, test } from 'vitest'
import { examplesOf, runExample } from '../support/examples.js'
import { readSource } from '../support/source-files.js'

test('the example of docs/score.md runs', async () => {
  const [example] = examplesOf(readSource('docs/score.md'))
  expect(await runExample(example)).toEqual(['200 200 200 true true'])
})
