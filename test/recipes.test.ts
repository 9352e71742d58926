import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { examplesOf, runExample } from './support/examples.js'

const recipes = readFileSync(new URL('../docs/recipes.md', import.meta.url), 'utf8')
const sections = recipes.split(/^## /m).slice(1)

/** What the recipe of a title prints. */
async function printed(title: string): Promise<string[]> {
  const found = sections.filter((section) => section.startsWith(title)).flatMap(examplesOf)
  expect(found, title).toHaveLength(1)
  return runExample(found[0])
}

/** The number after a word. */
const after = (word: string, line: string): number => Number(line.split(`${word} `)[1].split(' ')[0])

test('every recipe is tested here', () => {
  expect(sections.map((section) => section.split('\n')[0].split(',')[0])).toEqual([
    'Column means',
    'PCA',
    'Weighted least squares',
    'Methods compared in one table',
    'Which map for a migration to another embedding model',
    'A query against items with ids',
  ])
})

test('column means', async () => {
  const [line] = await printed('Column means')
  line.split(' ').forEach((mean, j) => {
    expect(Number(mean)).toBeCloseTo([3, 40][j], 12)
  })
})

test('PCA', async () => {
  const [line] = await printed('PCA')
  expect(after('rank', line)).toBe(2)
  const shares = line.split('explained ')[1].split(' ').slice(0, 4).map(Number)
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2)
  expect(shares[0]).toBeGreaterThan(0.9)
  expect(shares.slice(2)).toEqual([0, 0])
})

test('weighted least squares', async () => {
  const [line] = await printed('Weighted least squares')
  expect(line).toBe('intercept 1.000000 slope 2.000000')
})

test('methods in one table', async () => {
  const lines = await printed('Methods compared')
  expect(lines).toHaveLength(5)
  expect(after('recall@1', lines[0])).toBeGreaterThan(0.1)
})

test('which map for a migration', async () => {
  const lines = await printed('Which map')
  expect(lines).toHaveLength(3)
  expect(after('found', lines[0])).toBeGreaterThan(80)
})

test('a query against items with ids', async () => {
  const lines = await printed('A query')
  expect(lines).toHaveLength(3)
  expect(lines.map((line) => line.split(' ')[0])).toContain('image-342')
})
