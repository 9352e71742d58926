/** The nearest sequence that does not increase, in least squares: neighbours that do are pooled (Ayer et al. 1955). */
export function decreasing(values: ArrayLike<number>): Float64Array {
  const blocks: { mean: number; count: number }[] = []
  for (let i = 0; i < values.length; i++) {
    let block = { mean: values[i], count: 1 }
    for (let last = blocks.at(-1); last !== undefined && last.mean < block.mean; last = blocks.at(-1)) {
      const count = last.count + block.count
      block = { mean: (last.mean * last.count + block.mean * block.count) / count, count }
      blocks.pop()
    }
    blocks.push(block)
  }
  return Float64Array.from(blocks.flatMap(({ mean, count }) => Array.from({ length: count }, () => mean)))
}
