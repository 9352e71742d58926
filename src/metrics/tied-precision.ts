/**
 * A ranking as groups of items that nothing tells apart, whose order is random. Of the arrays the first `count` entries are used: most
 * groups are single items, and there is one a gallery row.
 */
export interface TieGroups {
  readonly count: number
  readonly sizes: ArrayLike<number>
  /** How many of each group are relevant. */
  readonly relevant: ArrayLike<number>
}

/** Expected precisions of a ranking with ties. */
export interface Precisions {
  /** The mean over the relevant items of the precision at the rank of each; 0 if there are none. */
  readonly average: number
  readonly atKs: number[]
}

/**
 * Expected average precision and precision at each of `ks`, over all orders within the groups (McSherry and Najork 2008).
 *
 * @param groups - the best first, up to the last with a relevant item at least
 * @param relevant - how many items are, in all groups
 */
export function expectedPrecisions(
  { count, sizes, relevant: relevants }: TieGroups,
  relevant: number,
  ks: readonly number[],
): Precisions {
  const hits = ks.map(() => relevant)
  let [before, found, sum] = [0, 0, 0]
  for (let g = 0; g < count; g++) {
    const [size, own] = [sizes[g], relevants[g]]
    sum += precisionsWithin(size, own, before, found)
    for (let l = 0; l < ks.length; l++) {
      const place = ks[l] - before
      if (place > 0 && place <= size) hits[l] = found + (own * place) / size
    }
    before += size
    found += own
  }
  return { average: relevant === 0 ? 0 : sum / relevant, atKs: hits.map((number, l) => number / ks[l]) }
}

/**
 * The expected sum, over the r relevant of n items in a group, of the precision at their ranks. Place i is relevant with probability r / n,
 * and then has (i - 1) (r - 1) / (n - 1) relevant ones of the group before it on average.
 */
function precisionsWithin(n: number, r: number, before: number, found: number): number {
  if (r === 0) return 0
  const share = n > 1 ? (r - 1) / (n - 1) : 0
  let sum = 0
  for (let i = 1; i <= n; i++) sum += (found + 1 + (i - 1) * share) / (before + i)
  return (sum * r) / n
}
