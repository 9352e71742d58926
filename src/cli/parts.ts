import { Option, type Command } from 'commander'
import { JointFactor } from '../align/factor/joint-factor.js'
import { registerIo, sourcedSteps, sourcesOf, type RepeatOptions, type SourceRows } from '../io/streams/sources.js'
import type { Matrix } from '../matrix.js'
import type { Context } from './context.js'
import { contentOf } from './data/input.js'
import { about, aboutAsync, InputError } from './errors.js'
import { openOutput } from './files.js'
import type { ReadOptions } from './sources.js'
import { addInputOptions, forceOption, outOption } from './options.js'
import { readSamples } from './samples.js'
import { Engine } from '../runtime/engine.js'
import { withProgress } from './progress.js'
import { statusOf } from './terminal.js'

registerIo()

interface FactorOptions extends ReadOptions {
  readonly source?: SourceRows
  readonly out: string
  readonly force?: true
}

interface MergeOptions extends RepeatOptions {
  readonly out: string
  readonly force?: true
}

const DETAILS = `
The work of a large fit on several machines: each makes a part of its rows, parts
are merged in any order, and 'collimate fit --parts' fits what all have seen. A
part is as large as the square of all columns, however many rows it has seen.
Parts that know their --source are merged once: one that comes again, from a job
that ran twice, is refused, or left out with --on-repeat ignore. docs/combiner.md
says what engines may do with parts.

Example:
  $ collimate factor image-0.npy text-0.npy --source shard:0-1000 --out 0.part
  $ collimate factor image-1.npy text-1.npy --source shard:1000-2000 --out 1.part
  $ collimate merge 0.part 1.part --out all.part
  $ collimate fit --parts all.part --components 64 --out model.safetensors`

/** Reads `--source`. @throws InputError if it is none */
export function parseSource(text: string): SourceRows {
  const [, name = '', from, to] = /^(.+):(\d+)-(\d+)$/.exec(text) ?? []
  if (name === '' || !Number.isSafeInteger(Number(to)) || Number(from) >= Number(to)) {
    throw new InputError(`--source must be NAME:FROM-TO, such as shard:0-1000 for its first 1000 rows, got '${text}'`)
  }
  return { name, from: Number(from), to: Number(to) }
}

/** Adds `collimate factor` and `collimate merge`. */
export function addParts(program: Command, context: Context): void {
  const factor = program
    .command('factor')
    .summary('make a part of a fit from some of the rows')
    .description('Make a part of a fit: all that a linear method needs to know of some rows, to be merged with others.')
    .argument('<matrices...>', 'files, one per modality, n x d1, n x d2, ...')
    .option('--source <rows>', 'NAME:FROM-TO, which rows of what these are: no merge takes the same twice', parseSource)
  addInputOptions(factor, 'use these rows only')
  factor
    .addOption(outOption('the part, a .safetensors file'))
    .addOption(forceOption())
    .addHelpText('after', DETAILS)
    .action((paths: string[], options: FactorOptions) => makePart(paths, options, context))
  program
    .command('merge')
    .summary('merge parts of a fit')
    .description('Merge parts that `collimate factor` made, of the same modalities and of different rows, into one.')
    .argument('<parts...>', 'one or more')
    .addOption(repeatOption())
    .addOption(outOption('the part, a .safetensors file'))
    .addOption(forceOption())
    .addHelpText('after', DETAILS)
    .action((paths: string[], options: MergeOptions) => mergeParts(paths, options, context))
}

/** `--on-repeat`. */
export function repeatOption(): Option {
  return new Option('--on-repeat <rule>', 'a part whose rows, by their --source, are in others before it')
    .choices(['refuse', 'ignore'])
    .default('refuse')
}

async function makePart(paths: readonly string[], options: FactorOptions, context: Context): Promise<void> {
  const { out, source } = options
  const output = await openOutput(out, paths, context, options)
  const { samples, widths, rows } = await readSamples(paths, context, options)
  const factor = samples instanceof JointFactor ? samples : new JointFactor(widths)
  const engine = Engine.shared()
  await withProgress(factor === samples ? factor.settleSteps(engine) : factor.appendSteps(engine, samples as Matrix[]), context) // prettier-ignore
  if (source !== undefined) {
    const { name, from, to } = source
    if (to - from !== rows) throw new InputError(`--source ${name}:${from}-${to} are ${to - from} rows, there are ${rows}`) // prettier-ignore
    factor.sources = JSON.stringify([source])
  }
  await output.write(factor.toBytes(), context.signal)
  statusOf(out, context).write(`${out}: ${rows} rows of ${widths.join(' + ')} columns\n`)
}

async function mergeParts(paths: readonly string[], options: MergeOptions, context: Context): Promise<void> {
  const { out } = options
  const output = await openOutput(out, paths, context, options)
  const merged = await readParts(paths, options, context)
  await output.write(merged.toBytes(), context.signal)
  const { rows, widths } = merged
  statusOf(out, context).write(`${out}: ${rows} rows of ${widths.join(' + ')} columns\n`)
}

/**
 * Parts merged into one.
 *
 * @throws InputError if one is none, has other columns, or rows that another has
 */
export async function readParts(
  paths: readonly string[],
  { onRepeat }: RepeatOptions,
  context: Context,
): Promise<JointFactor> {
  let merged: JointFactor | undefined
  const held: { source: SourceRows; path: string }[] = []
  for (const path of paths) {
    const bytes = await contentOf(path, context)
    const [factor, sources] = about(`${path} is no sound part`, () => {
      const read = JointFactor.fromBytes(bytes)
      return [read, sourcesOf(read)] as const
    })
    if (onRepeat !== 'ignore') refuseRepeats(path, sources, held)
    for (const source of sources) held.push({ source, path })
    if (merged === undefined) merged = factor
    else await merge(merged, factor, { onRepeat }, path, context)
  }
  if (merged === undefined) throw new InputError('there is no part to merge')
  return merged
}

/** Merges with a progress bar, and until Ctrl-C. */
async function merge(
  whole: JointFactor,
  factor: JointFactor,
  options: RepeatOptions,
  path: string,
  context: Context,
): Promise<void> {
  await aboutAsync(path, async () => {
    // Which says what is wrong.
    if (factor.widths.join() !== whole.widths.join()) return whole.merge(factor)
    const steps = whole.mergeSteps(Engine.shared(), factor.settled)
    return withProgress(sourcedSteps(whole, steps, options, factor), context)
  })
}

/** @throws InputError that names both files, if rows of one are in another */
function refuseRepeats(
  path: string,
  sources: readonly SourceRows[],
  held: readonly { readonly source: SourceRows; readonly path: string }[],
): void {
  for (const { name, from, to } of sources) {
    const other = held.find(({ source }) => source.name === name && source.from < to && from < source.to)
    if (other === undefined) continue
    const { source, path: otherPath } = other
    throw new InputError(`${path} has rows ${from} to ${to} of ${name}, of which ${otherPath} has ${source.from} to ${source.to}: rows count once`) // prettier-ignore
  }
}
