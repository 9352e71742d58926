import type { Argument, Command, Option } from 'commander'

/** What may stand in a place of the command line. */
export type Filling =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** @property endings - undefined: of any name */
  | { readonly kind: 'files'; readonly endings: readonly string[] | undefined }
  | { readonly kind: 'text' }

/** An option of a command. */
export interface FlagTable {
  /** Its names, with their dashes. */
  readonly names: readonly string[]
  readonly text: string
  /** What comes after it; undefined if nothing does. */
  readonly value: (Filling & { readonly name: string }) | undefined
}

/** An operand of a command. */
export interface OperandTable {
  readonly name: string
  readonly isLast: boolean
  readonly filling: Filling
}

/** What may come after the name of a command. */
export interface CommandTable {
  readonly name: string
  readonly text: string
  readonly flags: readonly FlagTable[]
  /** The last of them any number of times, unless it `isLast`. */
  readonly operands: readonly OperandTable[]
}

/** Files of rows that are read, by the endings of their names; after any of them comes that of a compression. */
export const ROW_ENDINGS = [
  'npy', 'npz', 'safetensors', 'parquet', 'pq', 'arrow', 'arrows', 'feather', 'ipc', 'csv', 'tsv', 'txt', 'jsonl', 'ndjson', 'json', 'vec', 'glove', 'w2v', 'bin',
  'fvecs', 'ivecs', 'bvecs', 'fbin', 'ibin', 'u8bin', 'i8bin',
] // prettier-ignore
const MODEL_ENDINGS = ['safetensors']
const PART_ENDINGS = ['part', 'safetensors']

/** What stands for an operand in the usage, and the files that are one; others are rows. */
const OPERAND_ENDINGS: Readonly<Record<string, readonly string[]>> = {
  model: MODEL_ENDINGS,
  parts: PART_ENDINGS,
  file: [...ROW_ENDINGS, 'part'],
}

/** What is written may have any name. */
const WRITTEN = ['--out']

/** All commands as their help has them, the program itself first. */
export function commandTables(program: Command): readonly CommandTable[] {
  const help = program.createHelp()
  const commands = help.visibleCommands(program)
  const names: Filling = { kind: 'words', words: commands.map((command) => command.name()) }
  const operandsOf = (command: Command): OperandTable[] => {
    if (command === program || command.name() === 'help') return [{ name: 'command', isLast: true, filling: names }]
    const { commands: steps } = command
    if (steps.length === 0) return command.registeredArguments.map(operandTable)
    const words = steps.map((step) => step.name())
    return [
      { name: 'step', isLast: true, filling: { kind: 'words', words } },
      { name: 'files', isLast: false, filling: { kind: 'files', endings: ROW_ENDINGS } },
    ]
  }
  // Of a command of several steps those of all.
  const flagsOf = (command: Command): FlagTable[] => {
    const flags = [command, ...command.commands].flatMap((one) => help.visibleOptions(one).map(flagTable))
    return command === program ? help.visibleOptions(program).map(flagTable) : [...new Map(flags.map((flag) => [flag.names.at(-1), flag])).values()] // prettier-ignore
  }
  return [program, ...commands].map((command) => ({
    name: command === program ? '' : command.name(),
    text: command === program ? '' : help.subcommandDescription(command),
    flags: flagsOf(command),
    operands: operandsOf(command),
  }))
}

function operandTable(argument: Argument): OperandTable {
  const name = argument.name()
  return { name, isLast: !argument.variadic, filling: fillingOf(argument.argChoices, OPERAND_ENDINGS[name] ?? ROW_ENDINGS) } // prettier-ignore
}

function flagTable(option: Option): FlagTable {
  const { short, long, flags, argChoices, required, optional, description } = option
  const names = [short, long].filter((name) => name !== undefined)
  const text = firstSentence(description)
  if (!required && !optional) return { names, text, value: undefined }
  const name = /<(.+?)>/.exec(flags)?.[1] ?? 'value'
  const endings = names.some((one) => WRITTEN.includes(one)) ? undefined : ROW_ENDINGS
  const value = name === 'file' ? fillingOf(argChoices, endings) : argChoices ? fillingOf(argChoices, []) : ({ kind: 'text' } as const) // prettier-ignore
  return { names, text, value: { ...value, name } }
}

const fillingOf = (choices: readonly string[] | undefined, endings: readonly string[] | undefined): Filling =>
  choices === undefined ? { kind: 'files', endings } : { kind: 'words', words: choices }

/** Of methods that share an option each has its say: the first is enough. */
const firstSentence = (text: string): string => text.replace(/[;:(] .*$|\s*\(default.*$/s, '').trim()
