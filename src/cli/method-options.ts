import { Option, type Command } from 'commander'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import type { Help } from '../align/model/options.js'
import { InputError } from './errors.js'
import { featuresOption } from './features.js'
import { METHODS, type Method } from './methods.js'

// As wide as terminals that nobody has made wider.
const HELP_COLUMNS = 80

/** What a constructor cannot do without. */
const NEEDED = { nComponents: 1 }

/** The names of all options, those of the first method first. */
const NAMES = [...new Set(METHODS.flatMap(({ options }) => Object.keys(options)))]

/** An option as the first method has it that takes it. */
function helpOf(name: string): Help | undefined {
  return METHODS.find(({ options }) => Object.hasOwn(options, name))?.options[name]
}

const takes = ({ options }: Method, name: string): boolean => Object.hasOwn(options, name)

/** Adds `--method` and the options of all methods; with `lists` several values may be given, with commas in between. */
export function addMethodOptions(command: Command, { lists }: { readonly lists: boolean }): void {
  const methods = METHODS.map(({ name }) => name)
  command.addOption(new Option('--method <name>', 'how to fit, see below').choices(methods).default(methods[0]))
  for (const name of NAMES) {
    // What is divided into folds starts at random too: that command has a seed of its own for both.
    if (lists && name === 'seed') continue
    const { argument, off } = helpOf(name) as Help
    const flags = argument === undefined ? flagOf(name) : `${flagOf(name)} <${lists ? `${argument},...` : argument}>`
    const option = new Option(flags, description(name))
    if (lists && argument !== undefined) option.argParser((text: string) => text.split(','))
    command.addOption(option)
    if (off !== undefined) command.addOption(new Option(`--no-${longFlag(name).slice(2)}`, off))
  }
  command.addOption(featuresOption(lists))
}

/** What the methods that take an option say of it, with their defaults. */
function description(name: string): string {
  const texts = METHODS.filter((method) => takes(method, name)).map((method) => {
    const { text } = method.options[name]
    const value = text.includes('(default') ? '' : defaultOf(method, name)
    return value === '' ? text : `${text} (default: ${value})`
  })
  return [...new Set(texts)].join('; ')
}

/** What a constructor makes of an option that is left out; nothing for what is needed, a switch, or what follows from the data. */
function defaultOf({ estimator, options }: Method, name: string): string {
  const valueIf = (given: object): string => {
    const made = new estimator({ ...needed(options), ...given } as never)
    const value = (made as unknown as Record<string, unknown>)[name]
    if (typeof value === 'number') return value > 0 && value < 1e-3 ? value.toExponential() : String(value)
    return typeof value === 'string' ? `"${value}"` : ''
  }
  const { cases } = options[name]
  if (Object.hasOwn(NEEDED, name)) return ''
  if (cases === undefined) return valueIf({})
  return Object.entries(cases)
    .map(([words, given]) => `${valueIf(given)} ${words}`)
    .join(', ')
}

const needed = (options: Method['options']): object => (Object.hasOwn(options, 'nComponents') ? NEEDED : {})

/** The methods and what each takes, for a help text. */
export function methodsHelp(): string {
  const lines = METHODS.flatMap(({ name, summary, options }) => [
    `  ${name}: ${summary}`,
    ...filled(Object.keys(options).map(longFlag), '      '),
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
 * @throws InputError for an option of other methods or a value of the wrong kind, or if one is missing that the method needs
 */
export function givenOptions(method: Method, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const name of NAMES) {
    const value = given[attribute(name)]
    if (value === undefined) continue
    if (!takes(method, name)) {
      const others = METHODS.filter((other) => takes(other, name)).map((other) => other.name)
      throw new InputError(`${method.name} takes no ${longFlag(name)}, which is an option of ${others.join(', ')}`)
    }
    const read = (text: unknown) => (typeof text === 'string' ? valueOf(method, name, text) : text)
    options[name] = Array.isArray(value) ? value.map(read) : read(value)
  }
  for (const name of Object.keys(NEEDED)) {
    if (!takes(method, name) || options[name] !== undefined || refusal(method, {}) === undefined) continue
    const { argument } = method.options[name]
    throw new InputError(`required option '${flagOf(name)} <${argument}>' not specified: ${method.name} needs it`)
  }
  return options
}

/**
 * A text as the constructor wants it: as it is, as true or false, or as a number, whichever it takes. One that is of the right kind but out
 * of range is left to the constructor to refuse.
 *
 * @throws InputError if it is of no kind that the option has
 */
function valueOf(method: Method, name: string, text: string): unknown {
  const number = text.trim() === '' ? NaN : Number(text)
  const candidates = [text, ...(Number.isNaN(number) ? [] : [number]), ...(/^(true|false)$/.test(text) ? [text === 'true'] : [])] // prettier-ignore
  const refusals = candidates.map((value) => refusal(method, { ...needed(method.options), [name]: value }))
  const taken = refusals.indexOf(undefined)
  if (taken >= 0) return candidates[taken]
  const ofItsKind = refusals.findIndex((error) => !(error instanceof TypeError))
  if (ofItsKind >= 0) return candidates[ofItsKind]
  const reason = (refusals[0] as Error).message.replace(/, got .*$/, '')
  throw new InputError(`${messageInFlags(reason)}, got '${text}'`)
}

/** What a constructor says against options, if anything. */
function refusal({ estimator }: Method, options: object): unknown {
  try {
    new estimator(options as never)
    return undefined
  } catch (error) {
    return error
  }
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
  if (!(error instanceof RangeError || error instanceof TypeError || error instanceof InputError)) return error
  const message = messageInFlags(error.message)
  return message === error.message ? error : new InputError(message, { cause: error })
}

/** '--components is 8' for 'nComponents is 8', in front of which an estimator may have been given its options. */
export function messageInFlags(message: string): string {
  const bare = message.replace(/^options \{.*?\}: /, '')
  // Further on a word may be just a word; nComponents is none.
  return bare.replace(/^\w+(?= )|\b[a-z]+[A-Z]\w*/g, (word) => (helpOf(word) === undefined ? word : longFlag(word)))
}

/** Options by the names of the command line, without dashes: { components } for { nComponents }. */
export function commandNames(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [attribute(name), value]))
}

/** The other way round. */
export function constructorNames(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = NAMES.filter((name) => attribute(name) in options)
  return Object.fromEntries(named.map((name) => [name, options[attribute(name)]]))
}

/** '-k, --components' for 'nComponents'. */
const flagOf = (name: string): string =>
  helpOf(name)?.flag ?? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** '--components'. */
const longFlag = (name: string): string => flagOf(name).replace(/^-\w, /, '')

/** Where commander puts it. */
const attribute = (name: string): string => new Option(longFlag(name)).attributeName()
