import { randomBytes } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Context } from './context.js'
import { STANDARD, withMember } from './data/input.js'
import type { Sink } from './data/row-writer.js'
import { InputError, systemReason } from './errors.js'
import { printable } from './terminal.js'

// One system call moves at most 2 GiB; a piece of this size also lets Ctrl-C through in between.
const PIECE_BYTES = 2 ** 26

/** A file to be written: as a whole, or not at all. */
export interface OutputFile {
  /** Replaces what is there with `bytes`. An error or an abort leaves the old content. */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Replaces what is there with what `work` writes, piece by piece. An error or an abort leaves the old content. */
  fill(work: (sink: Sink) => Promise<void>, signal: AbortSignal): Promise<void>
}

function outputFile(fill: OutputFile['fill']): OutputFile {
  return { fill, write: (bytes, signal) => fill((sink) => sink.write(bytes), signal) }
}

/**
 * Finds out, before any work is done, whether `path` can be written: a file, or the standard output by the name of `-`. An existing file may be
 * replaced, unless it is one of the inputs or write-protected.
 *
 * @param options.force - replaces what is write-protected too
 * @param options.isText - may go to a terminal
 * @throws InputError if it is an input, a directory, in a folder where no file can be made, write-protected, or no place for binary data
 */
export async function openOutput(
  path: string,
  inputs: readonly string[],
  context: Pick<Context, 'stdout'>,
  { force = false, isText = false }: { readonly force?: boolean | undefined; readonly isText?: boolean } = {},
): Promise<OutputFile> {
  if (path === STANDARD) return standardOutput(context, isText)
  const existing = await existingFile(path)
  if (existing === undefined) {
    await probe(path, path)
    return outputFile((work, signal) => replace(path, path, work, signal))
  }
  if (existing.isDirectory()) throw new InputError(`cannot write ${path}: it is a directory`)
  // Renaming over a pipe or a device such as /dev/null would put a plain file in its place.
  if (!existing.isFile()) return outputFile((work, signal) => inPlace(path, work, signal))
  for (const input of inputs) {
    const other = await stat(withMember(input).path, { bigint: true }).catch(() => undefined)
    if (other?.dev === existing.dev && other.ino === existing.ino) {
      throw new InputError(`cannot write ${path}: it is the input file ${input}; choose another name`)
    }
  }
  if ((Number(existing.mode) & 0o222) === 0 && !force) {
    throw new InputError(`cannot write ${path}: it is write-protected; --force replaces it all the same`)
  }
  // The file behind a symbolic link is what the user means, not the link.
  const target = await realpath(path)
  await probe(path, target)
  return outputFile((work, signal) => replace(path, target, work, signal, Number(existing.mode)))
}

/** What is at `path`, links followed; undefined if nothing is. */
async function existingFile(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !/(^|[\\/])$/.test(path)) return undefined
    throw new InputError(`cannot write ${path === '' ? "''" : path}: ${systemReason(error)}`, { cause: error })
  }
}

const temporarySibling = (target: string): string =>
  join(dirname(target), `.collimate-${randomBytes(8).toString('hex')}.tmp`)

async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // What is said of an input, or found while computing, is no fault of the output.
    const isSystems = error instanceof Error && 'errno' in error
    throw isSystems ? new InputError(`cannot write ${path}: ${systemReason(error)}`, { cause: error }) : error
  }
}

/** Makes a file beside `target` and removes it: permission bits do not tell (root, access lists, read-only mounts). */
async function probe(path: string, target: string): Promise<void> {
  const temporary = temporarySibling(target)
  await writing(path, async () => {
    await (await open(temporary, 'wx')).close()
    await rm(temporary)
  })
}

/** Writes to the standard output, which may be a pipe: then as fast as it is read. */
function standardOutput({ stdout }: Pick<Context, 'stdout'>, isText: boolean): OutputFile {
  const { writeBytes } = stdout
  if (writeBytes === undefined) throw new InputError('cannot write -: there is no standard output for bytes')
  if (stdout.isTTY === true && !isText) {
    throw new InputError(
      'cannot write -: the standard output is a terminal, which binary data would confuse: redirect it to a file or a program',
    )
  }
  // Ids are texts of somebody else's: to a terminal they are no commands.
  const shown = (bytes: Uint8Array) => (stdout.isTTY === true ? Buffer.from(printable(Buffer.from(bytes).toString())) : bytes) // prettier-ignore
  return outputFile((work, signal) =>
    writing('the standard output', () =>
      work({
        write(bytes) {
          signal.throwIfAborted()
          return writeBytes(shown(bytes))
        },
      }),
    ),
  )
}

/** Text on the standard output, as fast as it is read. */
export function printed({ stdout, signal }: Pick<Context, 'stdout' | 'signal'>): Sink {
  const { writeBytes } = stdout
  const decoder = new TextDecoder()
  return {
    write: (bytes) =>
      writing('the standard output', async () => {
        signal.throwIfAborted()
        if (writeBytes === undefined) stdout.write(decoder.decode(bytes))
        else await writeBytes(bytes)
      }),
  }
}

/** Writes to a pipe or a device. */
async function inPlace(path: string, work: (sink: Sink) => Promise<void>, signal: AbortSignal): Promise<void> {
  await writing(path, async () => {
    const handle = await open(path, 'w')
    try {
      await work({ write: (bytes) => writeAll(handle, bytes, undefined, signal) })
    } finally {
      await handle.close()
    }
  })
}

/** Renaming is atomic within a folder: a reader sees the old file or the new one, never a part of it. */
async function replace(
  path: string,
  target: string,
  work: (sink: Sink) => Promise<void>,
  signal: AbortSignal,
  mode?: number,
): Promise<void> {
  const temporary = temporarySibling(target)
  await writing(path, async () => {
    try {
      const handle = await open(temporary, 'wx')
      try {
        let position = 0
        await work({
          async write(bytes) {
            await writeAll(handle, bytes, position, signal)
            position += bytes.length
          },
          patch: (bytes, at) => writeAll(handle, bytes, at, signal),
        })
        signal.throwIfAborted()
        if (mode !== undefined) await handle.chmod(mode & 0o777)
        // Without this a power cut could leave the new name on data that never reached the disk.
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(temporary, target)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  })
}

/** @param position - undefined: where the last write ended, of what has no positions */
async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    signal.throwIfAborted()
    const length = Math.min(PIECE_BYTES, bytes.length - done)
    const { bytesWritten } = await handle.write(bytes, done, length, position === undefined ? null : position + done)
    done += bytesWritten
  }
}
