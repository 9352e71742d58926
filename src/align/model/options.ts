import { wrongKind } from '../../describe.js'
import { seedText, type Seed } from '../../random/seed.js'
import { flag, integerIn, knownOptions, numberThat, oneOf } from '../../validation.js'

/**
 * What an option may be, and what it is if it was left out. Both may depend on those that stand above it in their table.
 *
 * @throws TypeError if the value is of the wrong kind, RangeError if it is out of range
 */
export type Rule<T = unknown> = (value: unknown, name: string, above: Readonly<Record<string, unknown>>) => T

/** The options of an estimator: the constructor checks by it, the file keeps what it names, and the command line takes that. */
export type Rules = Readonly<Record<string, Rule>>

/** What an estimator makes of its options. */
export type Checked<Table extends Rules> = { readonly [Name in keyof Table]: ReturnType<Table[Name]> }

/**
 * Options with the defaults filled in.
 *
 * @throws TypeError for an option that is not in the table, and as the rules
 */
export function checkedOptions<Table extends Rules>(options: unknown, rules: Table): Checked<Table> {
  const given = knownOptions<Record<string, unknown>>(
    (options === undefined ? {} : options) as Record<string, unknown>,
    Object.keys(rules),
  )
  const checked: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries(rules)) checked[name] = rule(given[name], name, checked)
  return checked as Checked<Table>
}

/** An integer; one that has to be given if there is no default. */
export function count(fallback?: number, least = 1, most = Number.MAX_SAFE_INTEGER): Rule<number> {
  return (value, name) => integerIn(value === undefined ? fallback : value, least, most, name)
}

/** Dimensions of the latent space, or as many as share anything. */
export const components: Rule<number | 'all'> = (value, name, above) =>
  value === 'all' ? value : count()(value, name, above)

/** What a file says of them: their number, or that all were asked for. */
export const askedComponents = ({ nComponents }: { nComponents?: unknown }, k: number): number | 'all' =>
  nComponents === 'all' ? nComponents : k

/** A number in a range, ends included. */
export function numberFrom(min: number, max: number, fallback: number): Rule<number> {
  return (value, name) => numberIn(value === undefined ? fallback : value, min, max, name)
}

/** @throws TypeError unless `value` is a number, RangeError unless it lies in [min, max] */
export function numberIn(value: unknown, min: number, max: number, name: string): number {
  return numberThat((x) => x >= min && x <= max, `from ${min} to ${max}`, value, name)
}

/** A number relative to the size of the data, from 0 to below 1. */
export function relative<Default>(fallback: Default): Rule<number | Default> {
  return (value, name) => {
    if (value === undefined) return fallback
    if (typeof value !== 'number') throw wrongKind(name, 'a number', value)
    if (value >= 0 && value < 1) return value
    throw new RangeError(`${name} must be from 0 to below 1, got ${value}: it is relative to the size of the data`)
  }
}

/** One of some names. */
export function choice<Name extends string>(names: readonly Name[], fallback: Name): Rule<Name> {
  return (value, name) => oneOf(value === undefined ? fallback : value, names, name)
}

/** True or false. */
export function onOff(fallback: boolean): Rule<boolean> {
  return (value, name) => flag(value === undefined ? fallback : value, name)
}

/** What random numbers are made from. */
export const seed: Rule<Seed> = (value = 0) => {
  seedText(value)
  return value as Seed
}

/** What an option is for, and how a command line takes it. The default need not be told: it is what the rule says. */
export interface Help {
  readonly text: string
  /** What stands for its value; none for a switch. */
  readonly argument?: string
  /** Default: its name in kebab case. */
  readonly flag?: string
  /** What a switch does if it is turned off. */
  readonly off?: string
  /** Cases that have defaults of their own, by what else is given. */
  readonly cases?: Readonly<Record<string, object>>
}

/** One for every option, but for feature maps, of which a command line has recipes. A table of its own, that bundles of estimators go without. */
export type HelpFor<Options> = { readonly [Name in Exclude<keyof Options, 'features'>]-?: Help }

/** Of options that several estimators have. */
export const COMPONENTS: Help = {
  text: 'dimensions of the latent space; all, with balanced and canonical-correlation: as many as share anything',
  argument: 'k',
  flag: '-k, --components',
}
export const SCALE: Help = {
  text: 'bring columns to like units first: auto, where they differ much; true or false (default: auto, but false for the selections last and informative)',
  argument: 'when',
}
export const TOLERANCE: Help = {
  text: 'relative size below which a singular value counts as zero (default: by shape and precision)',
  argument: 'x',
}
export const CENTER: Help = {
  text: 'subtract the column means (default: but for the selections last and informative)',
  off: 'do not subtract them',
}
export const SEED: Help = { text: 'of what starts at random', argument: 'seed' }
