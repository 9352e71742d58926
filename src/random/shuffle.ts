import type { RandomStream } from './random-stream.js'

/** 0 .. n - 1 in a random order, every order as likely. Fisher and Yates' method, as Durstenfeld wrote it (1964). */
export function shuffledIndices(n: number, { uniform }: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  for (let last = n - 1; last > 0; last--) {
    const i = Math.floor(uniform() * (last + 1))
    ;[order[i], order[last]] = [order[last], order[i]]
  }
  return order
}
