import { readFileSync } from 'node:fs'

/** The stored ranges of a quick run: a path into the numbers, and from where to where its value may lie. */
export const RANGES = JSON.parse(readFileSync(new URL('ranges.json', import.meta.url), 'utf8'))

/**
 * Compares numbers with ranges. Ranges of experiments that did not run (`skipped`) are left out.
 *
 * @param {Record<string, object>} numbers by experiment
 * @param {Record<string, [number, number]>} ranges keyed 'experiment/name/name', inclusive
 * @param {string[]} skipped experiments without data
 * @returns {{ compared: number, failures: string[] }}
 */
export function compare(numbers, ranges, skipped = []) {
  const failures = []
  let compared = 0
  for (const [path, [low, high]] of Object.entries(ranges)) {
    const [experiment] = path.split('/')
    if (skipped.includes(experiment)) continue
    compared++
    const value = path.split('/').reduce((inside, key) => inside?.[key], numbers)
    if (typeof value !== 'number') failures.push(`${path} is missing`)
    else if (!(value >= low && value <= high)) failures.push(`${path} is ${value}, expected from ${low} to ${high}`)
  }
  return { compared, failures }
}
