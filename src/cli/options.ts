import type { Scale } from '../align/model/column-scales.js'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { DECIMALS, DTYPES, VECTORS } from './data/reading.js'
import { InputError } from './errors.js'
import { INPUT_FORMATS } from './formats.js'
import { DUPLICATES } from './ids.js'
import { rowsOrFile } from './rows.js'

/** A parser of integers >= `minimum` for commander, which puts the option's name into the message. */
export function integer(minimum: number, maximum = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
      const range = maximum === Infinity ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`
      throw new InvalidArgumentError(`It must be an integer ${range}.`)
    }
    return value
  }
}

/** Reads `--delimiter`. */
function delimiter(text: string): string {
  const mark = text === 'tab' || text === '\\t' ? '\t' : text
  if (mark.length === 1 && !/[\d"\r\n+\-.]/.test(mark)) return mark
  throw new InvalidArgumentError('It must be one character that is in no number, or tab.')
}

/** Storage of the numbers in an output file. */
export type Precision = 'f64' | 'f32'

/** `--precision`. */
export function precisionOption(what: string, otherwise?: string): Option {
  const hint = otherwise === undefined ? '' : ` (default: ${otherwise})`
  return new Option('--precision <type>', `store ${what} as float64 or float32${hint}`).choices(['f64', 'f32'])
}

/** What says which rows are read. */
export function rowsOption(purpose: string, name = 'rows'): Option {
  return new Option(
    `--${name} <slices>`,
    `${purpose}: Python slices, e.g. 0:1500, -500:, 0::5 or 0:100,200:300, or @file with their numbers (default: all rows)`,
  ).argParser(rowsOrFile)
}

/** `--out`, which every command that writes files alone needs. */
export function outOption(what: string, isOptional = false): Option {
  const option = new Option('-o, --out <file>', `where to write ${what}; a file of that name is replaced`)
  return isOptional ? option : mandatory(option)
}

/** `--force`. */
export function forceOption(): Option {
  return new Option('--force', 'replace a file that is write-protected')
}

/** Values of an option that may come several times, in their order. */
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** Values of an option that may come several times, each one of some. */
function oneOf<T extends string>(choices: readonly T[]): (value: string, before?: readonly T[]) => readonly T[] {
  return (value, before = []) => {
    const found = choices.find((choice) => choice === value)
    if (found !== undefined) return [...before, found]
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`)
  }
}

/** Adds what says which rows and columns of input files are read, and how. */
export function addInputOptions(command: Command, purpose: string): void {
  command.addOption(rowsOption(purpose))
  addColumnOptions(command)
  command.addOption(
    new Option('--on-duplicate <rule>', 'rows of a file with one id').choices(DUPLICATES).default('error'),
  )
}

/** Adds what says how many of many rows are compared. */
export function addSampleOption(command: Command): void {
  command.addOption(
    new Option(
      '--sample <count>',
      'compare so many rows at most, drawn at random (default: as many as 2^25 numbers hold, up to 65536)',
    ).argParser(integer(2)),
  )
}

/** Adds what says which columns of input files are read, and how. */
export function addColumnOptions(command: Command): void {
  command
    .option(
      '--id <column>',
      'a column of ids, by name or number from 0 on: no feature; several files are joined on it',
      collect,
    )
    .option('--columns <list>', 'features: names, numbers or slices, e.g. 0:256 (default: all columns)', collect)
    .option(
      '--skip <list>',
      'columns that are no features, likewise; as --id and --columns once, or once a file',
      collect,
    )
    .option('--field <name>', 'what holds a vector in JSON (default: embedding), or in a column of a CSV file', collect)
    .addOption(
      new Option(
        '--dtype <type>',
        `what bytes are, ${DTYPES.join(', ')}: numbers, or eight packed bits each, which become +1 and -1`,
      ).argParser(oneOf(DTYPES)),
    )
    .addOption(
      new Option('--input-format <name>', 'what input files are, whatever they are called and begin with').argParser(
        oneOf(INPUT_FORMATS),
      ),
    )
    .option('--header', 'the first line of a CSV file holds names (default: if it holds no number)')
    .option('--no-header', 'it holds numbers')
    .addOption(
      new Option(
        '--delimiter <char>',
        'what is between cells of CSV, read and written: a character, or tab (default: tab or ; where the first line has it, else ,)',
      ).argParser(delimiter),
    )
    .addOption(new Option('--decimal <char>', 'what is before decimals in CSV, read and written').choices(DECIMALS))
    .addOption(new Option('--vector <as>', 'a file of one axis is one row, or a column of numbers').choices(VECTORS))
}

/** The number of a modality, which has to be given. */
export function modalityOption(flags: string, description: string): Option {
  return mandatory(new Option(flags, description).argParser(integer(0)))
}

const MANDATORY = new WeakSet<Option>()

/** An option that has to be there. Commander's own check of that comes before the one for misspelt options, which say more. */
export function mandatory(option: Option): Option {
  MANDATORY.add(option)
  return option
}

/** @throws InputError if an option is missing that has to be there */
export function checkMandatory(command: Command): void {
  for (const option of command.options) {
    if (MANDATORY.has(option) && command.getOptionValue(option.attributeName()) === undefined) {
      throw new InputError(`required option '${option.flags}' not specified`)
    }
  }
}

/** Reads a value of `--scale`. */
export function scaleNamed(text: string): Scale {
  const scale = new Map<string, Scale>([['auto', 'auto'], ['true', true], ['false', false]]).get(text) // prettier-ignore
  if (scale === undefined) throw new InvalidArgumentError('Allowed choices are auto, true, false.')
  return scale
}
