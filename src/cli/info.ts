import type { Command } from 'commander'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { loadAlignment } from '../align/load-alignment.js'
import { readSafetensors } from '../io/safetensors.js'
import { detailsOf, type Detail } from './details.js'
import type { Context } from './context.js'
import { contentOf } from './data/input.js'
import { about } from './errors.js'
import './features.js'
import { methodOf } from './methods.js'
import { widths } from './model.js'
import { printable } from './terminal.js'

const DETAILS = `
Examples:
  $ collimate info model.safetensors
  $ collimate info model.safetensors --json | jq .columns`

/** Adds `collimate info`. */
export function addInfo(program: Command, context: Context): void {
  program
    .command('info')
    .summary('say what a model file holds')
    .description(
      'Say what a model file holds: the method and what was asked of it, modalities and their columns, and how strong what it ' +
        'found is.',
    )
    .argument('<model>', 'a model that `collimate fit` wrote')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', DETAILS)
    .action((model: string, options: { readonly json?: true }) => info(model, options, context))
}

async function info(path: string, options: { readonly json?: true }, context: Context): Promise<void> {
  const bytes = await contentOf(path, context)
  const details = about(`${path} is no sound model`, () => describeModel(bytes))
  context.stdout.write(options.json ? json(details) : printable(text(details)))
}

function describeModel(bytes: Uint8Array): readonly Detail[] {
  const model = loadAlignment(bytes)
  const { tensors } = readSafetensors(bytes)
  const columns = widths(model)
  const components = model.maps[0].rows
  const precision = tensors.get('maps.0')?.dtype ?? ''
  const state = tensors.has('R')
  return [
    { key: 'method', value: methodOf(model).name },
    { key: 'components', value: components },
    {
      key: 'columns',
      value: columns,
      label: 'modalities',
      text: `${columns.length}, of ${columns.join(' + ')} columns`,
    },
    ...featureDetails(model),
    ...detailsOf(model, {
      singularValues: state || tensors.has('singularValues'),
      chance: state || tensors.has('chanceStrength'),
    }),
    {
      key: 'centered',
      value: model.centered,
      label: 'centred',
      text: model.centered ? 'yes: the means of the fitted rows are subtracted' : 'no',
    },
    { key: 'precision', value: precision, label: 'stored as', text: precision === 'F32' ? 'float32' : 'float64' },
    { key: 'state', value: state, text: state ? 'kept: more data can be merged in' : 'not kept' },
  ]
}

/** What rows are turned into first, of a model that has such. */
function featureDetails({ featureMaps }: LinearAlignment): Detail[] {
  if (!featureMaps.some(Boolean)) return []
  const value = featureMaps.map((map) => (map === undefined ? 'none' : String(map)))
  return [{ key: 'features', value, text: value.join('; ') }]
}

function json(details: readonly Detail[]): string {
  return `${JSON.stringify(Object.fromEntries(details.map(({ key, value }) => [key, value])), null, 2)}\n`
}

function text(details: readonly Detail[]): string {
  const lines = details.flatMap(({ key, value, label = words(key), text = String(value) }) =>
    text === '' ? [] : [[label, text]],
  )
  const width = Math.max(...lines.map(([label]) => label.length))
  return lines.map(([label, line]) => `${label.padEnd(width)}  ${line}\n`).join('')
}

/** 'batch size' for 'batchSize'. */
const words = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
