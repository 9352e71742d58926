import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { NotFittedError, OutOfMemoryError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { gaussian } from '../support/random.js'
import { beside, columnMeans, frobenius, maxDifference, minus, rowRanges, times, toFloat32 } from './support.js'

const EPS = Number.EPSILON
const ones = (n: number) => new Matrix(n, 1, new Float64Array(n).fill(1))
const gram = (A: Matrix) => times(A.transpose(), A)
const data = (n: number, widths: readonly number[], seed = 1) => widths.map((d, m) => gaussian(n, d, seed + 100 * m))

function gramRatio(factor: JointFactor, modalities: Matrix[]): number {
  const joint = gram(beside(ones(modalities[0].rows), ...modalities))
  return frobenius(minus(gram(factor.R), joint)) / (EPS * Math.max(factor.rows, factor.R.cols) * frobenius(joint))
}

describe('JointFactor', () => {
  it.each([
    [1, [2, 3]],
    [3, [2, 3]],
    [6, [2, 3]],
    [40, [3]],
    [200, [7, 1, 12]],
    [1023, [4, 4]],
    [1024, [4, 4]],
    [1025, [4, 4]],
    [2500, [5, 6]],
  ])('has the Gram matrix of the joint data, %i rows of %j', (n, widths) => {
    const modalities = data(n, widths)
    const factor = new JointFactor(widths).update(modalities)
    expect(factor.rows).toBe(n)
    expect(gramRatio(factor, modalities)).toBeLessThan(10)
    for (let i = 1; i < factor.R.rows; i++) for (let j = 0; j < i; j++) expect(factor.R.get(i, j)).toBe(0)
  })

  it('is the same for any partition of its rows into calls, small and large, to rounding', () => {
    const widths = [9, 7]
    const modalities = data(1500, widths, 5)
    const whole = new JointFactor(widths).update(modalities).R
    const signed = (R: Matrix) => Matrix.from(R.toArray().map((row, i) => row.map((x) => x * Math.sign(R.get(i, i)))))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        const factor = new JointFactor(widths)
        let start = 0
        for (const size of [...sizes, 1500]) {
          const end = Math.min(start + size, 1500)
          factor.update(rowRanges(modalities, start, end))
          start = end
          expect(factor.rows).toBe(end)
        }
        expect(maxDifference(signed(factor.R).data, signed(whole).data)).toBeLessThan(1e-13 * frobenius(whole))
      }),
      { numRuns: 25 },
    )
  })

  it('factors rows that come one by one a block at a time, the first ones at once', () => {
    for (const [widths, n, blocks] of [
      [[3, 2], 1000, 4],
      [[200, 130], 331, 1],
      [[200, 130], 331 + 256, 2],
      [[200, 130], 331 + 257, 3],
    ] as const) {
      Engine.release()
      const { kernels } = Engine.shared()
      let calls = 0
      const counted = (name: 'xgeqrfInit' | 'xtpqrtInit') => (...given: never[]) => (calls++, (kernels[name] as (...all: never[]) => number)(...given)) // prettier-ignore
      const counting = { ...kernels, xtpqrtInit: counted('xtpqrtInit'), xgeqrfInit: counted('xgeqrfInit') }
      Object.defineProperty(Engine.shared(), 'kernels', { value: counting })
      const modalities = data(n, widths)
      const factor = new JointFactor(widths)
      for (let i = 0; i < n; i++) factor.update(rowRanges(modalities, i, i + 1))
      // The first block of a narrow factor fills it, and goes on.
      expect([widths, n, factor.R.rows > 0 && calls]).toEqual([widths, n, blocks + (factor.R.rows < 256 ? 1 : 0)])
      expect(gramRatio(factor, modalities)).toBeLessThan(10)
      Engine.release()
    }
  })

  it('has the rows that wait in all that it hands out: copies, files, merges, fits', () => {
    const modalities = data(300, [4, 3])
    const parts = [0, 100, 130, 131, 300]
    const made = () => {
      const factor = new JointFactor([4, 3])
      parts.slice(1).forEach((end, i) => factor.update(rowRanges(modalities, parts[i], end)))
      return factor
    }
    const whole = gram(new JointFactor([4, 3]).update(modalities).R)
    const same = (factor: JointFactor, times = 1) => {
      expect(factor.rows).toBe(300 * times)
      expect(frobenius(minus(gram(factor.R), new Matrix(8, 8, whole.data.map((x) => times * x))))).toBeLessThan(1e-12 * frobenius(whole)) // prettier-ignore
    }
    same(made())
    same(JointFactor.fromBytes(made().toBytes()))
    same(new JointFactor([4, 3]).merge(made()))
    same(made().merge(made()), 2)
    const [factor, copy] = [made(), made().clone()]
    same(copy)
    copy.update(modalities)
    same(copy, 2)
    same(factor)
    expect(maxDifference(made().means()[0], columnMeans(modalities[0]))).toBeLessThan(1e-13)
    expect(new JointFactor([4, 3]).update(rowRanges(modalities, 0, 3)).update([toFloat32(gaussian(1, 4, 1)), gaussian(1, 3, 2)]).float32).toEqual([true, false]) // prettier-ignore
  })

  it('settles once when it is read while an update is on its way', async () => {
    const modalities = data(700, [5, 4])
    const factor = new JointFactor([5, 4]).update(rowRanges(modalities, 0, 200))
    const updates = [
      factor.updateAsync(rowRanges(modalities, 200, 320)),
      factor.updateAsync(rowRanges(modalities, 320, 600)),
      factor.updateAsync(rowRanges(modalities, 600, 650)),
    ]
    expect(factor.means()).toHaveLength(2)
    factor.update(rowRanges(modalities, 650, 700))
    await Promise.all(updates)
    expect(factor.rows).toBe(700)
    expect(gramRatio(factor, modalities)).toBeLessThan(10)
  })

  it('tells of rows that bring it out of range when they come', () => {
    const factor = new JointFactor([1]).update([[[1], [2]]])
    for (let i = 0; i < 2; i++) {
      expect(() => factor.update([[[1.7e308], [1.7e308]]])).toThrow(/beyond the largest float64/)
      expect(factor.rows).toBe(2)
    }
    expect(factor.means()[0][0]).toBeCloseTo(1.5, 14)
  })

  it('gives means, and below the first row the factor of the centred data', () => {
    const modalities = data(50, [3, 2]).map((X) => new Matrix(50, X.cols, X.data.map((x, at) => x + 5 * (at % X.cols)))) // prettier-ignore
    const factor = new JointFactor([3, 2]).update(modalities)
    factor.means().forEach((mean, m) => {
      expect(maxDifference(mean, columnMeans(modalities[m]))).toBeLessThan(1e-13)
    })
    const X = beside(...modalities)
    const centredData = minus(X, times(ones(50), new Matrix(1, 5, columnMeans(X))))
    const R = new Matrix(5, 5)
    for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) R.set(i, j, factor.R.get(i + 1, j + 1))
    expect(frobenius(minus(gram(R), gram(centredData)))).toBeLessThan(1e-12)
  })

  it('does not care how the rows were divided, nor in which order the parts were merged', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 1e6 }),
        (sizes, widths, seed) => {
          const n = sizes.reduce((sum, size) => sum + size, 0)
          const modalities = data(n, widths, seed)
          let start = 0
          const parts = sizes.map((size) => {
            const part = rowRanges(modalities, start, start + size)
            start += size
            return part
          })
          const streamed = new JointFactor(widths)
          for (const part of parts) streamed.update(part)
          const merged = new JointFactor(widths)
          for (const part of parts.reverse()) merged.merge(new JointFactor(widths).update(part))
          expect(streamed.rows).toBe(n)
          expect(merged.rows).toBe(n)
          if (n === 0) return
          expect(gramRatio(streamed, modalities)).toBeLessThan(10)
          expect(gramRatio(merged, modalities)).toBeLessThan(10)
        },
      ),
      { numRuns: 60, seed: 7 },
    )
  })

  it('agrees to 1e-13 in every entry, up to signs of rows, where the data has full rank', () => {
    const widths = [20, 30]
    const modalities = data(600, widths)
    const whole = new JointFactor(widths).update(modalities)
    const part = (from: number, to: number) => new JointFactor(widths).update(rowRanges(modalities, from, to))
    const tree = part(300, 600).merge(part(0, 150).merge(part(150, 300)))
    for (let i = 0; i < 51; i++) {
      const sign = Math.sign(whole.R.get(i, i)) * Math.sign(tree.R.get(i, i))
      const row = tree.R.row(i).map((x) => sign * x)
      expect(maxDifference(whole.R.row(i), row)).toBeLessThan(1e-13 * Math.abs(whole.R.get(0, 0)))
    }
  })

  it('merges triangles wider than a strip', () => {
    const widths = [150, 140]
    const modalities = data(700, widths)
    const merged = new JointFactor(widths)
      .update(rowRanges(modalities, 0, 310))
      .merge(new JointFactor(widths).update(rowRanges(modalities, 310, 700)))
    expect(gramRatio(merged, modalities)).toBeLessThan(10)
  })

  it('leaves what it merges as it was, and may be merged with itself', () => {
    const modalities = data(30, [2, 2])
    const a = new JointFactor([2, 2]).update(modalities)
    const b = new JointFactor([2, 2]).merge(a).merge(a)
    const before = a.toBytes()
    b.update(modalities)
    expect(a.toBytes()).toEqual(before)
    a.merge(a)
    expect([a.rows, b.rows]).toEqual([60, 90])
    expect(gramRatio(b, data(30, [2, 2]).map((X) => new Matrix(90, 2, [...X.data, ...X.data, ...X.data])))).toBeLessThan(10) // prettier-ignore
  })

  it('knows which modalities are float32', () => {
    const [X1, X2] = data(8, [2, 2])
    const factor = new JointFactor([2, 2]).update([X1, X2])
    expect(factor.float32).toEqual([false, false])
    expect(factor.clone().update([X1, toFloat32(X2)]).float32).toEqual([false, true])
    expect(factor.merge(new JointFactor([2, 2]).update([toFloat32(X1), X2])).float32).toEqual([true, false])
    expect(JointFactor.fromBytes(factor.toBytes()).float32).toEqual([true, false])
  })

  it('refuses a file of no rows whose widths nothing has room for, by their sizes', () => {
    const file = readSafetensors(new JointFactor([2, 2]).toBytes())
    file.metadata.widths = '4294967296,2'
    expect(() => JointFactor.fromBytes(writeSafetensors(file))).toThrow(RangeError)
    expect(() => JointFactor.fromBytes(writeSafetensors(file))).toThrow('add up to 4294967298')
  })

  it('updates asynchronously without losing what comes in meanwhile', async () => {
    const widths = [30, 40]
    const modalities = data(5000, widths)
    const factor = new JointFactor(widths)
    const phases: string[] = []
    const first = factor.updateAsync(rowRanges(modalities, 0, 2500), { onProgress: ({ phase }) => phases.push(phase) })
    const second = factor.updateAsync(rowRanges(modalities, 2500, 4000))
    factor.update(rowRanges(modalities, 4000, 4500))
    factor.merge(new JointFactor(widths).update(rowRanges(modalities, 4500, 5000)))
    await Promise.all([first, second])
    expect(factor.rows).toBe(5000)
    expect(gramRatio(factor, modalities)).toBeLessThan(10)
    expect(new Set(phases)).toContain('factor')
  })

  it('is as it was after an error or an abort', async () => {
    const factor = new JointFactor([2, 2]).update(data(9, [2, 2]))
    const before = factor.toBytes()
    const [X1, X2] = data(3000, [2, 2])
    X2.set(2500, 1, NaN)
    expect(() => factor.update([X1, X2])).toThrow(
      new RangeError('modality 1: entry (2500, 1) is NaN; every entry must be finite: drop or impute such rows first'),
    )
    const stop = new AbortController()
    const aborted = factor.updateAsync(data(20000, [2, 2]), {
      signal: stop.signal,
      onProgress: () => {
        stop.abort(new Error('enough'))
      },
    })
    await expect(aborted).rejects.toThrow('enough')
    expect(factor.toBytes()).toEqual(before)
    expect(factor.update(data(9, [2, 2])).rows).toBe(18)
  })

  it.each([
    [() => new JointFactor(3 as never), TypeError, 'widths must be an array of numbers, got 3'],
    [() => new JointFactor([]), RangeError, 'at least one modality'],
    [() => new JointFactor([2, '3' as never]), TypeError, 'width 1 must be an integer, got a string'],
    [() => new JointFactor([2, 1.5]), RangeError, 'width 1 must be an integer from 1 to 9007199254740991, got 1.5'],
    [() => new JointFactor([2, 0]), RangeError, 'width 1 must be an integer from 1 to 9007199254740991, got 0'],
    [
      () => new JointFactor([150_000, 150_000]),
      OutOfMemoryError,
      'needs 670.6 GiB, which there are not: take fewer rows or columns',
    ],
    [() => new JointFactor([2, 2]).means(), NotFittedError, 'has seen no rows'],
    [() => new JointFactor([2, 2]).update(data(3, [2])), RangeError, 'got 1 modalities, expected 2'],
    [() => new JointFactor([2, 2]).update(data(3, [2, 3])), RangeError, 'modality 1 has 3 columns, expected 2'],
    [() => new JointFactor([2, 2]).update(null as never), TypeError, 'modalities must be an array of matrices'],
    [() => new JointFactor([1, 1]).update([[[1]], [[1], [2]]]), RangeError, 'modality 1 has 2 rows, modality 0 has 1'],
    [() => new JointFactor([1, 1]).update([[[1]], [[-Infinity]]]), RangeError, 'entry (0, 0) is -Infinity'],
    [
      () => new JointFactor([2]).merge(new JointFactor([3])),
      RangeError,
      'cannot merge a factor of widths 3 into one of 2',
    ],
    [() => new JointFactor([2]).merge({} as never), TypeError, 'can merge a JointFactor only'],
  ] as const)('says what is wrong: %#', (work, kind, message) => {
    expect(work).toThrow(kind)
    expect(work).toThrow(message)
  })
})
