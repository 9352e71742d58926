import { describe, expect, test } from 'vitest'
import { Matrix } from '../../src/matrix.js'
import { epsilon, onEveryBuild, rounded } from '../support/binaries.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { KernelMemory, type Operand } from '../support/kernel-memory.js'
import * as oracle from '../support/oracles.js'
import { absolute, absoluteDot, agree, forEachCase, type Case } from '../support/vector-cases.js'

/** Four columns `stride` elements apart, as dot4 and axpy4 take them. */
function fourColumns(c: Case, seed: number): { Y: Operand; columns: Float64Array[] } {
  const columns = [0, 1, 2, 3].map((j) => c.numbers(seed + j))
  const Y = new Matrix(c.n, 4)
  columns.forEach((column, j) => {
    column.forEach((y, i) => Y.set(i, j, y))
  })
  return { Y: c.memory.place(Y, { cs: c.n + 3, offset: c.offsets[1] }), columns }
}

const strideBytes = (Y: Operand) => Y.elementBytes * Y.cs

onEveryBuild((precision) => {
  const single = precision === 'f32'
  const bytes = single ? 4 : 8

  test('the memory under test shows what changes beside the outputs, and what is read beside the inputs', () => {
    const memory = new KernelMemory(precision)
    const [x, y] = [memory.vector([1, 2, 3]), memory.vector([4, 5, 6], 1)]
    const scale = (n: number, outputs: Operand[]) => () => {
      memory.run(outputs, () => {
        memory.kernels.xscal(n, 2, x.pointer)
      })
    }
    expect(scale(3, [x])).not.toThrow()
    expect(scale(3, [y])).toThrow(`byte ${x.pointer + bytes - 4} changed`)
    expect(scale(4, [x])).toThrow(`${4 * bytes - 4} bytes from the start of output 0`)
    expect(() => {
      memory.run([x, y], () => {
        memory.kernels.xswap(4, x.pointer, y.pointer)
      })
    }).toThrow(`${3 * bytes} bytes from the start of output 0`)
    expect(memory.kernels.xdot(4, y.pointer, y.pointer)).toBeNaN()
    expect(memory.kernels.xdot(3, y.pointer - bytes, y.pointer - bytes)).toBeNaN()
  })

  test('the heap begins after the static data of the kernels', () => {
    const { engine, kernels } = new KernelMemory(precision)
    const staticData = new Uint8Array(engine.memory.buffer, kernels.heapBase())
    expect(kernels.heapBase()).toBeGreaterThan(0)
    expect(staticData.every((byte) => byte === 0)).toBe(true)
    expect(engine.allocate(8)).toBeGreaterThanOrEqual(kernels.heapBase())
  })

  test('dot: x^T y', () => {
    forEachCase(precision, (c) => {
      const [x, y] = [c.numbers(1), c.numbers(2)]
      const [X, Y] = [c.memory.vector(x, c.offsets[0]), c.memory.vector(y, c.offsets[1])]
      const value = c.memory.run([], () => c.memory.kernels.xdot(c.n, X.pointer, Y.pointer))
      agree(c, [value], [oracle.dot(x, y)], Float64Array.of(absoluteDot(x, y)))
    })
  })

  test('dot4: x^T Y for four columns', () => {
    forEachCase(precision, (c) => {
      const x = c.numbers(1)
      const X = c.memory.vector(x, c.offsets[0])
      const { Y, columns } = fourColumns(c, 2)
      const out = c.memory.vector(new Float64Array(4), c.offsets[2])
      c.memory.run([out], () => {
        c.memory.kernels.xdot4(c.n, X.pointer, Y.pointer, strideBytes(Y), out.pointer)
      })
      const magnitude = Float64Array.from(columns, (y) => absoluteDot(x, y))
      agree(
        c,
        c.memory.read(out).data,
        columns.map((y) => oracle.dot(x, y)),
        magnitude,
      )
    })
  })

  test('axpy: y += alpha x', () => {
    forEachCase(precision, (c) => {
      const [x, y] = [c.numbers(1), c.numbers(2)]
      const [X, Y] = [c.memory.vector(x, c.offsets[0]), c.memory.vector(y, c.offsets[1])]
      c.memory.run([Y], () => {
        c.memory.kernels.xaxpy(c.n, -3, X.pointer, Y.pointer)
      })
      agree(c, c.memory.read(Y).data, oracle.axpy(-3, x, y), oracle.axpy(3, absolute(x), absolute(y)))
    })
  })

  test('axpy4: Y += x w^T for four columns', () => {
    forEachCase(precision, (c) => {
      const [x, w] = [c.numbers(1), c.numbers(9, 4)]
      const X = c.memory.vector(x, c.offsets[0])
      const W = c.memory.vector(w, c.offsets[2])
      const { Y, columns } = fourColumns(c, 2)
      c.memory.run([Y], () => {
        c.memory.kernels.xaxpy4(c.n, W.pointer, X.pointer, Y.pointer, strideBytes(Y))
      })
      const result = c.memory.read(Y).transpose()
      columns.forEach((y, j) => {
        agree(c, result.row(j), oracle.axpy(w[j], x, y), oracle.axpy(Math.abs(w[j]), absolute(x), absolute(y)))
      })
    })
  })

  test('scal: x *= alpha, one rounding each', () => {
    forEachCase(precision, (c) => {
      const x = c.numbers(1)
      const X = c.memory.vector(x, c.offsets[0])
      c.memory.run([X], () => {
        c.memory.kernels.xscal(c.n, 0.1, X.pointer)
      })
      expectSame(
        c.memory.read(X).data,
        oracle.scal(rounded(0.1, precision), x).map((xi) => rounded(xi, precision)),
        c.what,
      )
    })
  })

  test('shift: x - mean in float64, then rounded, filled up with zeros; what is not finite is told', () => {
    const { engine, kernels } = new KernelMemory(precision)
    const [x, mean, out] = [engine.allocateDoubles(40), engine.allocateDoubles(40), engine.allocateElements(40)]
    const [values, means, results] = [engine.doubles(x, 40), engine.doubles(mean, 40), engine.elements(out, 40)]
    for (let n = 0; n <= 33; n++) {
      const filled = Math.ceil(n / 4) * 4
      values.fill(NaN)
      means.fill(NaN)
      for (let i = 0; i < n; i++) [values[i], means[i]] = [1 + Math.sin(i) / 3, Math.cos(7 * i)]
      for (const at of [0, mean]) {
        results.fill(9)
        expect(kernels.xshift(n, x, at, out), `${n} numbers`).toBe(1)
        const expected = Array.from({ length: n }, (_, i) => rounded(values[i] - (at === 0 ? 0 : means[i]), precision))
        expect(Array.from(results)).toEqual([
          ...expected,
          ...Array<number>(filled - n).fill(0),
          ...Array<number>(40 - filled).fill(9),
        ])
      }
      for (let i = 0; i < n; i++) {
        const kept = values[i]
        for (const bad of [NaN, -Infinity, ...(single ? [1e39] : [])]) {
          values[i] = bad
          expect(kernels.xshift(n, x, mean, out), `${bad} at ${i} of ${n}`).toBe(0)
        }
        values[i] = kept
      }
    }
    values.set([1, 2, 3])
    if (!single) kernels.xshift(3, x, mean, x)
    if (!single) expect(Array.from(values.subarray(0, 4))).toEqual([1 - means[0], 2 - means[1], 3 - means[2], 0])
  })

  test('swap: x <-> y', () => {
    forEachCase(precision, (c) => {
      const [x, y] = [c.numbers(1), c.numbers(2)]
      const [X, Y] = [c.memory.vector(x, c.offsets[0]), c.memory.vector(y, c.offsets[1])]
      c.memory.run([X, Y], () => {
        c.memory.kernels.xswap(c.n, X.pointer, Y.pointer)
      })
      expectSame(c.memory.read(X).data, y, c.what)
      expectSame(c.memory.read(Y).data, x, c.what)
    })
  })

  test('amax: the largest magnitude, wherever it stands', () => {
    forEachCase(precision, (c) => {
      for (let at = 0; at < c.n; at++) {
        const x = c.numbers(1)
        x[at] = -100
        const X = c.memory.vector(x, c.offsets[0])
        expect(
          c.memory.run([], () => c.memory.kernels.xamax(c.n, X.pointer)),
          c.what,
        ).toBe(100)
      }
    })
    expect(new KernelMemory(precision).kernels.xamax(0, 65536)).toBe(0)
  })

  describe('nrm2', () => {
    /** Scales from the bottom of the subnormal range to the top, the borders of the plain sum of squares among them. */
    const SCALES = single
      ? [0, 2e-45, 1e-42, 1e-38, 1e-35, 1e-20, 1e-13, 3e-13, 1e-12, 1, 1e18, 3e18, 1e19, 1e36]
      : [0, 5e-324, 1e-320, 1e-308, 1e-300, 1e-160, 1e-136, 1e-135, 1e-134, 1, 1e149, 1e150, 1e151, 1e300]
    /** Where numbers become subnormal, and their last place. */
    const [least, quantum] = single ? [1e-37, 2 ** -149] : [1e-307, 5e-324]

    test('neither over- nor underflows', () => {
      forEachCase(precision, (c) => {
        for (const scale of SCALES) {
          const x = c.numbers(1).map((xi) => rounded(xi * scale, precision))
          const X = c.memory.vector(x, c.offsets[0])
          const norm = c.memory.run([], () => c.memory.kernels.xnrm2(c.n, X.pointer))
          const expected = oracle.nrm2(x)
          const bound = (c.n + 4) * epsilon(precision) * expected + (scale < least && scale > 0 ? quantum : 0)
          expectWithin([norm], [expected], [bound], `${c.what}, scale ${scale}`)
        }
      })
    })

    test('is exact where the answer is: (3, 4) at any scale', () => {
      const memory = new KernelMemory(precision)
      const powers = single
        ? [-149, -140, -100, -64, -42, -41, 0, 60, 61, 62, 100, 124]
        : [-1074, -1060, -700, -500, -449, -448, 0, 498, 500, 700, 1000, 1020]
      for (const e of powers) {
        const X = memory.vector([3 * 2 ** e, -4 * 2 ** e])
        expect(memory.kernels.xnrm2(2, X.pointer), `2^${e}`).toBe(5 * 2 ** e)
      }
    })

    test('counts entries of very different size', () => {
      const memory = new KernelMemory(precision)
      const big = single ? 1e30 : 1e200
      const X = memory.vector([1e-300, 3 * big, 1e-10, 4 * big, 5e-324])
      expect(memory.kernels.xnrm2(5, X.pointer) / (5 * big)).toBeCloseTo(1, single ? 6 : 15)
    })
  })
})
