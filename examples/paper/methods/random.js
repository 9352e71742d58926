import seedrandom from 'seedrandom'

/** Uniform numbers in [0, 1) that belong to the seed. */
export const uniformStream = (seed) => {
  const random = seedrandom(String(seed))
  return () => random()
}

/** Standard normal numbers that belong to the seed (Box and Muller). */
export function normalStream(seed) {
  const uniform = uniformStream(seed)
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** The numbers 0 to n - 1 in an order that belongs to the seed (Fisher and Yates). */
export function permutation(n, seed) {
  const uniform = uniformStream(seed)
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}
