// This generator by its own path: the package's main file draws from Math.random and asks for Node's crypto when it is
// imported. Brent's xorgens (2004) has period 2^4128 and passes BigCrush, so streams of different seeds do not meet.
import xor4096 from 'seedrandom/lib/xor4096.js'
import { seedText, type Seed } from './seed.js'

/** A sequence of random numbers. */
export interface RandomStream {
  /** Uniform on (0, 1), a multiple of 2^-53. */
  readonly uniform: () => number
  /** Standard normal. */
  readonly normal: () => number
}

/**
 * The random numbers of one quantity. Each quantity has a stream of its own, named after it, so that drawing more of one
 * leaves the others as they were.
 *
 * @throws TypeError if the seed is neither string nor number, RangeError if it is not finite
 */
export function randomStream(seed: Seed, quantity: string): RandomStream {
  const generator = xor4096(`${seedText(seed)}:${quantity}`)
  const uniform = (): number => generator.double()
  return { uniform, normal: polarMethod(uniform) }
}

/** Marsaglia's polar method (SIAM Review 6, 1964): a uniform point of the unit disc gives two independent normals. */
function polarMethod(uniform: () => number): () => number {
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const second = spare
      spare = undefined
      return second
    }
    for (;;) {
      const u = 2 * uniform() - 1
      const v = 2 * uniform() - 1
      const s = u * u + v * v
      if (s === 0 || s >= 1) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      spare = v * factor
      return u * factor
    }
  }
}
