/*
 * The rank of one item among others, when `better` of them precede it and `tied` of them equal it, under random tie
 * breaking: uniform on better + 1 .. better + tied + 1. The expectations below make a constant score worth exactly what
 * guessing is worth: k of n within the first k, H_n / n in reciprocal rank.
 */

/** P(rank <= k). */
export function probabilityWithin(k: number, better: number, tied: number): number {
  return Math.min(Math.max((k - better) / (tied + 1), 0), 1)
}

/** E[1 / rank]. */
export function expectedReciprocalRank(better: number, tied: number): number {
  let sum = 0
  // From the last rank, so that the small terms come first.
  for (let rank = better + tied + 1; rank > better; rank--) sum += 1 / rank
  return sum / (tied + 1)
}
