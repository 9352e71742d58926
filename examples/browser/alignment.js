import {
  cmae,
  evaluateRetrieval,
  matmul,
  Matrix,
  orthogonalProcrustes,
  PerfectAlignment,
  svd,
} from '../../dist/index.js'

/**
 * Fits on the training rows and measures on the others.
 *
 * @returns the latents of the held-out rows, view by view, and what they are worth
 */
export async function align({ train, test }, { selection, components, signal, onProgress }) {
  const start = performance.now()
  const model = new PerfectAlignment({ nComponents: components, selection, center: true })
  await model.fitAsync(train, { signal, onProgress })
  const milliseconds = performance.now() - start
  const latents = (views) => views.map((view, m) => model.transform(view, m))
  const [pictures, outlines] = latents(test)
  const [there, back] = [
    evaluateRetrieval(outlines, pictures, { ks: [1, 10] }),
    evaluateRetrieval(pictures, outlines, { ks: [1, 10] }),
  ]
  const both = (k) => (there.recallAtK[k] + back.recallAtK[k]) / 2
  return {
    selected: model.selected,
    milliseconds,
    latents: [pictures, outlines],
    measures: {
      training: cmae(...latents(train)),
      heldOut: cmae(pictures, outlines),
      recall1: both(0),
      recall10: both(1),
    },
  }
}

const unitRows = ({ rows, cols, data }) => {
  const lengths = Float64Array.from({ length: rows }, (_, i) => Math.hypot(...data.subarray(i * cols, (i + 1) * cols)))
  return new Matrix(
    rows,
    cols,
    data.map((x, at) => x / (lengths[Math.floor(at / cols)] || 1)),
  )
}

/** For every outline the held-out pictures by cosine, the nearest first. */
export function rankings([pictures, outlines]) {
  const cosines = matmul(unitRows(outlines), unitRows(pictures), { transposeB: true })
  return Array.from({ length: cosines.rows }, (_, i) => {
    const row = cosines.row(i)
    return Uint32Array.from(row, (_, j) => j).sort((a, b) => row[b] - row[a])
  })
}

/**
 * The latents of both views in the plane where they vary most, scaled to a root mean square of 1, pictures first.
 *
 * @param {Matrix} [before] - turned so that as little as possible changes
 */
export function plane([pictures, outlines], before) {
  const { rows, cols } = pictures
  const all = new Matrix(2 * rows, cols)
  all.data.set(pictures.data)
  all.data.set(outlines.data, pictures.data.length)
  const columns = all.transpose()
  const means = Float64Array.from({ length: cols }, (_, j) => columns.row(j).reduce((sum, v) => sum + v, 0) / all.rows)
  const centred = new Matrix(
    all.rows,
    cols,
    all.data.map((v, at) => v - means[at % cols]),
  )
  const { U, S } = svd(centred)
  const size = Math.hypot(S[0], S[1]) / Math.sqrt(all.rows) || 1
  const points = new Matrix(all.rows, 2)
  for (let i = 0; i < all.rows; i++) for (const j of [0, 1]) points.set(i, j, (U.get(i, j) * S[j]) / size)
  return before === undefined ? points : matmul(points, orthogonalProcrustes(points, before).R)
}
