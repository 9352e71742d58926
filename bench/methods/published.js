import { Matrix, matmul, svd } from 'collimate'

/**
 * Methods of others that align two frozen spaces, for the tables only: fitted and asked for latents as estimators of the package are, so that
 * `crossValidate` tunes them alike. They need the rows, and judge themselves by a function.
 */
class Published {
  get isLinearAlignment() {
    return true
  }

  get needsSamples() {
    return true
  }
}

const mapRows = (X, change) => {
  const out = new Matrix(X.rows, X.cols)
  for (let i = 0; i < X.rows; i++) out.row(i).set(change(X.row(i)))
  return out
}
const length = (row) => Math.hypot(...row) || 1
const unitRows = (X) => mapRows(X, (row) => row.map((x) => x / length(row)))

/**
 * ASIF (Norelli, Fumero, Maiorca, Moschella, Rodola and Locatello, NeurIPS 2023): a row is its cosines with the training rows of its own modality, the
 * largest of them to a power and all others 0; those of partners are compared. Nothing is learnt.
 */
export class RelativeRepresentation extends Published {
  /** @param {{ share: number, power: number }} options share of the training rows that are kept */
  constructor({ share, power }) {
    super()
    Object.assign(this, { share, power })
  }

  fit(modalities) {
    this.anchors = modalities.map(unitRows)
    return this
  }

  transform(X, m) {
    const kept = Math.max(1, Math.round(this.share * this.anchors[m].rows))
    const cosines = matmul(unitRows(X), this.anchors[m], { transposeB: true })
    return mapRows(cosines, (row) => {
      const least = Math.max(0, row.slice().sort().at(-kept))
      return row.map((x) => (x >= least ? Math.max(0, x) ** this.power : 0))
    })
  }
}

/** What takes rows to unit length, zero mean and unit length again, by the means of these. */
function normaliser(X) {
  const unit = unitRows(X)
  const mean = new Float64Array(X.cols)
  for (let i = 0; i < X.rows; i++) unit.row(i).forEach((x, j) => (mean[j] += x / X.rows))
  return (Y) => unitRows(mapRows(unitRows(Y), (row) => row.map((x, j) => x - mean[j])))
}

/** (X^T X)^power, of directions that there are: power -1/2 whitens, 1/2 takes it back. */
function covariancePower(X, power) {
  const { S, V, rank } = svd(X)
  const scaled = new Matrix(V.rows, V.cols)
  for (let i = 0; i < V.rows; i++) for (let j = 0; j < rank; j++) scaled.set(i, j, V.get(i, j) * S[j] ** (2 * power))
  return matmul(scaled, V, { transposeB: true })
}

const columnsOf = (X, k, weight = () => 1) => {
  const out = new Matrix(X.rows, k)
  for (let i = 0; i < X.rows; i++) for (let j = 0; j < k; j++) out.set(i, j, X.get(i, j) * weight(j))
  return out
}

/**
 * VecMap with a dictionary (Artetxe, Labaka and Agirre, AAAI and ACL 2018), as its authors recommend: rows normalised, whitened, rotated onto each other,
 * weighted by the roots of the singular values, whitening taken back, and cut to k dimensions.
 */
export class VecMap extends Published {
  /** @param {{ nComponents: number }} options */
  constructor({ nComponents }) {
    super()
    this.nComponents = nComponents
  }

  fit(modalities) {
    this.normalisers = modalities.map(normaliser)
    const rows = modalities.map((X, m) => this.normalisers[m](X))
    const whitening = rows.map((X) => covariancePower(X, -0.5))
    const [P, Q] = rows.map((X, m) => matmul(X, whitening[m]))
    const { U, S, V } = svd(matmul(P, Q, { transposeA: true }))
    const k = Math.min(this.nComponents, S.length)
    this.maps = [U, V].map((rotation, m) => {
      const weighted = columnsOf(rotation, S.length, (j) => Math.sqrt(S[j]))
      const back = matmul(matmul(rotation, covariancePower(rows[m], 0.5), { transposeA: true }), rotation)
      return columnsOf(matmul(matmul(whitening[m], weighted), back), k)
    })
    return this
  }

  transform(X, m) {
    return matmul(this.normalisers[m](X), this.maps[m])
  }
}

/**
 * CSA (Li, Chinchali and Topcu, ICLR 2025) of a CanonicalCorrelation: latents at unit length, whose products are weighted by the canonical correlations.
 * Rows whose inner products are that.
 */
export function weightedByCorrelation({ canonicalCorrelations }, Z) {
  const roots = canonicalCorrelations.map((rho) => Math.sqrt(Math.max(0, rho)))
  return mapRows(Z, (row) => row.map((z, j) => (z * roots[j]) / length(row)))
}
