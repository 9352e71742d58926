import { expect, test } from 'vitest'
import { JointFactor } from '../../src/align/joint-factor.js'
import { PerfectAlignment } from '../../src/align/perfect-alignment.js'
import { OutOfMemoryError } from '../../src/errors.js'
import * as linalg from '../../src/linalg/index.js'
import { Matrix, type Precision } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { gaussian } from '../support/random.js'

/** Rows on their way into column order, see src/runtime/marshal.ts. */
const STAGED_ROWS = 256
const MEBIBYTE = 2 ** 20

const n = 700
const A = gaussian(n, n, 1)
const dominant = gaussian(n, n, 1)
for (let i = 0; i < n; i++) dominant.set(i, i, dominant.get(i, i) + n)
const symmetric = new Matrix(n, n)
for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) symmetric.set(i, j, i === j ? n : 1 / (i + j + 1))
const B = gaussian(n, 100, 2)
// Tall, and its transpose.
const [p, q] = [2000, 250]
const tall = gaussian(p, q, 3)
const wide = tall.transpose()
const paired = [gaussian(n, n / 2, 4), gaussian(n, n / 2, 5)]
const factor = new JointFactor([n / 2, n / 2]).update(paired)

const { lu, det, slogdet, cholesky, solve, inv, solveTriangular, gram, matmul, qr, lq, svd, svdvals, svdPartial } =
  linalg
const { eigh, eigvalsh, lstsq, pinv, cond, polar, orthogonalProcrustes, nullSpace, orth, matrixRank, norm } = linalg

/** What each docstring says: doubles that grow as the square, and those that grow as the side. */
const STATED: [name: string, call: () => unknown, doubles: number, more: number, side?: number][] = [
  ['lu', () => lu(dominant), n * n, STAGED_ROWS * n],
  ['det', () => det(dominant), n * n, STAGED_ROWS * n],
  ['slogdet', () => slogdet(dominant), n * n, STAGED_ROWS * n],
  ['cholesky', () => cholesky(symmetric), n * n, STAGED_ROWS * n],
  ['solve', () => solve(dominant, B), n * (n + 100), STAGED_ROWS * (n + 100)],
  ['inv', () => inv(dominant), 2 * n * n, STAGED_ROWS * 2 * n],
  ['solveTriangular', () => solveTriangular(dominant, B), n * (n + 100), STAGED_ROWS * n],
  ['gram', () => gram(A), 2 * n * n, 0],
  ['matmul', () => matmul(A, A), 3 * n * n, 0],
  ['qr', () => qr(A), 2 * n * n, 450 * n],
  ['qr, pivoting', () => qr(A, { pivoting: true }), 2 * n * n, 450 * n],
  ["qr, 'r'", () => qr(A, { mode: 'r' }), n * n, 450 * n],
  ["qr, 'r', tall", () => qr(tall, { mode: 'r' }), q * q, 450 * p, q],
  ["qr, 'full', tall", () => qr(tall, { mode: 'full' }), p * q + p * p, 450 * p, q],
  ['lq, wide', () => lq(wide), 2 * p * q, 450 * p, q],
  ['svd', () => svd(A), 4 * n * n, 450 * n],
  ['svd, tall', () => svd(tall), 2 * p * q + 2 * q * q, 450 * p, q],
  ['svd, wide', () => svd(wide), 2 * p * q + 2 * q * q, 450 * p, q],
  ['svd, full', () => svd(tall, { vectors: 'full' }), p * q + p * p + 2 * q * q, 450 * p, q],
  ['svdvals', () => svdvals(A), 2 * n * n, 450 * n],
  ['svdPartial', () => svdPartial(tall, 20), p * (q + 20) + 4 * q * q, 450 * (p + q), q],
  ['eigh', () => eigh(symmetric), 2 * n * n, 450 * n],
  ['eigvalsh', () => eigvalsh(symmetric), n * n, 450 * n],
  ['lstsq', () => lstsq(A, B), 4 * n * n, 450 * n],
  ['pinv', () => pinv(A), 4 * n * n, 450 * n],
  ['cond', () => cond(A), 2 * n * n, 450 * n],
  ['cond in the 1-norm', () => cond(dominant, 1), 2 * n * n, STAGED_ROWS * 2 * n],
  ['polar', () => polar(A), 4 * n * n, 450 * n],
  ['orthogonalProcrustes', () => orthogonalProcrustes(A, A), 4 * n * n, 450 * n],
  ['nullSpace, wide', () => nullSpace(wide), p * q + p * p + q * q, 450 * p, q],
  ['nullSpace', () => nullSpace(A), 3 * n * n, 450 * n],
  ['orth', () => orth(A), 4 * n * n, 450 * n],
  ['matrixRank', () => matrixRank(A), 2 * n * n, 450 * n],
  ['norm 2', () => norm(A, 2), 2 * n * n, 450 * n],
  ["norm, 'nuc'", () => norm(A, 'nuc'), 2 * n * n, 450 * n],
  ['JointFactor', () => new JointFactor([n / 2, n / 2]).update(paired), (1 + n) ** 2, 600 * (1 + n)],
  ['JointFactor, merge', () => factor.clone().merge(factor), (1 + n) ** 2, 600 * (1 + n)],
  ...(['auto', 'balanced', 'informative', 'last'] as const).map((selection): (typeof STATED)[number] => [
    `PerfectAlignment, ${selection}`,
    () => new PerfectAlignment({ nComponents: 20, selection }).fit(paired),
    3 * n * n,
    600 * n,
  ]),
]

test.each(STATED)(
  '%s takes the WebAssembly memory that its docstring states',
  (_name, call, doubles, more, side = n) => {
    Engine.use('simd')
    const before = Engine.shared().memoryBytes
    call()
    // Columns start on odd multiples of a cache line: up to 15 doubles more each.
    const padding = 1 + 15 / side
    expect(Engine.shared().memoryBytes - before).toBeLessThanOrEqual(8 * (doubles * padding + more) + 2 * MEBIBYTE)
    expect(Engine.shared().memoryBytes, 'the bound is not idle').toBeGreaterThan(6 * doubles)
  },
)

test.each([
  ['matmul', (precision: Precision) => matmul(A, A, { precision }), 3],
  ['qr', (precision: Precision) => qr(A, { precision }), 2],
  ['svd', (precision: Precision) => svd(A, { precision }), 4],
  ['svdvals', (precision: Precision) => svdvals(A, { precision }), 2],
] as const)("%s with precision 'f32' takes half as much", (_name, call, squares) => {
  Engine.use('simd')
  const before = Engine.shared('f32').memoryBytes
  call('f32')
  const more = Engine.shared('f32').memoryBytes - before
  expect(more).toBeLessThanOrEqual(4 * (squares * n * n * (1 + 31 / n) + 900 * n) + 2 * MEBIBYTE)
  expect(more, 'the bound is not idle').toBeGreaterThan(3 * squares * n * n)
})

test('transpose and the norms of entries take no WebAssembly memory', () => {
  Engine.use('simd')
  const before = Engine.shared().memoryBytes
  for (const call of [() => linalg.transpose(A), () => norm(A), () => norm(A, 1), () => norm(A, 'inf')]) call()
  expect(Engine.shared().memoryBytes).toBe(before)
})

test('an n x n svd stays below 5 n^2 doubles and 2 MiB', () => {
  Engine.use('simd')
  const before = Engine.shared().memoryBytes
  svd(A)
  expect(Engine.shared().memoryBytes - before).toBeLessThanOrEqual(8 * 5 * n * n + 2 * MEBIBYTE)
})

// What comes in several steps is refused at the step that does not fit.
const AT_ONCE = STATED.filter(([name]) => !/Procrustes|svdPartial|PerfectAlignment/.test(name))

test.each(AT_ONCE)('%s allocates nothing where the memory for it cannot be had', (_name, call, doubles) => {
  Engine.use('simd')
  const { memory } = Engine.shared()
  const grow = memory.grow.bind(memory)
  const before = memory.buffer.byteLength
  memory.grow = (pages) => {
    if (2 ** 16 * pages > 7 * doubles) throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory')
    return grow(pages)
  }
  expect(call).toThrow(OutOfMemoryError)
  expect(memory.buffer.byteLength - before).toBe(0)
  memory.grow = grow
  expect(call, 'and it goes on where it can').not.toThrow()
})

test('what cannot fit into 4 GiB is refused before anything is allocated', () => {
  const column = new Matrix(
    25_000,
    1,
    Float64Array.from({ length: 25_000 }, (_, i) => i + 1),
  )
  const row = column.transpose()
  const tall = new Matrix(23_200, 100)
  const calls: (() => unknown)[] = [
    () => svd(tall, { vectors: 'full' }),
    () => qr(tall, { mode: 'full' }),
    () => svd(column, { vectors: 'full' }),
    () => svd(row, { vectors: 'full' }),
    () => nullSpace(row),
    () => qr(column, { mode: 'full' }),
    () => lq(row, { mode: 'full' }),
    () => matmul(column, row),
    () => gram(row),
  ]
  Engine.use('simd')
  svd([
    [2, 1],
    [1, 2],
  ])
  const before = Engine.shared().memoryBytes
  for (const call of calls) {
    expect(call, String(call)).toThrow(OutOfMemoryError)
    expect(Engine.shared().memoryBytes - before, String(call)).toBeLessThan(4 * MEBIBYTE)
  }
  expect(
    svd([
      [2, 1],
      [1, 2],
    ]).S[0],
  ).toBeCloseTo(3, 12)
})
