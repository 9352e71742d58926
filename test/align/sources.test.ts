import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { FileFormatError, readSafetensors, registerIo, sourcesOf, writeSafetensors } from '../../src/io/index.js'
import { sourcedSteps } from '../../src/io/streams/sources.js'
import type { Matrix } from '../../src/matrix.js'
import type { Steps } from '../../src/steps.js'
import { gaussian } from '../support/random.js'
import { beside, frobenius, minus, rowRanges, sharedLatents, subspaceDistance, times } from './support.js'

beforeAll(() => {
  registerIo()
})

const WIDTHS = [3, 4]
const WHOLE = WIDTHS.map((d, m) => gaussian(400, d, 7 + m))
const rows = (from: number, to: number): Matrix[] => rowRanges(WHOLE, from, to)
const named = (from: number, to: number, name = 'x') => ({ source: { name, from, to } })
const factor = (from: number, to: number, name?: string) =>
  new JointFactor(WIDTHS).update(rows(from, to), named(from, to, name))
const reloaded = (part: JointFactor) => JointFactor.fromBytes(part.toBytes())

/** Distance of R^T R from that of the rows themselves, in units of what docs/combiner.md allows. */
function gap(part: JointFactor, whole: JointFactor): number {
  const [A, B] = [part, whole].map(({ R }) => times(R.transpose(), R))
  return frobenius(minus(A, B)) / (10 * Number.EPSILON * Math.max(whole.rows, B.cols) * frobenius(B))
}

describe('sources of a factor', () => {
  it('are kept in its file, and meet as one range', () => {
    const part = factor(20, 50)
    part.update(rows(0, 20), named(0, 20)).update(rows(60, 61), named(60, 61))
    part.update(rows(70, 80), named(0, 10, 'another'))
    const expected = [
      { name: 'another', from: 0, to: 10 },
      { name: 'x', from: 0, to: 50 },
      { name: 'x', from: 60, to: 61 },
    ]
    for (const one of [part, reloaded(part), part.clone()]) expect(sourcesOf(one)).toEqual(expected)
    expect(part.rows).toBe(61)
    expect(JSON.parse(readSafetensors(part.toBytes()).metadata.sources)).toEqual(expected)
    expect(sourcesOf(new JointFactor(WIDTHS).update(rows(0, 9)))).toEqual([])
    expect(readSafetensors(new JointFactor(WIDTHS).toBytes()).metadata).not.toHaveProperty('sources')
  })

  it('are refused twice, with both ranges, and the factor stays as it was', () => {
    const part = factor(0, 50)
    const before = part.toBytes()
    for (const again of [
      () => part.update(rows(40, 60), named(40, 60)),
      () => part.update(rows(0, 50), named(0, 50)),
      () => part.merge(factor(49, 51)),
      () => part.merge(reloaded(factor(0, 50))),
      () => part.merge(part),
    ]) {
      expect(again).toThrow(RangeError)
      expect(again).toThrow(/rows \d+ to \d+ of x have some of 0 to 50, which are there already: rows count once/)
      expect(part.toBytes()).toEqual(before)
    }
    // What comes next to it, or has another name, is other rows.
    part.merge(factor(50, 60)).merge(factor(0, 50, 'y'))
    expect(part.rows).toBe(110)
  })

  it('are ignored where that is asked for, as a whole only', () => {
    const part = factor(0, 50).merge(factor(60, 70))
    const before = part.toBytes()
    part.update(rows(10, 20), { ...named(10, 20), onRepeat: 'ignore' })
    part.merge(factor(60, 70), { onRepeat: 'ignore' })
    part.merge(factor(0, 10).merge(factor(65, 66)), { onRepeat: 'ignore' })
    expect(part.toBytes()).toEqual(before)
    const partly = /only what is there as a whole can be ignored/
    expect(() => part.update(rows(40, 55), { ...named(40, 55), onRepeat: 'ignore' })).toThrow(partly)
    expect(() => part.merge(factor(40, 70), { onRepeat: 'ignore' })).toThrow(partly)
    // Some of its rows came without a name: with the others they would be lost.
    const unknown = factor(0, 10).update(rows(90, 95))
    expect(() => part.merge(unknown, { onRepeat: 'ignore' })).toThrow(partly)
    expect(part.toBytes()).toEqual(before)
  })

  it('of no rows are nothing, and those of other factors are left alone', () => {
    const part = factor(0, 5)
    part.update(rows(2, 2), named(2, 2))
    const [plain, empty] = [new JointFactor(WIDTHS).update(rows(0, 5)), new JointFactor(WIDTHS)]
    part.merge(plain).merge(empty)
    expect([part.rows, sourcesOf(part), sourcesOf(plain)]).toEqual([10, [{ name: 'x', from: 0, to: 5 }], []])
    expect(sourcesOf(empty.merge(part))).toEqual(sourcesOf(part))
  })

  it.each<[string, object, new (...args: never[]) => Error, RegExp]>([
    ['other rows than there are', { source: { name: 'x', from: 0, to: 4 } }, RangeError, /rows 0 to 4 of x are 4 rows, there are 5/],
    ['an end before the start', { source: { name: 'x', from: 5, to: 0 } }, RangeError, /to must be/],
    ['half a row', { source: { name: 'x', from: 0.5, to: 5.5 } }, RangeError, /from must be/],
    ['no name', { source: { from: 0, to: 5 } }, TypeError, /name of a source must be a string/],
    ['a word', { source: 'x' }, TypeError, /must be an object/],
    ['another property', { source: { name: 'x', from: 0, to: 5, rows: 5 } }, TypeError, /no option 'rows'/],
    ['another rule', { source: { name: 'x', from: 0, to: 5 }, onRepeat: 'skip' }, RangeError, /onRepeat must be one of/],
  ])('%s: refused', (_, options, kind, message) => {
    const part = new JointFactor(WIDTHS)
    const update = () => part.update(rows(0, 5), options)
    expect(update).toThrow(kind)
    expect(update).toThrow(message)
    expect([part.rows, part.sources]).toEqual([0, undefined])
  }) // prettier-ignore

  it.each(['{', '{}', '[1]', '[null]', '[{"name":"x","from":-1,"to":2}]', '[{"name":"x","from":3,"to":2}]', '[{"name":1,"from":0,"to":2}]'])(
    'in a file as %s are refused where they count',
    (sources) => {
      const { tensors, metadata } = readSafetensors(factor(0, 5).toBytes())
      const part = JointFactor.fromBytes(writeSafetensors({ tensors, metadata: { ...metadata, sources } }))
      expect(() => sourcesOf(part)).toThrow(FileFormatError)
      expect(() => factor(5, 6).merge(part)).toThrow(FileFormatError)
      expect(() => part.update(rows(7, 8), named(7, 8))).toThrow(FileFormatError)
    },
  ) // prettier-ignore
})

/** Work that does not come to its end. */
function* halting(): Steps<void> {
  for (;;) yield
}

describe('sources of updates that run at the same time', () => {
  const async = (part: JointFactor, from: number, to: number, more = {}) =>
    part.updateAsync(rows(from, to), { ...named(from, to), ...more })

  it('count once, and are known only when their rows are in', async () => {
    const part = new JointFactor(WIDTHS)
    const first = sourcedSteps(part, halting(), named(0, 300), { rows: 300 })
    first.next()
    for (const onRepeat of ['refuse', 'ignore'] as const) {
      const second = () => part.update(rows(250, 350), { ...named(250, 350), onRepeat })
      expect(second).toThrow(/rows 250 to 350 of x have some of 0 to 300, which another update takes in/)
    }
    expect([part.rows, sourcesOf(part)]).toEqual([0, []])
    first.return(undefined)
    await Promise.all([async(part, 0, 100), async(part, 300, 400), async(part, 100, 300)])
    expect([part.rows, sourcesOf(part)]).toEqual([400, [{ name: 'x', from: 0, to: 400 }]])
  })

  it('come again after an abort', async () => {
    const part = new JointFactor(WIDTHS)
    const stop = new AbortController()
    const aborted = async(part, 0, 400, { signal: stop.signal, onProgress: () => { stop.abort() } }) // prettier-ignore
    await expect(aborted).rejects.toThrow('aborted')
    expect([part.rows, sourcesOf(part)]).toEqual([0, []])
    await async(part, 0, 400)
    expect(part.rows).toBe(400)
  })
})

describe('rows in any grouping', () => {
  it('count once, however often, in whatever order and parts they are delivered', () => {
    const whole = new JointFactor(WIDTHS).update(WHOLE)
    const cuts = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 6 })
    const choices = fc.array(fc.nat(), { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(cuts, choices, (inner, choice) => {
        // Equal cuts make empty parts, and those next to each other parts of one row.
        const near = inner.flatMap((cut) => [cut, Math.min(400, cut + (choice[0] % 2))])
        const bounds = [0, ...near, 400].sort((a, b) => a - b)
        const parts = bounds.slice(1).map((to, i) => factor(bounds[i], to).toBytes())
        const at = (step: number, count: number) => choice[step % choice.length] % count
        // Any two of those left, until there is one.
        const tree = parts.map((bytes) => JointFactor.fromBytes(bytes))
        for (let step = 0; tree.length > 1; step++) {
          const [a] = tree.splice(at(step, tree.length), 1)
          tree[at(step + 1, tree.length)].merge(a)
        }
        // Some come twice, all come in any order.
        const delivered = [...parts, ...choice.map((i) => parts[i % parts.length])]
        const once = new JointFactor(WIDTHS)
        for (let step = 0; delivered.length > 0; step++) {
          const [bytes] = delivered.splice(at(step, delivered.length), 1)
          once.merge(JointFactor.fromBytes(bytes), { onRepeat: 'ignore' })
        }
        for (const part of [tree[0], once]) {
          expect(part.rows).toBe(400)
          expect(sourcesOf(part)).toEqual([{ name: 'x', from: 0, to: 400 }])
          expect(gap(part, whole)).toBeLessThan(1)
        }
      }),
      { numRuns: 25, seed: 5 },
    )
  })

  it('give the same model, up to rounding for the gap of its subspace', () => {
    const samples = sharedLatents(200, [6, 5], 3, 0.01, 961)
    const whole = new PerfectAlignment({ nComponents: 3 }).fit(samples)
    const basis = beside(...whole.maps)
    for (const bounds of [
      [0, 1, 200],
      [0, 0, 199, 200],
      [0, 40, 80, 120, 160, 200],
    ]) {
      // prettier-ignore
      const parts = bounds.slice(1).map((to, i) => {
        const from = bounds[i]
        return new JointFactor([6, 5]).update(rowRanges(samples, from, to), named(from, to))
      })
      for (const order of [parts, [...parts].reverse()]) {
        const merged = [...order, ...order].reduce((sum, part) => sum.merge(part, { onRepeat: 'ignore' }), new JointFactor([6, 5])) // prettier-ignore
        const model = new PerfectAlignment({ nComponents: 3 }).fit(merged)
        expect(merged.rows).toBe(200)
        expect(subspaceDistance(beside(...model.maps), basis)).toBeLessThan(1e-12)
      }
    }
  })
})

describe('the example of the guide', () => {
  it('takes a part once', () => {
    const guide = readFileSync(new URL('../../docs/combiner.md', import.meta.url), 'utf8')
    const [, code] = /^```js\nimport [^\n]*\nimport \{ registerIo[^\n]*\n([\s\S]*?)^```$/m.exec(guide) ?? []
    const FunctionOf = (() => undefined).constructor as new (...text: string[]) => (...given: unknown[]) => JointFactor
    const run = new FunctionOf('{ JointFactor, registerIo, sourcesOf }', 'first', 'second', `${code}; return all`)
    const all = run({ JointFactor, registerIo, sourcesOf }, rows(0, 3), rows(3, 5))
    expect([all.rows, sourcesOf(all)]).toEqual([5, [{ name: 'products', from: 0, to: 5 }]])
  })
})
