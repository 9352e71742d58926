import { expect, test } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import * as comparison from '../../src/comparison/index.js'
import { OutOfMemoryError } from '../../src/errors.js'
import * as linalg from '../../src/linalg/index.js'
import { Matrix, type Precision } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import { gaussian } from '../support/random.js'
import { statedMemory, valueOf } from '../support/stated-memory.js'

const MEBIBYTE = 2 ** 20
// Memory grows by pages of 64 KiB.
const PAGE = 2 ** 16

const n = 480
const A = gaussian(n, n, 1)
const dominant = gaussian(n, n, 1)
for (let i = 0; i < n; i++) dominant.set(i, i, dominant.get(i, i) + n)
const symmetric = new Matrix(n, n)
for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) symmetric.set(i, j, i === j ? n : 1 / (i + j + 1))
const B = gaussian(n, 100, 2)
// Tall, and its transpose.
const [p, q] = [1500, 200]
const tall = gaussian(p, q, 3)
const wide = tall.transpose()
const paired = [gaussian(n, n / 2, 4), gaussian(n, n / 2, 5)]
const factor = new JointFactor([n / 2, n / 2]).update(paired)

const { lu, det, slogdet, cholesky, solve, inv, solveTriangular, gram, matmul, qr, lq, svd, svdvals, svdPartial } =
  linalg
const { eigh, eigvalsh, lstsq, pinv, cond, rcond, polar, orthogonalProcrustes, nullSpace, orth, matrixRank, norm } =
  linalg
const { canonicalCorrelations, svcca, linearCka, collapseRatio, procrustesDisparity } = comparison

const rank = (m: number, k: number) => ({ m, n: k, p: Math.max(m, k), q: Math.min(m, k) })
const [squareSides, tallSides, wideSides] = [{ ...rank(n, n), k: 100, s: n }, rank(p, q), rank(q, p)]
const [few, many] = [20, 1500]
const pairSides = (d1: number, d2: number) => ({ d: d1 + d2, d1, d2, w: Math.max(d1, d2) })
const uneven = [gaussian(400, 300, 6), gaussian(400, 60, 7)]
const unevenSides = pairSides(300, 60)
const selections = ['auto', 'balanced', 'informative', 'last'] as const

const STATED = statedMemory(['src/linalg', 'src/align', 'src/comparison'])

/** Calls, the `@memory` of the docstring that holds for each, and the variables in it. */
const CALLS: [stated: string, call: () => unknown, variables: Record<string, number>, on?: string][] = [
  ['lu', () => lu(dominant), squareSides],
  ['lu', () => lu(tall), tallSides, 'tall'],
  ['det', () => det(dominant), squareSides],
  ['slogdet', () => slogdet(dominant), squareSides],
  ['cholesky', () => cholesky(symmetric), squareSides],
  ['solve', () => solve(dominant, B), squareSides],
  ['inv', () => inv(dominant), squareSides],
  ['solveTriangular', () => solveTriangular(dominant, B), squareSides],
  ['gram', () => gram(A), squareSides],
  ['gram', () => gram(wide), wideSides, 'wide'],
  ['matmul', () => matmul(A, A), { m: n, k: n, n }],
  ['matmul', () => matmul(tall, tall, { transposeB: true }), { m: p, k: q, n: p }, 'tall'],
  ['qr', () => qr(A), squareSides],
  ['qr', () => qr(A, { pivoting: true }), squareSides, 'pivoting'],
  ['qr', () => qr(tall), tallSides, 'tall'],
  ['qr', () => qr(wide), wideSides, 'wide'],
  ["qr, 'r'", () => qr(A, { mode: 'r' }), squareSides],
  ["qr, 'r' without pivoting, m >= 2 n", () => qr(tall, { mode: 'r' }), tallSides],
  ['qr, full', () => qr(tall, { mode: 'full' }), tallSides],
  ['lq', () => lq(wide), wideSides],
  ['lq, full', () => lq(wide, { mode: 'full' }), wideSides],
  ["lq, 'l'", () => lq(A, { mode: 'l' }), squareSides],
  ['svd', () => svd(A), squareSides],
  ['svd', () => svd(tall), tallSides, 'tall'],
  ['svd', () => svd(wide), wideSides, 'wide'],
  ['svd, full', () => svd(tall, { vectors: 'full' }), tallSides],
  ['svd, none', () => svd(tall, { vectors: 'none' }), tallSides],
  ['svdvals', () => svdvals(A), squareSides],
  ['svdPartial, long, p >= 2 q', () => svdPartial(tall, few), { ...tallSides, k: few }],
  ['svdPartial', () => svdPartial(A, few), squareSides],
  ['eigh', () => eigh(symmetric), squareSides],
  ['eigh, without vectors', () => eigh(symmetric, { vectors: false }), squareSides],
  ['eigvalsh', () => eigvalsh(symmetric), squareSides],
  ['lstsq', () => lstsq(A, B), squareSides],
  ['lstsq', () => lstsq(tall, gaussian(p, many, 8)), { ...tallSides, k: many }, 'many right-hand sides'],
  ['lstsq', () => lstsq(wide, gaussian(q, many, 8)), { ...wideSides, k: many }, 'wide, many right-hand sides'],
  ['pinv', () => pinv(A), squareSides],
  ['pinv', () => pinv(wide), wideSides, 'wide'],
  ['cond', () => cond(A), squareSides],
  ['cond, for other kinds than 2', () => cond(dominant, 1), squareSides],
  ['rcond', () => rcond(dominant), squareSides],
  ['polar', () => polar(A), squareSides],
  ['polar', () => polar(wide), wideSides],
  ['orthogonalProcrustes', () => orthogonalProcrustes(A, A), squareSides],
  ['orthogonalProcrustes', () => orthogonalProcrustes(tall, tall), tallSides, 'tall'],
  ['nullSpace', () => nullSpace(wide), wideSides],
  ['nullSpace, m >= n', () => nullSpace(A), squareSides],
  ['orth', () => orth(A), squareSides],
  ['matrixRank', () => matrixRank(A), squareSides],
  ["norm, 2, 'nuc'", () => norm(A, 2), squareSides],
  ["norm, 2, 'nuc'", () => norm(A, 'nuc'), squareSides, "'nuc'"],
  ['JointFactor', () => new JointFactor([n / 2, n / 2]).update(paired), { d: n }],
  ['JointFactor', () => factor.clone().merge(factor), { d: n }, 'merge'],
  ...selections.map((selection): (typeof CALLS)[number] => [
    selection === 'balanced' ? "PerfectAlignment, 'balanced', k < d / 2" : 'PerfectAlignment',
    () => new PerfectAlignment({ nComponents: few, selection }).fit(paired),
    { d: n, k: few },
    selection,
  ]),
  ['PerfectAlignment', () => new PerfectAlignment({ nComponents: n }).fit(paired), { d: n, k: n }, 'k = d'],
  ['canonicalCorrelations', () => canonicalCorrelations(paired[0], paired[1]), pairSides(n / 2, n / 2)],
  ['canonicalCorrelations', () => canonicalCorrelations(uneven[0], uneven[1]), unevenSides, 'narrower second'],
  ['canonicalCorrelations', () => canonicalCorrelations(uneven[1], uneven[0]), unevenSides, 'narrower first'],
  ['svcca', () => svcca(paired[0], paired[1]), pairSides(n / 2, n / 2)],
  ['svcca', () => svcca(uneven[1], uneven[0]), unevenSides, 'narrower first'],
  ['linearCka', () => linearCka(paired[0], paired[1]), pairSides(n / 2, n / 2)],
  ['linearCka', () => linearCka(uneven[1], uneven[0]), unevenSides, 'narrower first'],
  ['collapseRatio', () => collapseRatio(paired[0], paired[1]), { d: n / 2, k: n / 2 }],
  ['collapseRatio', () => collapseRatio(uneven[1], uneven[0]), { d: 60, k: 300 }, 'more latents than columns'],
  ['procrustesDisparity', () => procrustesDisparity(paired[0], paired[1]), { d: n / 2 }],
]

/** What a docstring states, in bytes, columns being padded by up to 15 doubles each. */
function statedBytes(stated: string, variables: Record<string, number>): { bound: number; squares: number } {
  const { formula, mebibytes } = STATED.get(stated) ?? { formula: `no such @memory: ${stated}`, mebibytes: 0 }
  const narrowest = Math.min(...Object.values(variables).filter((side) => side > few))
  // A million times larger nothing but products of two sides counts.
  const large = Object.fromEntries(Object.entries(variables).map(([name, side]) => [name, 1e6 * side]))
  return {
    bound: 8 * valueOf(formula, variables) * (1 + 15 / narrowest) + mebibytes * MEBIBYTE + PAGE,
    squares: (8 * valueOf(formula, large)) / 1e12,
  }
}

test('what the docstrings state is what is measured, all of it', () => {
  expect([...new Set(CALLS.map(([stated]) => stated))].sort()).toEqual([...STATED.keys()].sort())
})

test.each(CALLS.map(([stated, call, variables, on = '']) => [stated, on, call, variables] as const))(
  '%s takes the WebAssembly memory that its docstring states %s',
  (stated, _on, call, variables) => {
    Engine.use('simd')
    const before = Engine.shared().memoryBytes
    call()
    const { bound, squares } = statedBytes(stated, variables)
    expect(Engine.shared().memoryBytes - before).toBeLessThanOrEqual(bound)
    expect(Engine.shared().memoryBytes, 'the bound is not idle').toBeGreaterThan(0.75 * squares)
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
const IN_STEPS =
  /Procrustes|svdPartial|PerfectAlignment|polar|lstsq|canonicalC|svcca|linearCka|collapseRatio|procrustes/
const AT_ONCE = CALLS.filter(([stated, , , on]) => !IN_STEPS.test(stated) && on === undefined)

test.each(AT_ONCE)('%s allocates nothing where the memory for it cannot be had', (stated, call, variables) => {
  Engine.use('simd')
  const { squares } = statedBytes(stated, variables)
  const { memory } = Engine.shared()
  const grow = memory.grow.bind(memory)
  const before = memory.buffer.byteLength
  memory.grow = (pages) => {
    if (2 ** 16 * pages > 0.8 * squares)
      throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory')
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
