import { listOf } from '../matrix-input.js'
import { type MatrixLike } from '../matrix.js'
import { integerIn } from '../validation.js'
import { latents } from './latent-input.js'
import { mean } from '../dense/norms.js'
import { probabilityWithin } from './tied-rank.js'

/**
 * Top-k accuracy of a classifier: the share of rows whose true label is among the k highest scores (scikit-learn's
 * `top_k_accuracy_score`, but for ties). In cross-modal transfer the scores are those of a decoder, or the votes of the
 * nearest neighbours, trained on the latents of one modality and applied to another's.
 *
 * Ties count by their expected value under random tie breaking: a constant score per row is worth exactly chance,
 * k / classes, whatever the labels.
 *
 * @param scores - n x c, one column a class, higher is more likely
 * @param labels - n class indices from 0 to c - 1
 * @param k - an integer >= 1; from c on the result is 1
 * @returns a number from 0 to 1, higher is better. O(n c)
 * @throws TypeError if the scores are no matrix, or the labels no list of integers
 * @throws RangeError if the lengths differ, n or c is 0, a label is no class, a score is not finite, or k < 1
 */
export function topKAccuracy(scores: MatrixLike, labels: ArrayLike<number>, k: number): number {
  const S = latents(scores, 'scores')
  const classes = labelList(labels, S.rows, S.cols)
  integerIn(k, 1, Number.MAX_SAFE_INTEGER, 'k')
  const hits = new Float64Array(S.rows)
  for (let i = 0; i < hits.length; i++) hits[i] = hitProbability(S.row(i), classes[i], k)
  return mean(hits)
}

function hitProbability(row: ArrayLike<number>, label: number, k: number): number {
  let better = 0
  let tied = -1 // the label ties with itself
  for (let c = 0; c < row.length; c++) {
    if (row[c] > row[label]) better++
    else if (row[c] === row[label]) tied++
  }
  return probabilityWithin(k, better, tied)
}

function labelList(labels: unknown, n: number, classes: number): Float64Array {
  const list = listOf(labels, 'labels', 'an array of class indices', 'scores', n)
  return Float64Array.from(list, (label, i) => integerIn(label, 0, classes - 1, `labels[${i}]`))
}
