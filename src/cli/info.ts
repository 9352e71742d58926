import type { Command } from 'commander'
import { PerfectAlignment } from '../align/perfect-alignment.js'
import { readSafetensors } from '../io/safetensors.js'
import type { Context } from './context.js'
import { about } from './errors.js'
import { readBytes } from './files.js'
import { widths } from './model.js'
import { significant } from '../text-table.js'

const DETAILS = `
Examples:
  $ collimate info model.safetensors
  $ collimate info model.safetensors --json | jq .columns`

/** Adds `collimate info`. */
export function addInfo(program: Command, context: Context): void {
  program
    .command('info')
    .summary('say what a model file holds')
    .description('Say what a model file holds: modalities and their columns, what was selected and how strong it is.')
    .argument('<model>', 'a model that `collimate fit` wrote')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', DETAILS)
    .action((model: string, options: { readonly json?: true }) => info(model, options, context))
}

async function info(path: string, options: { readonly json?: true }, { stdout, signal }: Context): Promise<void> {
  const bytes = await readBytes(path, signal)
  const description = about(`${path} is no sound model`, () => describeModel(bytes))
  stdout.write(options.json ? `${JSON.stringify(description, null, 2)}\n` : text(description))
}

/** What is in a model file. */
interface Description {
  readonly components: number
  readonly columns: readonly number[]
  readonly selection: string
  /** What `selection` came to. */
  readonly selected: string
  readonly centered: boolean
  /** As asked for in the fit; null is the default. */
  readonly tolerance: number | null
  /** Storage of the maps: 'F64' or 'F32'. */
  readonly precision: string
  /** Whether more data can be merged in. */
  readonly state: boolean
  readonly sharedStrength: readonly number[]
  /** What `sharedStrength` is at most where modalities share nothing. */
  readonly unrelatedStrength: number
  /** null if the file holds neither them nor the state that they come from. */
  readonly singularValues: readonly number[] | null
}

function describeModel(bytes: Uint8Array): Description {
  const model = PerfectAlignment.fromBytes(bytes)
  const { tensors } = readSafetensors(bytes)
  const { nComponents, selection, selected, centered, tolerance, unrelatedStrength } = model
  const known = tensors.has('singularValues') || tensors.has('R')
  return {
    components: nComponents,
    columns: widths(model),
    selection,
    selected,
    centered,
    tolerance: tolerance ?? null,
    precision: tensors.get('maps.0')?.dtype ?? '',
    state: tensors.has('R'),
    sharedStrength: [...model.sharedStrength],
    unrelatedStrength,
    singularValues: known ? [...model.singularValues] : null,
  }
}

function text(model: Description): string {
  const { components, columns, selection, selected, centered, tolerance, precision, state } = model
  const { sharedStrength, unrelatedStrength, singularValues } = model
  const range = (values: readonly number[]) =>
    `${significant(Math.max(...values))} to ${significant(Math.min(...values))}`
  const weak = sharedStrength.filter((strength) => strength <= unrelatedStrength).length
  const unrelated = weak === 0 ? 'all above' : `${weak} of ${components} not above`
  const lines = [
    ['components', String(components)],
    ['modalities', `${columns.length}, of ${columns.join(' + ')} columns`],
    ['selection', selection === selected ? selection : `${selection}, which chose ${selected}`],
    ['centred', centered ? 'yes: the means of the fitted rows are subtracted' : 'no'],
    ['tolerance', tolerance === null ? 'default' : String(tolerance)],
    [
      'shared strength',
      `${range(sharedStrength)}, ${unrelated} the ${significant(unrelatedStrength)} of unrelated data`,
    ],
    [
      'singular values',
      singularValues === null
        ? 'not kept: `collimate fit --state` keeps what they come from'
        : `${range(singularValues)} (${singularValues.length}, of the stacked modalities)`,
    ],
    ['stored as', precision === 'F32' ? 'float32' : 'float64'],
    ['state', state ? 'kept: more data can be merged in' : 'not kept'],
  ]
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('')
}
