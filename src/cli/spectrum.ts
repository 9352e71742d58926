import { Option, type Command } from 'commander'
import type { PairedSamples } from '../align/model/joint-estimator.js'
import { SELECTIONS } from '../align/perfect/selection.js'
import { spectrumTable, type Spectrum } from '../model-selection/spectrum-table.js'
import { spectrumAsync, type SpectrumOptions } from '../model-selection/spectrum.js'
import type { Context } from './context.js'
import { InputError } from './errors.js'
import type { ReadOptions } from './sources.js'
import { inFlags } from './method-options.js'
import { addInputOptions, integer, scaleNamed } from './options.js'
import { readSamples } from './samples.js'
import { bold, jsonText, progressBar } from './terminal.js'

interface CommandOptions extends ReadOptions, Pick<SpectrumOptions, 'selection' | 'scale'> {
  readonly components?: number
  readonly seed: string
  readonly json?: true
}

const DETAILS = `
What is printed, for k = 1, 2, ... components of perfect-alignment:
  sigma     the k-th smallest singular value of the stacked files
  strength  how strongly the files share the k-th direction of balanced: its
            energy for its misalignment
  gap       how many times the next strength that is
  kept M    share of the variance of file M that can be had back from k
            components of the selection, on these rows
  selected  how the selection takes k components
chance is the largest strength that unrelated files with the same rows and
covariances reach, of 20 drawn at random. A k is suggested if the last strength
above chance is at least twice the next one, or if the files have k exact
relations; where strengths fade out none is, and 'collimate cross-validate' has
to choose.

Examples:
  $ collimate spectrum image.npy text.npy --rows 0:1500
  $ collimate spectrum a.csv b.csv c.csv --components 20 --selection last --json`

/** Adds `collimate spectrum`. */
export function addSpectrum(program: Command, context: Context): void {
  const command = program
    .command('spectrum')
    .summary('see how many components the modalities share')
    .description(
      'See how many components to ask for: singular values, how strongly each direction is shared, the gap after it, and the ' +
        'energy that components keep of each modality.',
    )
    .argument('<matrices...>', 'two or more .npy or .csv files, n x d1, n x d2, ...')
    .addOption(
      new Option(
        '-k, --components <count>',
        'the largest k to look at (default: the columns of the second widest file)',
      ).argParser(integer(1)),
    )
    .addOption(
      new Option('-s, --selection <name>', 'whose components are asked what they keep')
        .choices(SELECTIONS)
        .default('auto'),
    )
    .addOption(
      new Option(
        '--scale <when>',
        'bring columns to like units first: auto, true or false (default: as fit)',
      ).argParser(scaleNamed),
    )
    .option('--seed <seed>', 'of the unrelated files that are drawn', '0')
  addInputOptions(command, 'use these rows only')
  command
    .option('--json', 'print one JSON object instead of a table')
    .addHelpText('after', DETAILS)
    .action((paths: string[], options: CommandOptions) => printSpectrum(paths, options, context))
}

async function printSpectrum(paths: readonly string[], options: CommandOptions, context: Context): Promise<void> {
  const { components: nComponents, selection, scale, seed, json, ...reading } = options
  const { stdout } = context
  if (paths.length < 2) {
    throw new InputError(`spectrum needs two or more files, one per modality, got ${paths.length}`)
  }
  const { samples } = await readSamples(paths, context, reading)
  const found = await shown(samples, { nComponents, selection, scale, seed }, context)
  stdout.write(json ? `${jsonText(found, 2)}\n` : text(found, context))
}

/** Looks at the spectrum with a progress bar, and until Ctrl-C. */
async function shown(samples: PairedSamples, options: SpectrumOptions, context: Context): Promise<Spectrum> {
  const bar = progressBar(context)
  try {
    return await spectrumAsync(samples, { ...options, copy: false, signal: context.signal, onProgress: bar.report })
  } catch (error) {
    throw inFlags(error)
  } finally {
    bar.clear()
  }
}

/** The table, with its heading in bold. */
function text(spectrum: Spectrum, { stdout, env }: Context): string {
  const { title, lines, verdict } = spectrumTable(spectrum)
  const [heading, ...body] = lines
  return `${[title, '', bold(heading, stdout, env), ...body, '', verdict].join('\n')}\n`
}
