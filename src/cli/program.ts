import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { CollimateError, FileFormatError } from '../errors.js'
import { addCompletion } from './completion.js'
import type { Context } from './context.js'
import { endReading } from './data/reading-bar.js'
import { InputError, VerdictError } from './errors.js'
import { addCrossValidate } from './cross-validate.js'
import { addEvaluate } from './evaluate.js'
import { addFit } from './fit.js'
import { addConvert } from './convert.js'
import { addInfo } from './info.js'
import { addNearest } from './nearest.js'
import { addMigrate } from './migrate/migrate.js'
import { addParts } from './parts.js'
import { checkMandatory } from './options.js'
import { readRowFiles } from './row-file.js'
import { bold, coloured, columnsOf, printable, withoutBar } from './terminal.js'
import { addSpectrum } from './spectrum.js'
import { addTransform } from './transform.js'
import { addTranslate } from './translate.js'

/** What the process ends with. */
export const ExitCode = { done: 0, failure: 1, badInput: 2, verdict: 3, interrupted: 130 } as const

// Longer lines are hard to read.
const MAX_HELP_COLUMNS = 100

const DESCRIPTION = `Align paired modalities: fit one linear map per modality, so that row i of every file lands in the same \
place of one shared latent space.

A matrix is a NumPy .npy file, one sample a row, one feature a column: float16 to float64, integers or booleans. Axes \
after the second are part of the row: 861 x 64 x 60 is read as 861 x 3840. Or it is a .csv file of numbers, with commas, \
semicolons or tabs in between, and names in the first line or none. Row i of all files that are fitted or \
evaluated together is the same sample; or --id names a column of ids, and rows of one id are the same sample, in whatever order \
they come. A model is one .safetensors file.`

const DETAILS = `
Examples:
  Fit image and text embeddings, of 1500 pairs, into 64 shared dimensions:
    $ collimate fit image.npy text.npy --components 64 --rows 0:1500 \\
        --out model.safetensors
  See how many dimensions they share, and where their spectrum ends:
    $ collimate spectrum image.npy text.npy --rows 0:1500
  Find out how many dimensions to ask for, by retrieval among held-out pairs:
    $ collimate cross-validate image.npy text.npy --components 16,32,64,128 \\
        --rows 0:1500
  See how well the pairs that were kept back find each other:
    $ collimate evaluate model.safetensors image.npy text.npy --rows 1500:
  Map new images into the shared space (0 is the first file of the fit):
    $ collimate transform model.safetensors new.npy --modality 0 --out z.npy
  Predict the text embeddings that belong to new images:
    $ collimate translate model.safetensors new.npy --from 0 --to 1 --out y.npy
  Find the ten images that are nearest to each text, by their ids:
    $ collimate nearest text.csv image.csv --id sku --model model.safetensors \\
        --from 1 -k 10 --out found.csv
  Change the embedding model of a collection without embedding it anew:
    $ collimate migrate plan old.npy new.npy --out migration.safetensors
    $ collimate migrate run migration.safetensors all-old.npy --out all-new.npy

Columns:
  --id, --columns and --skip call columns by name, or by number from 0 on, in
  CSV files and .npy files alike. Given once they are for all files, given once
  a file they are in the order of the files, and '' is nothing. With --id
    $ collimate fit image.csv text.csv --id sku -k 64 --out model.safetensors
  fits the rows whose sku is in both files, and says what was left out; --rows
  then counts those rows, in the order of the first file. Ids are compared as
  text. What is written as CSV has the ids in its first column. CSV with a
  decimal comma is read and written with --decimal , and --delimiter names what
  is between cells.

Rows:
  --rows takes slices, or @ and a file that lists rows from 0 on: @split.npy of
  integers, or of booleans, one for each row; a text with a number a line;
  @split.csv:row, a column; @split.csv:set=train, rows where a column has that.

Formats, known by their names or by what is in them:
  .npy .npz          of .npz the one array, or x.npz:name
  .safetensors       the one tensor, or x.safetensors:name
  .csv .tsv .txt     numbers, or a column of vectors such as "[0.1, 0.2]"
  .jsonl .json       objects with a field of numbers (--field, or embedding) or
                     their float32 in base64; answers of OpenAI and Cohere
  .vec .txt .bin     GloVe, word2vec, fastText; --id word has the words
  .fvecs .ivecs .bvecs .fbin .ibin .u8bin .i8bin
  'part-*.npy'       in quotes: all such files, one after the other
  Written are .npy .npz .safetensors .csv .tsv .txt .jsonl .vec .fvecs .fbin.
  After any of them .gz is packed by gzip. Ids are in a column of .csv, in the
  array ids of .npz, in the metadata of .safetensors, or beside the field.

Files:
  Rows are read, fitted, mapped and written some at a time: files may be larger
  than memory, also beyond 4 GiB. Files are joined on ids with some 90 bytes an
  id in memory. evaluate and cross-validate compare all rows with each other:
  as many as fit, drawn at random where there are more, which is said. Only
  InfoNCE and --features have all rows in memory. Rows that come once, through
  a pipe or as text, and are wanted in another order, or again, are put aside
  in a temporary file (in TMPDIR), of which nothing is left. What was
  compressed with gzip is read as it is. - as a file is the standard input, or
  after --out the standard output; one input can be it, and what was done is
  then said on stderr. Numbers are written as float32 where
  the input has float32, unless --precision says otherwise.
  An output file appears complete or not at all, and replaces what had its
  name. An input file is never overwritten.

Exit codes:
  0    done
  1    the computation failed: no convergence, no memory, a fault of collimate
  2    bad input or usage; one line on stderr says what is wrong
  3    migrate: fewer neighbours are kept than asked for, or a check failed
  130  interrupted with Ctrl-C; 143 and 129 after SIGTERM and SIGHUP
  After all but 0, no file was written.

Environment:
  NO_COLOR  if set, no colours; only a terminal gets colours or a progress bar`

/**
 * Runs one command line.
 *
 * @param argv the arguments, without the interpreter and the script
 * @returns the exit code; everything else the user gets goes to the context's streams
 */
export async function main(argv: readonly string[], surroundings: Context): Promise<number> {
  const context = { ...surroundings, stderr: withoutBar(surroundings.stderr) }
  try {
    if (argv.length === 0) throw new InputError("no command was given: 'collimate --help' lists the commands")
    await program(context).parseAsync(argv, { from: 'user' })
    return ExitCode.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done
    const [code, message] = context.signal.aborted ? [ExitCode.interrupted, 'interrupted'] : verdict(error)
    // Who reads the output wants no more of it.
    if ((error as { code?: unknown } | null)?.code === 'EPIPE') return ExitCode.done
    endReading(context)
    context.stderr.write(`collimate: ${message}\n`)
    if (code === ExitCode.failure && !(error instanceof CollimateError)) context.stderr.write(`${traceOf(error)}\n`)
    return code
  }
}

/** As package.json has it, which the package can import by its own name from the source and from the build. */
function packageVersion(): string {
  return (createRequire(import.meta.url)('collimate/package.json') as { version: string }).version
}

function program(context: Context): Command {
  const { stdout, env } = context
  const command = new Command('collimate')
    .description(DESCRIPTION)
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; after a command, help for that command')
    .addHelpText('after', DETAILS)
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => command.name(), styleTitle: (title) => bold(title, stdout, env) })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // `main` reports errors: in one line.
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(columnsOf(stdout), MAX_HELP_COLUMNS),
      getOutHasColors: () => coloured(stdout, env),
    })
  for (const add of [
    addFit,
    addSpectrum,
    addCrossValidate,
    addEvaluate,
    addTransform,
    addTranslate,
    addNearest,
    addMigrate,
    addParts,
    addConvert,
    addInfo,
    addCompletion,
  ])
    add(command, context)
  command.hook('preAction', async (_, subcommand) => {
    checkMandatory(subcommand)
    await readRowFiles(subcommand, context)
  })
  return command
}

/** Where a fault of this program lies: for the report that its user will write. */
function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : ''
}

function messageOf(error: unknown): string {
  // What commander throws where it would print its help instead of saying what is wrong.
  if (error instanceof CommanderError && error.code === 'commander.help') return "'collimate --help' lists the commands"
  return error instanceof Error ? error.message : String(error)
}

/** The exit code and the one line for an error. */
function verdict(error: unknown): readonly [number, string] {
  const message = messageOf(error)
  const line = printable(message)
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim()
  if (error instanceof VerdictError) return [ExitCode.verdict, line]
  const usersFault = [CommanderError, InputError, FileFormatError, TypeError, RangeError].some(
    (kind) => error instanceof kind,
  )
  return [usersFault ? ExitCode.badInput : ExitCode.failure, line]
}
