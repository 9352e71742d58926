import { expect, test } from 'vitest'
import { examplesOf, runExample } from '../support/examples.js'
import { readSource } from '../support/source-files.js'

test('the example of docs/migration.md runs', async () => {
  const [example] = examplesOf(readSource('docs/migration.md'))
  const lines = await runExample(example)
  expect(lines[0]).toContain('small-1 (24) to large-2 (32): 600 pairs, 480 of them fitted')
  expect(lines.at(-1)).toBe('true true true 24,32')
})
