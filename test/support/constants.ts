import { readFileSync } from 'node:fs'

/** The tile and panel constants, read from the kernels' source so that the sizes tested follow them when they are tuned. */
const source = readFileSync(new URL('../../assembly/constants.ts', import.meta.url), 'utf8')

function constant(name: string): number {
  const value = new RegExp(`^export const ${name}: \\w+ = ([\\d.e+-]+)$`, 'm').exec(source)?.[1]
  if (value === undefined) throw new Error(`assembly/constants.ts no longer declares ${name}: adapt the sizes tested`)
  return Number(value)
}

/** f64 lanes in a vector of 128 bits. */
export const LANES = 2
export const MR = LANES * constant('MR_VECTORS')
export const NR = constant('NR')
export const KC = constant('KC')
export const MC = constant('MC')
export const NC = constant('NC')
export const PANEL = constant('PANEL')
export const STREAM_PANEL = constant('STREAM_PANEL')
export const LU_PANEL = constant('LU_PANEL')
export const LU_LEAF = constant('LU_LEAF')
export const TRSM_BLOCK = constant('TRSM_BLOCK')
export const STEP_FLOPS = constant('STEP_FLOPS')
export const MAX_SWEEPS = constant('MAX_SWEEPS')

/** Each size with its neighbours: just below, at and just above. */
export function around(...sizes: number[]): number[] {
  return [...new Set(sizes.flatMap((size) => [size - 1, size, size + 1]))].sort((a, b) => a - b)
}

/** Vector lengths that reach every branch of a kernel, for each number of entries it may take per turn of a loop. */
export const VECTOR_LENGTHS = [
  ...new Set([LANES, 2 * LANES, 4 * LANES, 8 * LANES].flatMap((L) => [0, 1, L - 1, L, L + 1, 2 * L, 4 * L + 3])),
].sort((a, b) => a - b)
