import type { Context } from './context.js'
import { openInput } from './data/input.js'
import type { Decimal, Dtype, Header, Reading, VectorAs } from './data/reading.js'
import type { RowStream } from './data/row-stream.js'
import { oneAfterTheOther, shardsOf } from './data/shards.js'
import { InputError } from './errors.js'
import { openRows } from './formats.js'
import type { OnDuplicate } from './ids.js'
import type { RowSelection } from './rows.js'

/** What of files is read, and how. */
export interface ReadOptions {
  readonly rows?: RowSelection | undefined
  readonly header?: Header
  readonly delimiter?: string
  readonly decimal?: Decimal
  readonly vector?: VectorAs
  /** The column of ids, of all files or of each. */
  readonly id?: readonly string[]
  readonly onDuplicate?: OnDuplicate
  /** The columns that are features, likewise. */
  readonly columns?: readonly string[]
  readonly skip?: readonly string[]
  /** The field of vectors, likewise. */
  readonly field?: readonly string[]
  /** Whether columns that count were looked for already. */
  readonly isWatched?: boolean
  /** What bytes are, likewise. */
  readonly dtype?: readonly Dtype[]
  /** What files are, likewise. */
  readonly inputFormat?: readonly string[]
}

/** Opens file `i` of `count`. @throws InputError if it is missing or broken, or has no such columns */
export async function openSource(
  path: string,
  context: Context,
  { header, delimiter, decimal, vector, id, columns, skip, field, dtype, inputFormat }: ReadOptions,
  i = 0,
  count = 1,
): Promise<RowStream> {
  const reading = {
    header,
    delimiter,
    decimal,
    vector,
    signal: context.signal,
    id: ofFile(id, i, count, '--id'),
    columns: ofFile(columns, i, count, '--columns'),
    skip: ofFile(skip, i, count, '--skip'),
    field: ofFile(field, i, count, '--field'),
    dtype: ofFile(dtype, i, count, '--dtype'),
    format: ofFile(inputFormat, i, count, '--input-format'),
  }
  const shards: RowStream[] = []
  try {
    for (const shard of await shardsOf(path)) shards.push(await openShard(shard, context, reading))
    return shards.length === 1 ? shards[0] : oneAfterTheOther(path, shards)
  } catch (error) {
    await closeAll(shards)
    throw error
  }
}

async function openShard(path: string, context: Context, reading: Reading): Promise<RowStream> {
  const input = await openInput(path, context)
  try {
    const rows = await openRows(input, reading)
    if (reading.dtype === undefined && rows.bytes === undefined) return rows
    return (await import('./data/byte-embeddings.js')).asBytes(rows, reading.dtype)
  } catch (error) {
    await input.close()
    throw error
  }
}

/** What an option says for one of several files, an empty text being nothing. @throws InputError unless it was given once, or once for each */
function ofFile<T extends string>(
  values: readonly T[] | undefined,
  i: number,
  count: number,
  flag: string,
): T | undefined {
  if (values === undefined || values.length === 1) return values?.[0]
  if (values.length === count) return values[i] === '' ? undefined : values[i]
  throw new InputError(`${flag} was given ${values.length} times, expected once, or once for each of ${count} files`)
}

/** @throws InputError if it is known that files have different numbers of rows */
export function checkPaired(streams: readonly RowStream[]): void {
  const [first] = streams
  for (const { path, rows } of streams) {
    if (rows === undefined || first.rows === undefined || rows === first.rows) continue
    throw new InputError(
      `${path} has ${rows} rows, ${first.path} has ${first.rows}: row i must be the same sample in every file, or --id name a column to join them on`,
    )
  }
}

/** Opens all files of a command. @throws InputError as {@link openSource}, and if it is known that they are not paired */
export async function openAll(paths: readonly string[], context: Context, options: ReadOptions): Promise<RowStream[]> {
  const streams: RowStream[] = []
  try {
    for (const [i, path] of paths.entries()) {
      streams.push(await openSource(path, context, options, i, paths.length))
      if (options.id === undefined) checkPaired(streams)
    }
    return streams
  } catch (error) {
    await closeAll(streams)
    throw error
  }
}

/** Lets go of all. */
export async function closeAll(streams: readonly RowStream[]): Promise<void> {
  for (const stream of streams) await stream.close()
}
