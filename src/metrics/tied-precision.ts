/** Items that nothing tells apart: their order is random. */
export interface TieGroup {
  readonly size: number
  /** How many of them are relevant. */
  readonly relevant: number
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
export function expectedPrecisions(groups: readonly TieGroup[], relevant: number, ks: readonly number[]): Precisions {
  const hits = ks.map(() => relevant)
  let [before, found, sum] = [0, 0, 0]
  for (const group of groups) {
    sum += precisionsWithin(group, before, found)
    ks.forEach((k, l) => {
      if (k > before && k <= before + group.size) hits[l] = found + (group.relevant * (k - before)) / group.size
    })
    before += group.size
    found += group.relevant
  }
  return { average: relevant === 0 ? 0 : sum / relevant, atKs: hits.map((count, l) => count / ks[l]) }
}

/**
 * The expected sum, over the relevant items of a group, of the precision at their ranks. Place i is relevant with probability r / n, and
 * then has (i - 1) (r - 1) / (n - 1) relevant ones of the group before it on average.
 */
function precisionsWithin({ size: n, relevant: r }: TieGroup, before: number, found: number): number {
  if (r === 0) return 0
  const share = n > 1 ? (r - 1) / (n - 1) : 0
  let sum = 0
  for (let i = 1; i <= n; i++) sum += (found + 1 + (i - 1) * share) / (before + i)
  return (sum * r) / n
}
