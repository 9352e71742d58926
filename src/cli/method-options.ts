import { InvalidArgumentError, Option, type Command } from 'commander'
import { CanonicalCorrelation } from '../align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../align/contrastive/linear-contrastive.js'
import { LeastSquares } from '../align/least-squares/least-squares.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { PerfectAlignment } from '../align/perfect/perfect-alignment.js'
import { SELECTIONS } from '../align/perfect/selection.js'
import { InputError } from './errors.js'
import { METHODS, type Method } from './methods.js'
import { integer, scaleNamed } from './options.js'

/** An option of some methods: its name in their constructors, and on the command line. */
interface MethodOption {
  readonly name: string
  readonly flag: string
  readonly argument?: string
  readonly description: string
  /** One value; none for a switch. */
  readonly read?: (text: string) => unknown
}

// What they do unless told otherwise.
const perfect = new PerfectAlignment({ nComponents: 1 })
const canonical = new CanonicalCorrelation({ nComponents: 1 })
const regression = new LeastSquares()
const contrastive = new LinearContrastive({ nComponents: 1 })
const unnormalized = new LinearContrastive({ nComponents: 1, normalize: false })

// As wide as terminals that nobody has made wider.
const HELP_COLUMNS = 80

const OPTIONS: readonly MethodOption[] = [
  {
    name: 'nComponents',
    flag: '-k, --components',
    argument: 'k',
    description: 'dimensions of the latent space',
    read: integer(1),
  },
  {
    name: 'selection',
    flag: '-s, --selection',
    argument: 'name',
    description: `which directions to take: auto, balanced, informative or last (default: "${perfect.selection}")`,
    read: choice(SELECTIONS),
  },
  {
    name: 'regularization',
    flag: '--regularization',
    argument: 'share',
    description:
      `shrinkage of each covariance, 0 to 1, or oas: from the data (default: ${canonical.regularization}); of infonce the ` +
      `penalty on its maps (default: ${contrastive.regularization} for cosines, ${unnormalized.regularization} for inner products)`,
    read: (text) => (text === 'oas' ? text : number(text)),
  },
  {
    name: 'criterion',
    flag: '--criterion',
    argument: 'name',
    description: `maxvar or sumcor, for three files and more (default: "${canonical.criterion}")`,
    read: choice(['maxvar', 'sumcor']),
  },
  {
    name: 'ridge',
    flag: '--ridge',
    argument: 'alpha',
    description: `penalty on the squared coefficients, or gcv: from the data (default: ${regression.ridge})`,
    read: (text) => (text === 'gcv' ? text : number(text)),
  },
  {
    name: 'target',
    flag: '--target',
    argument: 'index',
    description: `the file that is regressed on the other, 0 or 1 (default: ${regression.target})`,
    read: integer(0),
  },
  { name: 'scaling', flag: '--scaling', description: 'scale the first file as well as rotating it' },
  {
    name: 'scale',
    flag: '--scale',
    argument: 'when',
    description:
      'bring columns to like units first: auto, where they differ much; true or false (default: auto, but false for the selections last and informative)',
    read: scaleNamed,
  },
  {
    name: 'tolerance',
    flag: '--tolerance',
    argument: 'x',
    description: 'relative size below which a singular value counts as zero (default: by shape and precision)',
    read: number,
  },
  {
    name: 'solver',
    flag: '--solver',
    argument: 'name',
    description: `svd, gradient (perfect-alignment) or infonce (linear-contrastive) (default: "${perfect.solver}")`,
    read: choice(['svd', 'gradient', 'infonce']),
  },
  {
    name: 'maxIterations',
    flag: '--max-iterations',
    argument: 'count',
    description: `steps that gradient may take (default: ${perfect.maxIterations})`,
    read: integer(1),
  },
  {
    name: 'gradientTolerance',
    flag: '--gradient-tolerance',
    argument: 'x',
    description: `relative size of the gradient at which it stops (default: ${perfect.gradientTolerance.toExponential()})`,
    read: number,
  },
  {
    name: 'temperature',
    flag: '--temperature',
    argument: 'tau',
    description: `of infonce (default: ${contrastive.temperature} for cosines, ${unnormalized.temperature} for inner products)`,
    read: number,
  },
  { name: 'normalize', flag: '--normalize', description: 'infonce compares cosines (the default)' },
  { name: 'normalize', flag: '--no-normalize', description: 'infonce compares inner products' },
  {
    name: 'epochs',
    flag: '--epochs',
    argument: 'count',
    description: `passes of infonce over the rows (default: ${contrastive.epochs})`,
    read: integer(1),
  },
  {
    name: 'batchSize',
    flag: '--batch-size',
    argument: 'rows',
    description: `most rows that infonce compares at a time, 2 or more (default: ${contrastive.batchSize})`,
    read: integer(1),
  },
  {
    name: 'learningRate',
    flag: '--learning-rate',
    argument: 'x',
    description: `largest relative change in a step of infonce (default: ${contrastive.learningRate})`,
    read: number,
  },
  {
    name: 'seed',
    flag: '--seed',
    argument: 'seed',
    description: `of what starts at random (default: ${perfect.seed})`,
    read: String,
  },
  {
    name: 'center',
    flag: '--center',
    description: 'subtract the column means (default: but for the selections last and informative)',
  },
  { name: 'center', flag: '--no-center', description: 'do not subtract them' },
]

/** Adds `--method` and the options of all methods; with `lists` several values may be given, with commas in between. */
export function addMethodOptions(command: Command, { lists }: { readonly lists: boolean }): void {
  const names = METHODS.map(({ name }) => name)
  command.addOption(new Option('--method <name>', 'how to fit, see below').choices(names).default(names[0]))
  // What is divided into folds starts at random too: that command has a seed of its own for both.
  for (const { name, flag, argument, description, read } of OPTIONS) {
    if (lists && name === 'seed') continue
    const flags = argument === undefined ? flag : `${flag} <${lists ? `${argument},...` : argument}>`
    const option = new Option(flags, description)
    if (read !== undefined) option.argParser(lists ? (text: string) => text.split(',').map((part) => read(part)) : read)
    command.addOption(option)
  }
}

/** The methods and what each takes, for a help text. */
export function methodsHelp(): string {
  const lines = METHODS.flatMap(({ name, summary, takes }) => [
    `  ${name}: ${summary}`,
    ...filled(takes.map(longFlag), '      '),
  ])
  return ['Methods, and the options that each takes:', ...lines].join('\n')
}

/** Words in lines of up to HELP_COLUMNS. */
function filled(words: readonly string[], indent: string): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > HELP_COLUMNS) lines.push(indent + word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/**
 * The options of a method among those that were given.
 *
 * @param given - as commander parsed them
 * @returns by the names of the method's constructor
 * @throws InputError for an option of other methods, or if one is missing that the method needs
 */
export function givenOptions(method: Method, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const { name } of OPTIONS) {
    const value = given[attribute(name)]
    if (value === undefined) continue
    if (!method.takes.includes(name)) {
      const others = METHODS.filter(({ takes }) => takes.includes(name)).map((other) => other.name)
      throw new InputError(`${method.name} takes no ${longFlag(name)}, which is an option of ${others.join(', ')}`)
    }
    options[name] = value
  }
  for (const name of method.needs) {
    if (options[name] === undefined) {
      throw new InputError(`required option '${flagsOf(name)}' not specified: ${method.name} needs it`)
    }
  }
  return options
}

/** A model yet to be fitted. @throws InputError if an option has a value that the method refuses */
export function newModel(method: Method, options: Readonly<Record<string, unknown>>): LinearAlignment {
  try {
    return new method.estimator(options as never)
  } catch (error) {
    throw inFlags(error)
  }
}

/** An error that says what is wrong with an option, by the command line's name for it. */
export function inFlags(error: unknown): unknown {
  if (!(error instanceof RangeError || error instanceof TypeError)) return error
  const message = messageInFlags(error.message)
  return message === error.message ? error : new InputError(message, { cause: error })
}

/** '--components is 8' for 'nComponents is 8', in front of which an estimator may have been given its options. */
export function messageInFlags(message: string): string {
  const bare = message.replace(/^options \{.*?\}: /, '')
  // Further on a word may be just a word; nComponents is none.
  return bare.replace(/^\w+(?= )|\b[a-z]+[A-Z]\w*/g, (word) => (optionOf(word) === undefined ? word : longFlag(word)))
}

/** Options by the names of the command line, without dashes: { components } for { nComponents }. */
export function commandNames(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [attribute(name), value]))
}

/** The other way round. */
export function constructorNames(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = OPTIONS.filter(({ name }) => attribute(name) in options)
  return Object.fromEntries(named.map(({ name }) => [name, options[attribute(name)]]))
}

const optionOf = (name: string): MethodOption | undefined => OPTIONS.find((option) => option.name === name)
function flagsOf(name: string): string {
  const option = optionOf(name)
  return option?.argument === undefined ? longFlag(name) : `${option.flag} <${option.argument}>`
}

/** '--components' for 'nComponents'. */
function longFlag(name: string): string {
  return optionOf(name)?.flag.replace(/^-\w, /, '') ?? name
}

/** Where commander puts it. */
const attribute = (name: string): string => new Option(longFlag(name)).attributeName()

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.')
  return value
}

function choice(names: readonly string[]): (text: string) => string {
  return (text) => {
    if (!names.includes(text)) throw new InvalidArgumentError(`Allowed choices are ${names.join(', ')}.`)
    return text
  }
}
