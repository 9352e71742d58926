import type { Command } from 'commander'
import { JointFactor } from '../align/factor/joint-factor.js'
import { readSafetensors, writeSafetensors } from '../io/safetensors.js'
import type { Context } from './context.js'
import { contentOf } from './data/input.js'
import { about, InputError } from './errors.js'
import { openOutput } from './files.js'
import type { ReadOptions } from './sources.js'
import { addInputOptions, forceOption, outOption } from './options.js'
import { readSamples } from './samples.js'
import { statusOf } from './terminal.js'

/** Rows of something that has a name: [from, to). */
export interface SourceRows {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** A factor, and whose rows it has seen, as far as that was said. */
export interface Part {
  readonly factor: JointFactor
  readonly sources: readonly SourceRows[]
}

interface FactorOptions extends ReadOptions {
  readonly source?: SourceRows
  readonly out: string
  readonly force?: true
}

const SOURCES_KEY = 'sources'

const DETAILS = `
The work of a large fit on several machines: each makes a part of its rows, parts
are merged in any order, and 'collimate fit --parts' fits what all have seen. A
part is as large as the square of all columns, however many rows it has seen.
docs/combiner.md says what engines may do with it.

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
    .addOption(outOption('the part, a .safetensors file'))
    .addOption(forceOption())
    .addHelpText('after', DETAILS)
    .action((paths: string[], options: FactorOptions) => mergeParts(paths, options, context))
}

async function makePart(paths: readonly string[], options: FactorOptions, context: Context): Promise<void> {
  const output = await openOutput(options.out, paths, context, options)
  const { samples, widths, rows } = await readSamples(paths, context, options)
  const factor =
    samples instanceof JointFactor
      ? samples
      : await new JointFactor(widths).updateAsync(samples as never, { signal: context.signal })
  const { source } = options
  if (source !== undefined && source.to - source.from !== rows) {
    throw new InputError(`--source ${source.name}:${source.from}-${source.to} are ${source.to - source.from} rows, there are ${rows}`) // prettier-ignore
  }
  await output.write(partBytes({ factor, sources: source === undefined ? [] : [source] }), context.signal)
  statusOf(options.out, context).write(`${options.out}: ${rows} rows of ${widths.join(' + ')} columns\n`)
}

async function mergeParts(paths: readonly string[], options: FactorOptions, context: Context): Promise<void> {
  const output = await openOutput(options.out, paths, context, options)
  const merged = await readParts(paths, context)
  await output.write(partBytes(merged), context.signal)
  const { rows, widths } = merged.factor
  statusOf(options.out, context).write(`${options.out}: ${rows} rows of ${widths.join(' + ')} columns\n`)
}

/** The part as a file: that of its factor, and in the metadata whose rows it has seen. */
function partBytes({ factor, sources }: Part): Uint8Array {
  const bytes = factor.toBytes()
  if (sources.length === 0) return bytes
  const { tensors, metadata } = readSafetensors(bytes)
  return writeSafetensors({ tensors, metadata: { ...metadata, [SOURCES_KEY]: JSON.stringify(sources) } })
}

/** Parts merged into one. @throws InputError if one is none, has other columns, or rows that another has */
export async function readParts(paths: readonly string[], context: Context): Promise<Part> {
  let merged: Part | undefined
  const held: { source: SourceRows; path: string }[] = []
  for (const path of paths) {
    const bytes = await contentOf(path, context)
    const factor = about(`${path} is no sound part`, () => JointFactor.fromBytes(bytes))
    const sources = sourcesOf(readSafetensors(bytes).metadata[SOURCES_KEY], path)
    for (const source of sources) {
      const { name, from, to } = source
      const other = held.find(({ source: one }) => one.name === name && one.from < to && from < one.to)
      if (other !== undefined) {
        throw new InputError(
          `${path} has rows ${from} to ${to} of ${name}, of which ${other.path} has ${other.source.from} to ${other.source.to}: rows count once`,
        )
      }
      held.push({ source, path })
    }
    if (merged === undefined) merged = { factor, sources }
    else {
      const [whole, more] = [merged.factor, factor]
      about(path, () => whole.merge(more))
      merged = { factor: whole, sources: [...merged.sources, ...sources] }
    }
  }
  if (merged === undefined) throw new InputError('there is no part to merge')
  return merged
}

function sourcesOf(text: string | undefined, path: string): readonly SourceRows[] {
  if (text === undefined) return []
  const sources = about(`${path}: its sources`, () => parsed(text))
  const isSource = (x: unknown): x is SourceRows => {
    const { name, from, to } = Object(x) as Record<string, unknown>
    return typeof name === 'string' && Number.isSafeInteger(from) && Number.isSafeInteger(to)
  }
  if (Array.isArray(sources) && sources.every(isSource)) return sources
  throw new InputError(`${path} says in a way that is not known which rows it holds`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError('they are no JSON', { cause: error })
  }
}
