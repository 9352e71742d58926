import { afterEach, describe, expect, test } from 'vitest'
import {
  cholesky,
  choleskyAsync,
  CanonicalCorrelation,
  CollimateError,
  cond,
  condAsync,
  ConvergenceError,
  eigh,
  eigvalsh,
  det,
  detAsync,
  evaluate,
  FileFormatError,
  gram,
  gramAsync,
  inv,
  invAsync,
  lq,
  LeastSquares,
  LinearContrastive,
  lstsq,
  lu,
  luAsync,
  Matrix,
  matmul,
  matrixRank,
  meanReciprocalRank,
  nearest,
  norm,
  NotFittedError,
  NotPositiveDefiniteError,
  nullSpace,
  orth,
  OrthogonalProcrustes,
  orthogonalProcrustes,
  orthogonalProcrustesAsync,
  OutOfMemoryError,
  PerfectAlignment,
  pinv,
  precisionAtK,
  polar,
  qr,
  recallAtK,
  SingularMatrixError,
  slogdet,
  slogdetAsync,
  solve,
  solveAsync,
  solveTriangular,
  svd,
  svdPartial,
  svdvals,
  transpose,
  UnsupportedRuntimeError,
  type MatrixLike,
} from '../src/index.js'
import { svdSteps } from '../src/linalg/svd.js'
import { Engine } from '../src/runtime/engine.js'
import { run } from '../src/steps.js'
import { NO_MATRIX, NOT_FINITE, withHoles, type Kind } from './support/bad-matrices.js'

/** A call that must fail, and what its message must say. */
type Refusal = [what: string, call: () => unknown, ...says: string[]]

/** Whatever a caller without types may pass. */
const anything = (value: unknown) => value as never

function thrown(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}

/** The class exactly, and every part of what the message must say. */
function expectError(work: () => unknown, kind: Kind, ...says: string[]): void {
  const error = thrown(work)
  expect(error.constructor, `${error.name}: ${error.message}`).toBe(kind)
  for (const part of says) expect(error.message).toContain(part)
}

/** Where the arena stands: work that failed must have given everything back. */
const mark = () => Engine.shared().scope(() => Engine.shared().allocate(1))
const markAtStart = mark()

afterEach(() => {
  expect(mark(), 'memory is given back after an error').toBe(markAtStart)
  const { U, S, V, rank } = svd([
    [0, 2],
    [-1, 0],
  ])
  expect([Array.from(S), rank]).toEqual([[2, 1], 2])
  expect(Math.abs(U.get(0, 0))).toBe(1)
  expect(Math.abs(V.get(1, 0))).toBe(1)
  expect(matmul([[1, 2]], [[3], [4]]).data[0]).toBe(11)
})

/** So that only what is wrong with its entries is left; anything where it is no matrix. */
function shapeOf(x: MatrixLike): [number, number] {
  try {
    const { rows, cols } = Matrix.from(x)
    return [rows, cols]
  } catch {
    return [1, 1]
  }
}

/** Every public function that takes a matrix, with the name that its messages give to the argument. */
const TAKES_MATRIX: Record<string, [call: (A: MatrixLike) => unknown, name: string]> = {
  svd: [(A) => svd(A), 'A'],
  'svd, full': [(A) => svd(A, { vectors: 'full' }), 'A'],
  svdvals: [svdvals, 'A'],
  svdPartial: [(A) => svdPartial(A, 0), 'A'],
  qr: [(A) => qr(A), 'A'],
  'qr with pivoting': [(A) => qr(A, { pivoting: true }), 'A'],
  'matmul, left': [(A) => matmul(A, Matrix.identity(shapeOf(A)[1])), 'A'],
  'matmul, right': [(B) => matmul(Matrix.identity(shapeOf(B)[0]), B), 'B'],
  eigh: [(A) => eigh(A), 'A'],
  eigvalsh: [eigvalsh, 'A'],
  nullSpace: [(A) => nullSpace(A), 'A'],
  orth: [(A) => orth(A), 'A'],
  matrixRank: [(A) => matrixRank(A), 'A'],
  norm: [(A) => norm(A), 'A'],
  'norm 2': [(A) => norm(A, 2), 'A'],
  lu: [lu, 'A'],
  lq: [(A) => lq(A), 'A'],
  cholesky: [cholesky, 'A'],
  solve: [(A) => solve(A, [[1]]), 'A'],
  solveTriangular: [(A) => solveTriangular(A, [[1]]), 'A'],
  inv: [inv, 'A'],
  det: [det, 'A'],
  slogdet: [slogdet, 'A'],
  cond: [(A) => cond(A), 'A'],
  lstsq: [(A) => lstsq(A, [[1]]), 'A'],
  pinv: [(A) => pinv(A), 'A'],
  polar: [(A) => polar(A), 'A'],
  gram: [gram, 'A'],
  'orthogonalProcrustes, left': [(A) => orthogonalProcrustes(A, [[1]]), 'A'],
  'orthogonalProcrustes, right': [(B) => orthogonalProcrustes([[1]], B), 'B'],
  transpose: [transpose, 'A'],
}

const TAKES_VECTORS = ['norm', 'norm 2', 'matmul, right']

describe.each(Object.entries(TAKES_MATRIX))('%s', (what, [call, name]) => {
  const vectors = TAKES_VECTORS.includes(what)
  test.each(NO_MATRIX.filter(([value]) => !(vectors && /vector$|^one dimension$/.test(value))))(
    'refuses %s',
    (_value, value, kind, ...says) => {
      expectError(() => call(anything(value)), kind, name, ...says)
    },
  )

  test.each(NOT_FINITE)('refuses %s', (_value, value, ...says) => {
    expectError(() => call(value), RangeError, `${name}: entry`, ...says)
  })
})

describe('options', () => {
  const A = [
    [1, 2],
    [3, 4],
  ]

  test.each([
    ['svd vectors', () => svd(A, { vectors: anything('some') }), "'thin', 'full', 'none'", "got 'some'"],
    ['qr mode', () => qr(A, { mode: anything('economic') }), "'thin', 'full', 'r'", "got 'economic'"],
    ['norm kind', () => norm(A, anything('nuclear')), "'fro', '1', '2', 'inf', 'nuc'", "got 'nuclear'"],
    ['norm kind 3', () => norm(A, anything(3)), "'fro', '1', '2', 'inf', 'nuc'", '3'],
    ['cond kind', () => cond(A, anything('nuc')), "'1', '2', 'fro', 'inf'", "got 'nuc'"],
    ['lq mode', () => lq(A, { mode: anything('r') }), "'thin', 'full', 'l'", "got 'r'"],
    ['polar side', () => polar(A, { side: anything('up') }), "'right', 'left'", "got 'up'"],
    ['negative tolerance, lstsq', () => lstsq(A, A, { tolerance: -1 }), 'tolerance must be >= 0', 'got -1'],
    ['NaN tolerance, pinv', () => pinv(A, { tolerance: NaN }), 'tolerance must be >= 0', 'got NaN'],
    ['NaN in a right-hand side', () => solve(A, [1, NaN]), 'B: entry (1, 0) is NaN'],
    ['no symmetry', () => cholesky(A), 'symmetric', 'entry (1, 0) is 3', 'entry (0, 1) is 2'],
    ['negative tolerance, matrixRank', () => matrixRank(A, { tolerance: -1 }), 'tolerance must be >= 0', 'got -1'],
    ['negative tolerance, nullSpace', () => nullSpace(A, { tolerance: -1 }), 'tolerance must be >= 0', 'got -1'],
    ['negative tolerance, orth', () => orth(A, { tolerance: -1 }), 'tolerance must be >= 0', 'got -1'],
    ['negative tolerance, svd', () => svd(A, { tolerance: -1 }), 'tolerance must be >= 0', 'got -1'],
    ['NaN tolerance, matrixRank', () => matrixRank(A, { tolerance: NaN }), 'tolerance must be >= 0', 'got NaN'],
    ['NaN tolerance, svd', () => svd(A, { tolerance: NaN }), 'tolerance must be >= 0', 'got NaN'],
  ] as Refusal[])('a wrong value: %s', (_what, call, ...says) => {
    expectError(call, RangeError, ...says)
  })

  test.each([
    ['svd vectors', () => svd(A, { vectors: anything(1) }), 'vectors must be one of', 'got 1'],
    ['qr mode', () => qr(A, { mode: anything({}) }), 'mode must be one of'],
    ['norm kind', () => norm(A, anything(null)), 'kind must be one of', 'got null'],
    [
      'tolerance, matrixRank',
      () => matrixRank(A, { tolerance: anything('0') }),
      'tolerance must be a number',
      'string',
    ],
    ['tolerance, svd', () => svd(A, { tolerance: anything('0') }), 'tolerance must be a number', 'string'],
    ['qr pivoting', () => qr(A, { pivoting: anything('no') }), 'pivoting must be true or false', 'string'],
    ['transposeA', () => matmul(A, A, { transposeA: anything(1) }), 'transposeA must be true or false', 'got 1'],
    ['lower', () => solveTriangular(A, A, { lower: anything(1) }), 'lower must be true or false', 'got 1'],
    ['polar side', () => polar(A, { side: anything(1) }), 'side must be one of', 'got 1'],
    ['a right-hand side', () => solve(A, anything('b')), 'B must be a matrix', 'got a string'],
    ['null in a right-hand side', () => solve(A, anything([1, null])), 'B: entry 1 must be a number', 'got null'],
    ['transposeB', () => matmul(A, A, { transposeB: anything('no') }), 'transposeB must be true or false', 'string'],
  ] as Refusal[])('a wrong kind: %s', (_what, call, ...says) => {
    expectError(call, TypeError, ...says)
  })

  /** Every function of linear algebra with options: their names. */
  const WITH_OPTIONS: [name: string, call: (options: never) => unknown, options: string[]][] = [
    ['svd', (o) => svd(A, o), ['vectors', 'tolerance', 'maxSweeps', 'precision']],
    ['svdvals', (o) => svdvals(A, o), ['precision']],
    ['svdPartial', (o) => svdPartial(A, 1, o), ['which']],
    ['qr', (o) => qr(A, o), ['mode', 'pivoting', 'precision']],
    ['matmul', (o) => matmul(A, A, o), ['transposeA', 'transposeB', 'precision']],
    ['lq', (o) => lq(A, o), ['mode']],
    ['eigh', (o) => eigh([[1]], o), ['vectors']],
    ['polar', (o) => polar(A, o), ['side']],
    ['lstsq', (o) => lstsq(A, A, o), ['tolerance']],
    ['pinv', (o) => pinv(A, o), ['tolerance']],
    ['nullSpace', (o) => nullSpace(A, o), ['tolerance']],
    ['orth', (o) => orth(A, o), ['tolerance']],
    ['matrixRank', (o) => matrixRank(A, o), ['tolerance']],
    ['solveTriangular', (o) => solveTriangular(A, A, o), ['lower', 'transpose', 'unitDiagonal']],
  ]

  test.each(WITH_OPTIONS)('of %s: null is of a wrong kind, and a misspelt one is named', (_name, call, names) => {
    for (const none of [null, 'thin', 5, ['thin']]) {
      // prettier-ignore
      expectError(() => call(anything(none)), TypeError, 'options must be an object, got')
    }
    for (const name of names)
      expectError(() => call(anything({ [name]: null })), TypeError, `${name} must be`, 'got null')
    const misspelt = `${names[0]}s`
    expectError(() => call(anything({ [misspelt]: true })), TypeError, `no option '${misspelt}'`, names.join(', '))
    expect(() => call(anything({ [names[0]]: undefined }))).not.toThrow()
  })

  test.each([
    ['cholesky', (o: never) => choleskyAsync([[1]], o)],
    ['lu', (o: never) => luAsync(A, o)],
    ['solve', (o: never) => solveAsync(A, A, o)],
    ['inv', (o: never) => invAsync(A, o)],
    ['gram', (o: never) => gramAsync(A, o)],
    ['det', (o: never) => detAsync(A, o)],
    ['slogdet', (o: never) => slogdetAsync(A, o)],
    ['cond', (o: never) => condAsync(A, 2, o)],
    ['orthogonalProcrustes', (o: never) => orthogonalProcrustesAsync(A, A, o)],
  ])('of the asynchronous %s likewise', async (_name, call) => {
    await expect(call(anything(null))).rejects.toThrow('options must be an object, got null')
    await expect(call(anything({ onprogress: () => 0 }))).rejects.toThrow(/no option 'onprogress'.*onProgress/)
  })

  const fitted = new LeastSquares().fit([A, A])

  test.each([
    ['PerfectAlignment', (o) => new PerfectAlignment(o), 'selection'],
    ['CanonicalCorrelation', (o) => new CanonicalCorrelation(o), 'regularization'],
    ['OrthogonalProcrustes', (o) => new OrthogonalProcrustes(o), 'scaling'],
    ['LeastSquares', (o) => new LeastSquares(o), 'ridge'],
    ['LinearContrastive', (o) => new LinearContrastive(o), 'solver'],
    ['transform', (o) => fitted.transform(A, 0, o), 'precision'],
    ['toBytes', (o) => fitted.toBytes(o), 'state'],
    ['nearest', (o) => nearest(A, A, 1, o), 'metric'],
    ['recallAtK', (o) => recallAtK(A, A, 1, o), 'partners'],
    ['meanReciprocalRank', (o) => meanReciprocalRank(A, A, o), 'neighbours'],
    ['precisionAtK', (o) => precisionAtK(A, A, 1, [0, 1], o), 'galleryLabels'],
    ['evaluate', (o) => evaluate(fitted, [A, A], o), 'labels'],
  ] as [string, (options: never) => unknown, string][])(
    'of %s: a misspelt one is named, and what stands in place of all',
    (_name, call, name) => {
      expectError(() => call(anything({ [`${name}s`]: 1 })), TypeError, `no option '${name}s'`, name)
      for (const none of [null, 'euclidean'])
        expectError(() => call(anything(none)), TypeError, 'options must be an object')
    },
  )

  test('undefined means the default', () => {
    expect(svd(A, { vectors: undefined, tolerance: undefined })).toEqual(svd(A))
    expect(qr(A, { mode: undefined, pivoting: undefined })).toEqual(qr(A))
    expect(matmul(A, A, { transposeA: undefined })).toEqual(matmul(A, A))
    expect(matrixRank(A, { tolerance: undefined })).toBe(2)
  })
})

test('a matrix whose buffer was transferred is refused, not read as what lies in memory', () => {
  const A = new Matrix(2, 2, [1, 2, 3, 4])
  structuredClone(A.data, { transfer: [A.data.buffer as ArrayBuffer] })
  for (const call of [() => svd(A), () => matmul([[1, 1]], A), () => transpose(A), () => Matrix.from(A)]) {
    expectError(call, RangeError, 'of the 2 x 2 numbers 0 are left', 'transferred', 'copy')
  }
})

test('a result beyond float64 is an error', () => {
  expectError(() => gram([[1e200]]), RangeError, 'A^T A: entry (0, 0) is beyond the range of float64')
})

test('but for single numbers, which are infinite, and for products, as in NumPy', () => {
  const A = [[1e308, 1e308], [-1e308, 1e308]] // prettier-ignore
  const numbers = [det(A), cond([[1e-300, 0], [0, 1e300]]), ...[1, Infinity, 'nuc' as const].map((kind) => norm(A, kind))] // prettier-ignore
  expect(numbers).toEqual(numbers.map(() => Infinity))
  expect(svdvals([[1.5e308, 1.5e308]])).toEqual(Float64Array.of(Infinity))
  expect(matmul([[1e308, 1e308]], [10, 10])).toEqual(Float64Array.of(Infinity))
})

describe('shapes that do not fit', () => {
  test('matmul says both shapes as they are multiplied', () => {
    const [A, B] = [new Matrix(2, 3), new Matrix(4, 5)]
    expectError(() => matmul(A, B), RangeError, 'inner dimensions', '2 x 3 times 4 x 5')
    expectError(() => matmul(A, B, { transposeA: true }), RangeError, '3 x 2 times 4 x 5')
    expectError(() => matmul(A, B, { transposeB: true }), RangeError, '2 x 3 times 5 x 4')
  })
})

describe('matrices without what was asked for', () => {
  const error = (work: () => unknown) => thrown(work)

  test('a singular one carries its condition', () => {
    for (const call of [
      () =>
        solve(
          [
            [1, 1],
            [1, 1],
          ],
          [1, 1],
        ),
      () => inv([[0]]),
      () => solveTriangular([[0]], [1]),
    ]) {
      expectError(call, SingularMatrixError, 'singular', 'lstsq')
      expect(error(call)).toMatchObject({ rcond: 0, conditionEstimate: Infinity })
    }
  })

  test('one that is not positive definite carries the order of the minor', () => {
    const call = () => cholesky([[1, 2], [2, 1]]) // prettier-ignore
    expectError(call, NotPositiveDefiniteError, 'order 2')
    expect(error(call)).toMatchObject({ leadingMinor: 2 })
  })
})

describe('Matrix', () => {
  test.each([
    ['rows in place of their number', () => new Matrix(anything([[1, 2]]), 2), TypeError, 'Matrix.from(rows)'],
    ['rows of a wrong kind', () => new Matrix(anything('2'), 2), TypeError, 'rows must be a number', 'string'],
    ['columns left out', () => new Matrix(2, anything(undefined)), TypeError, 'cols must be a number', 'undefined'],
    ['negative rows', () => new Matrix(-1, 2), RangeError, 'rows must be an integer >= 0', 'got -1'],
    ['infinite columns', () => new Matrix(1, Infinity), RangeError, 'cols must be an integer >= 0', 'got Infinity'],
    ['data of a wrong length', () => new Matrix(2, 2, [1, 2, 3]), RangeError, '2 x 2', 'needs 4', 'got 3'],
    ['data of a wrong kind', () => new Matrix(1, 1, anything(5)), TypeError, 'data must be an array', 'got 5'],
    ['null in the data', () => new Matrix(1, 2, anything([1, null])), TypeError, 'entry 1', 'got null'],
    ['a hole in the data', () => new Matrix(1, 2, anything(withHoles(2, { 0: 1 }))), TypeError, 'entry 1', 'undefined'],
    ['more entries than there can be', () => new Matrix(2 ** 31, 2 ** 31), OutOfMemoryError, 'GiB'],
  ] as [string, () => unknown, Kind, ...string[]][])('%s', (_what, make, kind, ...says) => {
    expectError(make, kind, ...says)
  })

  test.each(NO_MATRIX)('from refuses %s', (_what, value, kind, ...says) => {
    expectError(() => Matrix.from(anything(value)), kind, ...says)
  })

  test('get, set and row say what lies outside which matrix', () => {
    const A = new Matrix(2, 3)
    for (const [i, j] of [
      [2, 0],
      [0, 3],
      [-1, 0],
      [0, -1],
      [0.5, 0],
      [NaN, 0],
    ]) {
      // prettier-ignore
      expectError(() => A.get(i, j), RangeError, `(${i}, ${j})`, '2 x 3')
      expectError(() => A.set(i, j, 1), RangeError, `(${i}, ${j})`, '2 x 3')
    }
    for (const i of [2, -1, 0.5, NaN]) expectError(() => A.row(i), RangeError, `row ${i}`, '0 .. 1')
    expect(Array.from(A.data)).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe('memory', () => {
  const long = (n: number) => new Matrix(n, 1, new Float64Array(n).fill(1))

  test.each([
    ['a product of 40000 x 40000', () => matmul(long(40_000), long(40_000).transpose())],
    ['a product of just over 4 GiB', () => matmul(long(23_171), long(23_171).transpose())],
    ['a full U of 30000 x 30000', () => svd(long(30_000), { vectors: 'full' })],
    ['a full V of 30000 x 30000', () => svd(long(30_000).transpose(), { vectors: 'full' })],
    ['a full Q of 30000 x 30000', () => qr(long(30_000), { mode: 'full' })],
    ['a null space of 30000 x 29999', () => nullSpace(long(30_000).transpose())],
  ])('%s is refused at once', (_what, call) => {
    const before = { wasm: Engine.shared().memoryBytes, js: process.memoryUsage().arrayBuffers }
    const started = performance.now()
    expectError(call, OutOfMemoryError, 'MiB more are needed', '4 GiB', 'fewer')
    expect(performance.now() - started, 'ms').toBeLessThan(1000)
    const mebibyte = 2 ** 20
    expect((Engine.shared().memoryBytes - before.wasm) / mebibyte, 'MiB of WebAssembly').toBeLessThan(64)
    expect((process.memoryUsage().arrayBuffers - before.js) / mebibyte, 'MiB of arrays').toBeLessThan(64)
  })

  test('growth that the runtime refuses is the same error', () => {
    const engine = Engine.create()
    const grow = () => {
      throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory')
    }
    Object.defineProperty(engine, 'memory', { value: { buffer: engine.memory.buffer, grow } })
    const error = thrown(() => engine.allocate(2 ** 26))
    expect(error).toBeInstanceOf(OutOfMemoryError)
    expect(error.message).toContain('64 MiB more are needed')
    expect(String(error.cause)).toContain('Unable to grow')
  })
})

describe('convergence', () => {
  test('a Jacobi iteration that does not end well is an error that says how far it came', () => {
    const engine = Engine.create()
    const failing = {
      ...engine.kernels,
      xgejsvStep: () => -1,
      xgejsvLimit: () => undefined,
      xgejsvSweeps: () => 40,
      xgejsvCosineLeft: () => 0.5,
    }
    Object.defineProperty(engine, 'kernels', { value: failing })
    const work = () => run(svdSteps(engine, new Matrix(3, 2), { U: 'thin', V: 'thin' }))
    expectError(work, ConvergenceError, '3 x 2', '40 Jacobi sweeps', '0.5')
  })
})

describe('classes', () => {
  const errors: [name: string, error: unknown][] = [
    ['NotFittedError', new NotFittedError('m')],
    ['SingularMatrixError', new SingularMatrixError('m', 1e-17)],
    ['NotPositiveDefiniteError', new NotPositiveDefiniteError('m', 3)],
    ['ConvergenceError', new ConvergenceError('m')],
    ['OutOfMemoryError', new OutOfMemoryError('m')],
    ['UnsupportedRuntimeError', new UnsupportedRuntimeError('m')],
    ['FileFormatError', new FileFormatError('m', 8)],
    ['CollimateError', new CollimateError('m')],
  ]

  test.each(errors)('%s is an Error of the package, with its name', (name, error) => {
    expect(error).toBeInstanceOf(CollimateError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toHaveProperty('name', name)
    expect(String(error)).toMatch(new RegExp(`^${name}: m`))
  })
})
