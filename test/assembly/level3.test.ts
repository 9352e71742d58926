import { describe, expect, test } from 'vitest'
import { Matrix, type Precision } from '../../src/matrix.js'
import { epsilon, onEveryBuild, rounded } from '../support/binaries.js'
import { around, KC, MC, MR, NC, NR, TRSM_BLOCK } from '../support/constants.js'
import { expectSame, expectWithin } from '../support/expectations.js'
import { KernelMemory, type Layout, type Operand } from '../support/kernel-memory.js'
import * as oracle from '../support/oracles.js'
import { gaussian, uniform } from '../support/random.js'

/** Small integers: products of these matrices are exact in any order of summation. */
function integers(rows: number, cols: number, seed: number): Matrix {
  const next = uniform(seed)
  return new Matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => Math.floor(19 * next()) - 9),
  )
}

/** Ways to lay out m x n: contiguous, padded, transposed and general strides, aligned and not. */
function layouts(m: number, n: number): Layout[] {
  return [
    { rs: 1, cs: m },
    { rs: 1, cs: m + 3, offset: 1 },
    { rs: n, cs: 1 },
    { rs: n + 1, cs: 1, offset: 1 },
    { rs: 2, cs: 2 * m + 1 },
  ]
}

/** Entries as a precision holds them. */
function inPrecision(A: Matrix, precision: Precision): Matrix {
  return new Matrix(
    A.rows,
    A.cols,
    A.data.map((x) => rounded(x, precision)),
  )
}

interface Product {
  readonly precision: Precision
  readonly m: number
  readonly n: number
  readonly k: number
  readonly alpha?: number
  readonly beta?: number
  readonly A: Matrix
  readonly B: Matrix
  readonly C: Matrix
  readonly layoutA?: Layout
  readonly layoutB?: Layout
  readonly layoutC?: Layout
}

/** Runs gemm under watch, its scratch exactly as long as it asks for. */
function gemm({ precision, m, n, k, alpha = 1, beta = 1, A, B, C, layoutA, layoutB, layoutC }: Product): Matrix {
  const memory = new KernelMemory(precision)
  const { kernels } = memory
  const [a, b, c] = [memory.place(A, layoutA), memory.place(B, layoutB), memory.place(C, layoutC)]
  const work = memory.scratch(kernels.xgemmWorkspace(m, n, k))
  memory.run([c, work], () => {
    kernels.xgemm(
      m, n, k, alpha, a.pointer, a.rs, a.cs, b.pointer, b.rs, b.cs, beta, c.pointer, c.cs, work.pointer,
    ) // prettier-ignore
  })
  return memory.read(c)
}

/** Exact operands for a size; made once, since the oracle's product is what costs. */
const exactProducts = new Map<string, { A: Matrix; B: Matrix; C: Matrix; AB: Matrix }>()

function exactProduct(m: number, n: number, k: number) {
  const key = `${m} ${n} ${k}`
  let made = exactProducts.get(key)
  if (made === undefined) {
    const [A, B, C] = [integers(m, k, 1), integers(k, n, 2), integers(m, n, 3)]
    exactProducts.set(key, (made = { A, B, C, AB: oracle.product(A, B) }))
  }
  return made
}

onEveryBuild((precision) => {
  const EPS = epsilon(precision)

  function checkExact(m: number, n: number, k: number, layout: Pick<Product, 'layoutA' | 'layoutB' | 'layoutC'> = {}) {
    const { A, B, C, AB } = exactProduct(m, n, k)
    const result = gemm({ precision, m, n, k, alpha: -2, beta: 3, A, B, C, ...layout })
    const expected = AB.data.map((x, i) => 3 * C.data[i] - 2 * x)
    expectSame(result.data, expected, `${m} x ${k} times ${k} x ${n}, ${JSON.stringify(layout)}`)
  }

  describe('gemm: C = alpha A B + beta C', () => {
    test('every size up to two register tiles', () => {
      for (let m = 0; m <= 2 * MR + 1; m++) {
        for (let n = 0; n <= 2 * NR + 1; n++) for (const k of [0, 1, 2, 7]) checkExact(m, n, k)
      }
    })

    test('operands with any strides, at any alignment', () => {
      for (const [m, n, k] of [
        [1, 1, 1],
        [MR, NR, 5],
        [2 * MR + 3, 3 * NR + 1, 6],
      ]) {
        for (const layoutA of layouts(m, k)) {
          for (const layoutB of layouts(k, n)) {
            for (const layoutC of [{ cs: m }, { cs: m + 5 }, { cs: m + 2, offset: 1 }]) {
              checkExact(m, n, k, { layoutA, layoutB, layoutC })
            }
          }
        }
      }
    })

    test.each(around(MC))('rows around a block of A: m = %i', (m) => {
      checkExact(m, NR + 1, 9)
      checkExact(m, NR + 1, 9, { layoutA: { rs: 9, cs: 1 } })
      checkExact(2 * m, 3, KC + 1)
    })

    test.each(around(NC))('columns around a block of B: n = %i', (n) => {
      checkExact(MR + 1, n, 9)
      checkExact(MR + 1, n, 9, { layoutB: { rs: n, cs: 1 } })
      checkExact(3, 2 * n, 9)
    })

    test.each(around(KC))('depth around a panel: k = %i', (k) => {
      checkExact(MR + 1, NR + 1, k)
      checkExact(MR + 1, NR + 1, 2 * k, { layoutA: { rs: 2 * k, cs: 1 }, layoutB: { rs: NR + 1, cs: 1 } })
    })

    test.each([-1, 0, 1])('all three around their blocks at once: %i', (d) => {
      checkExact(MC + d, NC + d, KC + d, { layoutC: { cs: MC + 5, offset: 1 } })
    })

    test('beta = 0 overwrites whatever C holds, beta = 1 and 0.5 keep it', () => {
      const [m, n, k] = [2 * MR + 1, 2 * NR + 1, 5]
      const [A, B] = [integers(m, k, 1), integers(k, n, 2)]
      const garbage = new Matrix(m, n, new Float64Array(m * n).fill(NaN))
      expectSame(gemm({ precision, m, n, k, beta: 0, A, B, C: garbage }).data, oracle.product(A, B).data, 'beta = 0')
      for (const beta of [0.5, 1, -1]) {
        const C = integers(m, n, 3)
        expectSame(
          gemm({ precision, m, n, k, beta, A, B, C }).data,
          oracle.gemm(1, A, B, beta, C).data,
          `beta = ${beta}`,
        )
      }
    })

    test('an empty inner dimension leaves beta C', () => {
      const C = integers(5, 7, 3)
      const empty = { precision, m: 5, n: 7, k: 0, A: new Matrix(5, 0), B: new Matrix(0, 7), C }
      expectSame(gemm({ ...empty, beta: 2 }).data, oracle.scal(2, C.data), 'beta = 2')
      expectSame(gemm({ ...empty, beta: 0 }).data, new Float64Array(35), 'beta = 0')
    })

    test('rounds within the bound of any order of summation', () => {
      for (const k of [7, KC, KC + 1, 3 * KC]) {
        const [A, B] = [gaussian(2 * MR + 1, k, 1), gaussian(k, 2 * NR + 1, 2)].map((X) => inPrecision(X, precision))
        const C = new Matrix(A.rows, B.cols)
        const result = gemm({ precision, m: A.rows, n: B.cols, k, alpha: 1.5, beta: 0, A, B, C })
        const bound = oracle.absoluteProduct(A, B).data.map((x) => 1.5 * 2 * k * EPS * x)
        expectWithin(result.data, oracle.gemm(1.5, A, B, 0, C).data, bound, `k = ${k}`)
      }
    })
  })

  describe('transpose', () => {
    test('B = A^T, at sizes around its tiles, with gaps between rows and columns', () => {
      const sizes = [0, 1, 2, 15, 16, 17, 31, 32, 33, 48]
      for (const m of sizes) {
        for (const n of sizes) {
          for (const gap of [0, 3]) {
            const memory = new KernelMemory(precision)
            const A = inPrecision(gaussian(m, n, 1), precision)
            const a = memory.place(A, { rs: n + gap, cs: 1, offset: gap % 2 })
            const b = memory.place(new Matrix(m, n), { cs: m + gap, offset: 1 })
            memory.run([b], () => {
              memory.kernels.xtranspose(m, n, a.pointer, n + gap, b.pointer, m + gap)
            })
            expectSame(memory.read(b).data, A.data, `${m} x ${n}, gap ${gap}`)
          }
        }
      }
    })
  })

  describe('trsm: B = T^-1 B', () => {
    /** A triangle whose solves do not grow: diagonal of order sqrt(m), NaN where it must not be read. */
    function triangleFor(m: number, upper: boolean): Matrix {
      const T = gaussian(m, m, 5)
      for (let i = 0; i < m; i++) {
        T.set(i, i, (i % 2 === 0 ? 1 : -1) * (2 + Math.sqrt(m) + Math.abs(T.get(i, i))))
        for (let j = 0; j < m; j++) if (upper ? i > j : i < j) T.set(i, j, NaN)
      }
      return T
    }

    function trsm(upper: boolean, T: Matrix, B: Matrix, layoutT: Layout, layoutB: Layout): Matrix {
      const memory = new KernelMemory(precision)
      const { kernels } = memory
      const [t, b]: Operand[] = [memory.place(T, layoutT), memory.place(B, layoutB)]
      const work = memory.scratch(kernels.xtrsmWorkspace(B.rows, B.cols))
      memory.run([b, work], () => {
        kernels.xtrsm(upper ? 1 : 0, B.rows, B.cols, t.pointer, t.rs, t.cs, b.pointer, b.cs, work.pointer)
      })
      return memory.read(b)
    }

    /** Columnwise: |B - T X| <= c m eps |T| |X|, what substitution in any order satisfies. */
    function checkSolve(upper: boolean, m: number, n: number, layoutT: Layout, layoutB: Layout) {
      const T = inPrecision(triangleFor(m, upper), precision)
      const B = inPrecision(gaussian(m, n, 6), precision)
      const X = trsm(upper, T, B, layoutT, layoutB)
      const read = oracle.triangle(T, upper)
      const bound = oracle.absoluteProduct(read, X).data.map((x) => 2 * (m + 2) * EPS * x)
      expectWithin(oracle.product(read, X).data, B.data, bound, `${upper ? 'upper' : 'lower'}, ${m} x ${n}`)
      if (m > 0 && n > 0) {
        const reference = oracle.triangularSolve(upper, read, B)
        const largest = oracle.amax(reference.data)
        const near = reference.data.map(() => 100 * (m + 2) * EPS * largest)
        expectWithin(X.data, reference.data, near, `${upper ? 'upper' : 'lower'}, ${m} x ${n}, against substitution`)
      }
    }

    const orders = [0, 1, 2, ...around(TRSM_BLOCK, 2 * TRSM_BLOCK), 3 * TRSM_BLOCK + 5]

    test.each([true, false])('upper = %s: orders around its block, any number of right-hand sides', (upper) => {
      for (const m of orders) for (const n of [0, 1, NR, NR + 1, 13]) checkSolve(upper, m, n, {}, {})
    })

    test.each([true, false])('upper = %s: strided and transposed triangles', (upper) => {
      for (const m of [1, TRSM_BLOCK + 1]) {
        for (const layoutT of layouts(m, m)) {
          for (const layoutB of [{ cs: m }, { cs: m + 3, offset: 1 }]) checkSolve(upper, m, 6, layoutT, layoutB)
        }
      }
    })

    test('many right-hand sides: more than a block of B', () => {
      checkSolve(true, TRSM_BLOCK + 1, NC + 1, {}, {})
      checkSolve(false, TRSM_BLOCK + 1, NC + 1, {}, {})
    })

    test('whole numbers come out exactly', () => {
      const m = 2 * TRSM_BLOCK + 1
      const T = oracle.triangle(integers(m, m, 8), true)
      for (let i = 0; i < m; i++) for (let j = i; j < m; j++) T.set(i, j, j === i ? 2 : j === i + 1 ? -1 : 0)
      const X = integers(m, 5, 9)
      expect(trsm(true, T, oracle.product(T, X), {}, {}).data).toEqual(X.data)
    })
  })
})
