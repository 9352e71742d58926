import { Matrix, svd } from 'collimate'

/** What the picture shows of one run: the held-out latents of both views in the plane where they vary most. */
export function panelOf({ selection, selected, labels, latents, measures }) {
  const { points, explained } = plane(latents)
  const n = labels.length
  return {
    title: selection === selected ? `'${selection}'` : `'${selection}', which chose '${selected}'`,
    caption: [
      `held-out recall@1 ${measures.recall1.toFixed(3)}`,
      `NCMAE ${measures.ncmae.toFixed(3)}`,
      `training CMAE ${measures.trainingCmae.toExponential(1)}`,
    ],
    explained,
    points: points.map(([x, y], i) => ({ x, y, modality: Math.floor(i / n), pair: i % n, digit: labels[i % n] })),
  }
}

/** The rows of both matrices in the first two principal directions they have together, and the variance along those. */
function plane([a, b]) {
  const z = new Matrix(a.rows + b.rows, a.cols)
  z.data.set(a.data)
  z.data.set(b.data, a.data.length)
  const columns = z.transpose()
  const means = Array.from({ length: z.cols }, (_, j) => columns.row(j).reduce((sum, v) => sum + v, 0) / z.rows)
  const { U, S } = svd({ rows: z.rows, cols: z.cols, data: z.data.map((v, i) => v - means[i % z.cols]) })
  const total = S.reduce((sum, s) => sum + s * s, 0)
  return {
    points: Array.from({ length: z.rows }, (_, i) => [U.get(i, 0) * S[0], U.get(i, 1) * S[1]]),
    explained: [S[0] ** 2 / total, S[1] ** 2 / total],
  }
}
