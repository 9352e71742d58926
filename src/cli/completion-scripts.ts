import type { CommandTable, Filling, FlagTable, OperandTable } from './completion-tables.js'

/** A script that makes a shell complete command lines. */
export type ScriptOf = (tables: readonly CommandTable[]) => string

const COMPRESSIONS = ['gz', 'zst']

const lines = (...text: readonly (string | readonly string[])[]): string => `${text.flat().join('\n')}\n`

/** One word of a shell script, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** What the names of these files end with, as a regular expression. */
const endingPattern = (endings: readonly string[]): string =>
  `\\.(${endings.join('|')})(\\.(${COMPRESSIONS.join('|')}))?$`

/** Each flag of each command, by what `of` makes of it. */
const eachFlag = (tables: readonly CommandTable[], of: (command: CommandTable, flag: FlagTable) => string): string[] =>
  tables.flatMap((command) => command.flags.map((flag) => of(command, flag)))

/** For bash from 3.2 on, which is what macOS has. */
export const bashScript: ScriptOf = (tables) => {
  const filling = (what: Filling | undefined): string => {
    if (what === undefined) return 'none'
    if (what.kind === 'words') return `words ${what.words.join(' ')}`
    return what.kind === 'text' ? 'text' : `files ${what.endings === undefined ? '' : endingPattern(what.endings)}`
  }
  const flagCase = ({ name }: CommandTable, { names, value }: FlagTable) =>
    `    ${names.map((flag) => quoted(`${name} ${flag}`)).join(' | ')}) echo ${quoted(filling(value))} ;;`
  const operandCases = ({ name, operands }: CommandTable) =>
    operands.map(({ isLast, filling: what }, i) => {
      const pattern = isLast ? quoted(`${name} ${i}`) : `${quoted(`${name} `)}*`
      return `    ${pattern}) echo ${quoted(filling(what))} ;;`
    })
  const flagsCase = ({ name, flags }: CommandTable) =>
    `    ${quoted(name)}) echo ${quoted(flags.flatMap(({ names }) => names).join(' '))} ;;`
  return lines(
    '# What bash completes of collimate: source <(collimate completion bash)',
    '__collimate_flags() {',
    '  case "$1" in',
    tables.map(flagsCase),
    '  esac',
    '}',
    '__collimate_value() {',
    '  case "$1 $2" in',
    eachFlag(tables, flagCase),
    '  esac',
    '}',
    '__collimate_operand() {',
    '  case "$1 $2" in',
    tables.flatMap(operandCases),
    '  esac',
    '}',
    BASH_REST,
  )
}

const BASH_REST = `__collimate_files() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -d -- "$2")
  while IFS= read -r path; do
    if [[ $path =~ $1 && ! -d $path ]]; then COMPREPLY+=("$path"); fi
  done < <(compgen -f -- "$2")
}
__collimate_fill() {
  local word kind=\${1%% *} rest=\${1#* }
  case "$kind" in
    words) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$rest" -- "$2") ;;
    files) __collimate_files "$rest" "$2" ;;
  esac
}
_collimate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} last='' command='' operands=0 word value i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then continue; fi
    if [[ -n $last ]]; then last=''; continue; fi
    case "$word" in
      -?*)
        value=$(__collimate_value "$command" "$word")
        if [[ -n $value && $value != none ]]; then last=$word; fi
        ;;
      *) if [[ -z $command ]]; then command=$word; else operands=$((operands + 1)); fi ;;
    esac
  done
  if [[ $cur == '=' ]]; then cur=''; fi
  if [[ -n $last ]]; then
    __collimate_fill "$(__collimate_value "$command" "$last")" "$cur"
  elif [[ $cur == -?* || $cur == - ]]; then
    __collimate_fill "words $(__collimate_flags "$command")" "$cur"
  else
    __collimate_fill "$(__collimate_operand "$command" "$operands")" "$cur"
  fi
}
complete -F _collimate collimate`

/** For zsh: as a file _collimate in $fpath, or by source. */
export const zshScript: ScriptOf = (tables) => {
  const safe = (text: string) => text.replace(/[[\]:\\]/g, '\\$&')
  const filling = (what: Filling): string => {
    if (what.kind === 'words') return `(${what.words.join(' ')})`
    if (what.kind === 'text') return ' '
    if (what.endings === undefined) return '_files'
    return `_files -g "*.(${what.endings.join('|')})(|.${COMPRESSIONS.join('|.')})"`
  }
  const flag = ({ names, text, value }: FlagTable): string[] =>
    names.map((name) => {
      const others = value === undefined ? `(${names.join(' ')})` : '*'
      const after = value === undefined ? '' : `:${safe(value.name)}:${filling(value)}`
      return quoted(`${others}${name}[${safe(text)}]${after}`)
    })
  const operand = ({ name, isLast, filling: what }: OperandTable, i: number): string =>
    quoted(`${isLast ? i + 1 : '*'}:${name}:${filling(what)}`)
  const command = ({ name, flags, operands }: CommandTable): string[] => [
    `    (${name})`,
    `      _arguments -S ${[...flags.flatMap(flag), ...operands.map(operand)].join(' \\\n        ')}`,
    '      ;;',
  ]
  const [program, ...commands] = tables
  return lines(
    '#compdef collimate',
    '# What zsh completes of collimate: source <(collimate completion zsh)',
    '_collimate() {',
    '  local line state',
    `  _arguments -C ${program.flags.flatMap(flag).join(' ')} '1: :->command' '*:: :->rest'`,
    '  if [[ $state == command ]]; then',
    '    local -a commands=(',
    commands.map(({ name, text }) => `      ${quoted(`${name}:${safe(text)}`)}`),
    '    )',
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  case $line[1] in',
    commands.flatMap(command),
    '  esac',
    '}',
    'if [[ $funcstack[1] == _collimate ]]; then _collimate "$@"; else compdef _collimate collimate; fi',
  )
}

/** For fish from 3.1 on. */
export const fishScript: ScriptOf = (tables) => {
  const when = (name: string) => (name === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${name}`)
  const filling = (what: Filling): string => {
    if (what.kind === 'words') return `-x -a ${quoted(what.words.join(' '))}`
    if (what.kind === 'text') return '-x'
    return what.endings === undefined ? '-r -F' : `-x -a ${quoted(filesEnding(what.endings))}`
  }
  const filesEnding = (endings: readonly string[]) => `(__collimate_files ${quoted(endingPattern(endings))})`
  const flag = ({ name }: CommandTable, { names, text, value }: FlagTable): string => {
    const flags = names.map((one) => (one.startsWith('--') ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`)).join(' ')
    return `complete -c collimate -n ${quoted(when(name))} ${flags} ${value === undefined ? '' : `${filling(value)} `}-d ${quoted(text)}`
  }
  const [, ...commands] = tables
  return lines(
    '# What fish completes of collimate: collimate completion fish | source',
    'function __collimate_files',
    // Folders too, in which files may be.
    `  complete -C "'' "(commandline -ct) | string replace -r '\\t.*' '' | string match -er '/$|'$argv[1]`,
    'end',
    'complete -c collimate -f',
    commands.map(({ name, text }) => `complete -c collimate -n __fish_use_subcommand -a ${name} -d ${quoted(text)}`),
    commands.flatMap(({ name, operands }) =>
      operands
        .slice(0, 1)
        .map(({ filling: what }) => `complete -c collimate -n ${quoted(when(name))} ${operandsOf(what, operands)}`),
    ),
    eachFlag(tables, flag),
  )
  /** All operands at once: which of them is next fish does not say. */
  function operandsOf(first: Filling, all: readonly OperandTable[]): string {
    if (first.kind !== 'files') return filling(first).replace(/^-x /, '')
    const endings = new Set(all.flatMap(({ filling: what }) => (what.kind === 'files' ? (what.endings ?? []) : [])))
    return `-a ${quoted(filesEnding([...endings]))}`
  }
}
