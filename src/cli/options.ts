import { InvalidArgumentError, Option } from 'commander'
import { parseRows } from './rows.js'

/** A parser of integers >= `minimum` for commander, which puts the option's name into the message. */
export function integer(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`It must be an integer of at least ${minimum}.`)
    }
    return value
  }
}

/** A parser of relative tolerances, 0 <= x < 1, for commander. */
export function relativeTolerance(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value < 1)) {
    throw new InvalidArgumentError('It must be a number from 0 to below 1.')
  }
  return value
}

/** Storage of the numbers in an output file. */
export type Precision = 'f64' | 'f32'

/** `--precision`. */
export function precisionOption(what: string): Option {
  return new Option('--precision <type>', `store ${what} as float64 or float32`).choices(['f64', 'f32']).default('f64')
}

/** `--rows`. */
export function rowsOption(purpose: string): Option {
  return new Option(
    '--rows <slices>',
    `${purpose}: Python slices, e.g. 0:1500, -500:, 0::5 or 0:100,200:300 (default: all rows)`,
  ).argParser(parseRows)
}

/** `--out`, which every command that writes needs. */
export function outOption(what: string): Option {
  return new Option('-o, --out <file>', `where to write ${what}; a file of that name is replaced`).makeOptionMandatory()
}
