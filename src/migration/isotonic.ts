/** A function that does not decrease: points of it, by rising scores, with lines in between. */
export interface Isotonic {
  readonly scores: Float64Array
  readonly values: Float64Array
}

/** Points that are kept: the curve is drawn no finer than it is known. */
const MOST_POINTS = 256

/**
 * The nearest sequence in least squares that does not decrease with the score: neighbours that do are pooled (Ayer et al. 1955). Pairs of the same
 * score are one.
 *
 * @param scores - not empty
 * @param values - one a score
 */
export function isotonic(scores: ArrayLike<number>, values: ArrayLike<number>): Isotonic {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b])
  const blocks: { score: number; value: number; count: number; last: number }[] = []
  for (const i of order) {
    let block = { score: scores[i], value: values[i], count: 1, last: scores[i] }
    for (
      let before = blocks.at(-1);
      before !== undefined && (before.value >= block.value || before.last === block.last);
      before = blocks.at(-1)
    ) {
      const count = before.count + block.count
      const pooled = (a: number, b: number) => a + ((b - a) * block.count) / count
      block = {
        score: pooled(before.score, block.score),
        value: pooled(before.value, block.value),
        count,
        last: block.last,
      }
      blocks.pop()
    }
    blocks.push(block)
  }
  const kept = thinned(blocks)
  return {
    scores: Float64Array.from(kept, ({ score }) => score),
    values: Float64Array.from(kept, ({ value }) => value),
  }
}

/** As many as are kept, spread evenly, both ends among them. */
function thinned<T>(points: readonly T[]): T[] {
  if (points.length <= MOST_POINTS) return [...points]
  return Array.from(
    { length: MOST_POINTS },
    (_, i) => points[Math.round((i * (points.length - 1)) / (MOST_POINTS - 1))],
  )
}

/** The value at a score: on the line between two points, that of the first below all. Above all, on a line to 1 at a score of 1, which equal vectors have. */
export function valueAt({ scores, values }: Isotonic, score: number): number {
  const last = scores.length - 1
  if (score <= scores[0]) return values[0]
  if (score >= scores[last]) return between(scores[last], values[last], 1, Math.max(1, values[last]), score)
  let [low, high] = [0, last]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (scores[middle] <= score) low = middle
    else high = middle
  }
  return between(scores[low], values[low], scores[high], values[high], score)
}

function between(x0: number, y0: number, x1: number, y1: number, x: number): number {
  const share = x1 > x0 ? Math.min(1, Math.max(0, (x - x0) / (x1 - x0))) : 1
  return y0 + (y1 - y0) * share
}
