import { getSystemErrorMap } from 'node:util'
import { FileFormatError } from '../errors.js'

/** The user's input, not this program, is at fault: one line on stderr, exit code 2. */
export class InputError extends Error {
  override name = 'InputError'
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
    const usersFault = [FileFormatError, TypeError, RangeError].some((kind) => error instanceof kind)
    if (usersFault) throw new InputError(`${subject}: ${(error as Error).message}`, { cause: error })
    throw error
  }
}
