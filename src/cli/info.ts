import type { Command } from 'commander'
import type { JointFactor } from '../align/factor/joint-factor.js'
import type { LinearAlignment } from '../align/model/linear-alignment.js'
import { loadAlignment } from '../align/load-alignment.js'
import { PerfectAlignment } from '../align/perfect/perfect-alignment.js'
import { readSafetensors } from '../io/safetensors.js'
import { sourcesOf } from '../io/streams/sources.js'
import { Engine } from '../runtime/engine.js'
import { detailsOf, type Detail } from './details.js'
import type { Context } from './context.js'
import { describeData } from './data-info.js'
import { contentOf, openInput, STANDARD } from './data/input.js'
import { about } from './errors.js'
import './features.js'
import { methodOf } from './methods.js'
import { widths } from './model.js'
import { addColumnOptions } from './options.js'
import { readParts } from './parts.js'
import { withProgress } from './progress.js'
import type { ReadOptions } from './sources.js'
import { jsonText, printable } from './terminal.js'

const DETAILS = `
Examples:
  $ collimate info model.safetensors
  $ collimate info model.safetensors --json | jq .columns
  $ collimate info embeddings.npy
  $ collimate info products.csv --id sku --skip price`

type InfoOptions = ReadOptions & { readonly json?: true }

/** Adds `collimate info`. */
export function addInfo(program: Command, context: Context): void {
  const command = program
    .command('info')
    .summary('say what a file holds: a model, a part, or rows')
    .description(
      'Say what a file holds. Of a model: the method and what was asked of it, modalities and their columns, and how strong what it ' +
        'found is. Of rows: how many there are, of what type and length, and how many are not finite, zero or the same; --id and the options after it are for rows.',
    )
    .argument('<file>', 'a model, a part that `collimate factor` made, or rows in any format that is read')
    .option('--json', 'print one JSON object instead of text')
  addColumnOptions(command)
  command.addHelpText('after', DETAILS).action((path: string, options: InfoOptions) => info(path, options, context))
}

async function info(path: string, options: InfoOptions, context: Context): Promise<void> {
  const details = await describeFile(path, options, context)
  context.stdout.write(options.json ? json(details) : printable(text(details)))
}

/** A model, a part, or rows: files of this package say at their beginning that they are. */
async function describeFile(path: string, options: InfoOptions, context: Context): Promise<readonly Detail[]> {
  const kind = path === STANDARD ? 'model' : await kindOf(path, context)
  if (kind === undefined) return describeData(path, context, options)
  if (kind === 'JointFactor') return describePart(await readParts([path], {}, context))
  const bytes = await contentOf(path, context)
  const model = about(`${path} is no sound model`, () => loadAlignment(bytes))
  if (model instanceof PerfectAlignment && readSafetensors(bytes).tensors.has('R')) {
    await withProgress(model.chanceStrengthSteps(Engine.shared()), context)
    await withProgress(model.singularValueSteps(Engine.shared()), context)
  }
  return about(`${path} is no sound model`, () => describeModel(model, bytes))
}

/** What the metadata say that a file of this package holds; undefined of any other. */
async function kindOf(path: string, context: Context): Promise<string | undefined> {
  const input = await openInput(path, context)
  await input.close()
  return /^[^]{8}\{"__metadata__":\{[^}]*?"collimate":"(\w+)"/.exec(Buffer.from(input.head).toString('latin1'))?.[1]
}

function describePart(factor: JointFactor): readonly Detail[] {
  const { rows, widths } = factor
  const sources = sourcesOf(factor)
  const text = sources.map(({ name, from, to }) => `${name}:${from}-${to}`).join(', ')
  return [
    { key: 'rows', value: rows },
    { key: 'columns', value: widths, text: widths.join(' + ') },
    { key: 'sources', value: sources, text },
  ]
}

function describeModel(model: LinearAlignment, bytes: Uint8Array): readonly Detail[] {
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
  return `${jsonText(Object.fromEntries(details.map(({ key, value }) => [key, value])), 2)}\n`
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
