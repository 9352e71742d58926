import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { nullSpace } from '../../src/linalg/subspaces.js'
import { Matrix } from '../../src/matrix.js'
import { beside, centred, frobenius, maxDifference, minus, scaledBy, sharedLatents, subspaceDistance, times } from './support.js' // prettier-ignore

const X = Matrix.from([[1, 2, 0], [3, 1, 4], [0, 5, 2], [2, 2, 7], [6, 1, 1], [4, 3, 3], [5, 0, 2]]) // prettier-ignore
const Y = Matrix.from([[2, 1], [4, 4], [1, 0], [3, 9], [7, 1], [5, 2], [4, 5]]) // prettier-ignore
const Z = Matrix.from([[1, 1], [2, 0], [0, 3], [4, 2], [1, 5], [3, 3], [2, 6]]) // prettier-ignore

function standardised(A: Matrix): Matrix {
  const C = centred(A)
  const deviations = C.transpose().toArray().map((column) => Math.hypot(...column) / Math.sqrt(A.rows - 1)) // prettier-ignore
  return Matrix.from(C.toArray().map((row) => row.map((x, j) => x / deviations[j])))
}

/** Null space of A by reduced row echelon form with partial pivoting: one column for each free variable. */
function nullSpaceByRref(A: Matrix): Matrix {
  const rows = A.toArray()
  const pivots: number[] = []
  for (let j = 0; j < A.cols && pivots.length < rows.length; j++) {
    const r = pivots.length
    const best = rows.slice(r).reduce((b, row, i) => (Math.abs(row[j]) > Math.abs(rows[b][j]) ? i + r : b), r)
    if (Math.abs(rows[best][j]) < 1e-10 * frobenius(A)) continue
    ;[rows[r], rows[best]] = [rows[best], rows[r]]
    rows[r] = rows[r].map((x) => x / rows[r][j])
    rows.forEach((row, i) => {
      if (i !== r) rows[i] = row.map((x, l) => x - row[j] * rows[r][l])
    })
    pivots.push(j)
  }
  const free = Array.from({ length: A.cols }, (_, j) => j).filter((j) => !pivots.includes(j))
  const N = new Matrix(A.cols, free.length)
  free.forEach((j, column) => {
    N.set(j, column, 1)
    pivots.forEach((pivot, i) => N.set(pivot, column, -rows[i][j]))
  })
  return N
}

describe('the null space by RREF, by SVD and by perfect alignment (Kamboj and Do, section 6.2)', () => {
  it.each([
    ['tall', 40, [5, 6]],
    ['fewer rows than columns', 6, [8, 7]],
  ] as const)('is one: %s', (_, n, widths) => {
    const [X1, X2] = sharedLatents(n, widths, 4, 0, 1100)
    const stack = beside(X1, scaledBy(X2, -1))
    const byRref = nullSpaceByRref(stack)
    const bySvd = nullSpace(stack)
    expect(byRref.cols).toBe(bySvd.cols)
    expect(subspaceDistance(byRref.transpose(), bySvd.transpose())).toBeLessThan(1e-10)
    const { maps } = new PerfectAlignment({ nComponents: bySvd.cols, selection: 'last' }).fit([X1, X2])
    expect(subspaceDistance(beside(...maps), byRref.transpose())).toBeLessThan(1e-10)
  })
})

it('with A1 = I the alignment loss is that of linear regression, and least squares its minimum (Remark 2.6)', () => {
  const [W, T] = sharedLatents(60, [5, 3], 2, 0.5, 1110).map(centred)
  const model = new LeastSquares().fit([W, T])
  expect(model.maps[1]).toEqual(Matrix.identity(3))
  const loss = (B: Matrix) => frobenius(minus(times(W, B), T)) ** 2
  const B = model.maps[0].transpose()
  const [Z1, Z2] = [model.transform(W, 0), model.transform(T, 1)]
  expect(Math.abs(frobenius(minus(Z1, Z2)) ** 2 - loss(B))).toBeLessThan(1e-12 * loss(B))
  // Normal equations: there is no better one.
  expect(frobenius(times(W.transpose(), minus(times(W, B), T)))).toBeLessThan(1e-11 * frobenius(W) * frobenius(T))
})

// Figures by SciPy 1.17.1 and scikit-learn 1.9.1 themselves, or by the formula beside them in NumPy.
describe('definitions of others', () => {
  const two = Matrix.from(X.toArray().map((row) => row.slice(0, 2)))

  it('scipy.linalg.orthogonal_procrustes of the centred data: R, and scale / norm^2', () => {
    const R = [0.9825702456970679, -0.18589166810485078, -0.18589166810485075, -0.9825702456970679]
    const model = new OrthogonalProcrustes({ scaling: true }).fit([two, Y])
    const s = 37.656340767525464 / frobenius(centred(two)) ** 2
    expect(model.scale).toBeCloseTo(s, 13)
    expect(maxDifference(model.maps[0].transpose().data, R.map((r) => r * s))).toBeLessThan(1e-13) // prettier-ignore
  })

  it('scipy.spatial.procrustes: the disparity is what is left of norms of 1', () => {
    const unit = [Y, two].map((A) => scaledBy(centred(A), 1 / frobenius(centred(A))))
    const model = new OrthogonalProcrustes({ scaling: true }).fit(unit)
    const left = frobenius(minus(model.transform(unit[0], 0), model.transform(unit[1], 1))) ** 2
    expect(left).toBeCloseTo(0.6083491161616161, 13)
  })

  it('sklearn.cross_decomposition.PLSSVD: the weights are the directions of the closed form, standardised', () => {
    const weights = [
      [0.7285929441437425, -0.6014128377226701, 0.32780317320965413],
      [0.8575433530852378, 0.5144117004689215],
    ]
    const model = new LinearContrastive({ nComponents: 2 }).fit([standardised(X), standardised(Y)])
    expect(maxDifference(model.singularValues, [1.1724531872285655, 0.854691267982513])).toBeLessThan(1e-13)
    weights.forEach((weight, m) => {
      const row = Array.from(model.maps[m].row(0))
      const sign = Math.sign(row[0] * weight[0])
      expect(maxDifference(row.map((a) => (sign * a) / Math.hypot(...row)), weight)).toBeLessThan(1e-13) // prettier-ignore
    })
  })

  /** The rows of a map of one modality, and the directions of others, up to length and sign. */
  function expectDirections(map: Matrix, directions: readonly (readonly number[])[], tolerance: number) {
    directions.forEach((direction, i) => {
      const row = Array.from(map.row(i))
      const scale = Math.sign(row[0] * direction[0]) * (Math.hypot(...direction) / Math.hypot(...row))
      expect(maxDifference(row.map((a) => scale * a), direction)).toBeLessThan(tolerance) // prettier-ignore
    })
  }

  // CCA(2, max_iter=100000, tol=1e-15): np.corrcoef of the scores, and the rotations in units of the data. It iterates,
  // and what is 1e-13 of a correlation is 3e-7 of a direction.
  it('sklearn.cross_decomposition.CCA: correlations and directions', () => {
    const model = new CanonicalCorrelation({ nComponents: 2 }).fit([X, Y])
    expect(maxDifference(model.canonicalCorrelations, [0.9839455194146018, 0.9214758565803381])).toBeLessThan(1e-12)
    const rotations = [
      [
        [0.5643754692375176, -0.468017049788171, 0.6800296837863098],
        [0.7575041025849142, 0.5467420170550393, -0.3567361789244415],
      ],
      [
        [0.8009029318909076, 0.5987941997786451],
        [0.8821812746047878, -0.47090996882278047],
      ],
    ]
    rotations.forEach((directions, m) => {
      expectDirections(model.maps[m], directions, 1e-6)
    })
  })

  // sqrt(eigvals(Sx(c)^-1 Sxy Sy(c)^-1 Syx)), S(c) = (1 - c) S + c I, on standardised columns, where t = 1.
  it("cca-zoo's rCCA", () => {
    const model = new CanonicalCorrelation({ nComponents: 2, regularization: 0.3 }).fit([standardised(X), standardised(Y)]) // prettier-ignore
    expect(maxDifference(model.canonicalCorrelations, [1.0171858397356528, 0.8665213313572059])).toBeLessThan(1e-13)
  })

  // eigvalsh(sum of the projectors X_m pinv(X_m)) = 1 + (M - 1) rho: MAXVAR.
  it("cca-zoo's GCCA", () => {
    const { canonicalCorrelations } = new CanonicalCorrelation({ nComponents: 2 }).fit([X, Y, Z])
    const eigenvalues = canonicalCorrelations.map((rho) => 1 + 2 * rho)
    expect(maxDifference(eigenvalues, [2.805191699165493, 2.3939375572593202])).toBeLessThan(1e-12)
  })

  // scipy.linalg.eigh(C - D, D), C the covariance of all columns and D its diagonal blocks: (M - 1) rho, and the stacked vectors.
  it("cca-zoo's MCCA", () => {
    const model = new CanonicalCorrelation({ nComponents: 2 }).fit([X, Y, Z])
    const eigenvalues = model.canonicalCorrelations.map((rho) => 2 * rho)
    expect(maxDifference(eigenvalues, [1.8051916991654964, 1.3939375572593202])).toBeLessThan(1e-12)
    const vectors = [
      [-0.1567433966925784, 0.20544452550132888, -0.40223296942589637, -0.2172912718595184, -0.3203415727586115, -0.7821803983865377, -0.098956036489554],
      [0.6369517685095623, 0.34518956756668806, -0.16693492772653848, 0.4942833633396377, -0.13082250059261585, -0.06245779177887677, 0.4265416641443795],
    ]
    const blocks = [[0, 3], [3, 5], [5, 7]]
    blocks.forEach(([from, to], m) => {
      expectDirections(model.maps[m], vectors.map((vector) => vector.slice(from, to)), 1e-12)
    })
  }) // prettier-ignore
})
