import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { compare, RANGES } from '../check/check.js'
import { EXPERIMENTS } from '../experiments/index.js'
import { missingData } from '../methods/data-sets.js'
import { claim, liesWithin } from '../report/claims.js'
import { number } from '../report/format.js'

describe('data sets', () => {
  it('what is missing is named with where to get it', () => {
    const [note] = missingData(undefined, ['mfeat'])
    assert.match(note.text, /COLLIMATE_DATA/)
    assert.match(note.text, /10\.24432/)
    assert.equal(missingData('/nowhere', ['mfeat', 'utd-mhad']).length, 2)
    assert.equal(missingData('/nowhere', ['mfeat'])[0], note)
  })
})

describe('verdicts', () => {
  const tests = (...held) => held.map((holds) => ({ test: '', measured: '', holds }))
  it('follow from the tests', () => {
    assert.equal(claim({ says: '', where: '', tests: tests(true, true) }).verdict, 'reproduced')
    assert.equal(claim({ says: '', where: '', tests: tests(true, false) }).verdict, 'partly')
    assert.equal(claim({ says: '', where: '', tests: tests(false) }).verdict, 'not')
  })
  it('a figure of the paper holds where our seeds give it as well', () => {
    assert.equal(liesWithin('MLRE', 10.9, { low: 3, high: 15 }).holds, true)
    assert.equal(liesWithin('MLRE', 10.9, { low: 11, high: 15 }).holds, false)
  })
})

describe('stored ranges', () => {
  const ranges = { 'a/b': [1, 2], 'a/c': [0, 1], 'z/b': [0, 1] }
  it('name what lies outside and what is missing', () => {
    const { compared, failures } = compare({ a: { b: 3 } }, ranges, ['z'])
    assert.equal(compared, 2)
    assert.match(failures[0], /a\/b is 3/)
    assert.match(failures[1], /a\/c is missing/)
  })
  it('let NaN through nowhere', () => {
    assert.equal(compare({ a: { b: NaN, c: 0.5 } }, ranges, ['z']).failures.length, 1)
  })
})

describe('experiments', () => {
  const ids = EXPERIMENTS.map(({ id }) => id)
  it('are all in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    for (const id of ids) assert.ok(readme.includes(`\`${id}\``), id)
  })
  it('all have stored ranges, but for those that a quick run leaves out', () => {
    const checked = new Set(Object.keys(RANGES).map((path) => path.split('/')[0]))
    const quick = EXPERIMENTS.filter(({ fullOnly }) => !fullOnly).map(({ id }) => id)
    assert.deepEqual([...checked].sort(), quick.sort())
  })
})

describe('numbers as text', () => {
  it('are plain where that reads well, powers of ten elsewhere', () => {
    assert.equal(number(10.94), '10.9')
    assert.equal(number(0.02981), '0.0298')
    assert.equal(number(-1234.5), '−1235')
    assert.equal(number(3.66e-15), '3.66&nbsp;×&nbsp;10<sup>−15</sup>')
    assert.equal(number(0), '0')
  })
})
