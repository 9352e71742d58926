import { expect, test } from 'vitest'
import { cholesky } from '../../src/linalg/cholesky.js'
import { det } from '../../src/linalg/determinant.js'
import { gram } from '../../src/linalg/gram.js'
import { lu } from '../../src/linalg/lu.js'
import { inv, solve } from '../../src/linalg/solve.js'
import { solveTriangular } from '../../src/linalg/solve-triangular.js'
import { Matrix } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { gaussian } from '../support/random.js'

/** Rows on their way into column order, see src/runtime/marshal.ts. */
const STAGED_ROWS = 256
const MEBIBYTE = 2 ** 20

const n = 700
const A = gaussian(n, n, 1)
for (let i = 0; i < n; i++) A.set(i, i, A.get(i, i) + n)
const symmetric = new Matrix(n, n)
for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) symmetric.set(i, j, i === j ? n : 1 / (i + j + 1))
const B = gaussian(n, 100, 2)

/** What each docstring says: doubles, and columns of the rows that are staged. */
const STATED: [name: string, call: () => unknown, doubles: number, stagedColumns: number][] = [
  ['lu', () => lu(A), n * n, n],
  ['det', () => det(A), n * n, n],
  ['cholesky', () => cholesky(symmetric), n * n, n],
  ['solve', () => solve(A, B), n * (n + 100), n + 100],
  ['inv', () => inv(A), 2 * n * n, 2 * n],
  ['solveTriangular', () => solveTriangular(A, B), n * (n + 100), n],
  ['gram', () => gram(A), 2 * n * n, 0],
]

test.each(STATED)(
  '%s takes the WebAssembly memory that its docstring states',
  (_name, call, doubles, stagedColumns) => {
    Engine.use('simd')
    const before = Engine.shared().memoryBytes
    call()
    // Columns start on odd multiples of a cache line: up to 15 doubles more each.
    const padding = 1 + 15 / n
    const stated = 8 * (doubles * padding + STAGED_ROWS * stagedColumns) + MEBIBYTE
    expect(Engine.shared().memoryBytes - before).toBeLessThanOrEqual(stated)
    expect(Engine.shared().memoryBytes, 'the bound is not idle').toBeGreaterThan(8 * doubles)
  },
)
