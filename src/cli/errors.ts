import { getSystemErrorMap } from 'node:util'
import { FileFormatError } from '../errors.js'

/** The user's input, not this program, is at fault: one line on stderr, exit code 2. */
export class InputError extends Error {
  override name = 'InputError'
}

/** The work was done, and its answer is no: the line on stderr says why, exit code 3. */
export class VerdictError extends Error {
  override name = 'VerdictError'
}

/** What a file operation failed of, in the operating system's words without its jargon ('no such file or directory'). */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, errno } = error as NodeJS.ErrnoException
  if (code === 'EISDIR') return 'it is a directory'
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? error.message
}

/** Runs `work`, and puts `subject` (mostly a file name) in front of what it finds wrong with the input. */
export function about<T>(subject: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw named(subject, error)
  }
}

/** {@link about} of work that takes its time. */
export async function aboutAsync<T>(subject: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw named(subject, error)
  }
}

/** {@link about} of what comes one after the other. */
export async function* aboutEach<T>(subject: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  for (;;) {
    const next = await aboutAsync(subject, () => iterator.next())
    if (next.done === true) return
    yield next.value
  }
}

function named(subject: string, error: unknown): unknown {
  const usersFault = [FileFormatError, TypeError, RangeError].some((kind) => error instanceof kind)
  return usersFault ? new InputError(`${subject}: ${(error as Error).message}`, { cause: error }) : error
}
