import fc from 'fast-check'

// Zero or at least 1e-100: below, the naive oracles underflow where the code under test does not.
const entry = fc.double({ min: -100, max: 100, noNaN: true }).map((x) => (Math.abs(x) < 1e-100 ? 0 : x))

// The same cases in every run.
fc.configureGlobal({ seed: 2025 })

/** n x k latents as rows of numbers. */
export const latentsOf = (n: number, k: number) =>
  fc.array(fc.array(entry, { minLength: k, maxLength: k }), { minLength: n, maxLength: n })

/** Two latents of one shape, n and k from 1 to 6. */
export const pairOfLatents = () =>
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([n, k]) => fc.tuple(latentsOf(n, k), latentsOf(n, k)))
