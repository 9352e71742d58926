import { readFile, rm, stat } from 'node:fs/promises'
import { withMember } from '../data/input.js'
import { InputError, systemReason } from '../errors.js'
import { openOutput } from '../files.js'

/** What a file of mapped vectors comes from. */
export interface Receipt {
  readonly migration: string
  readonly source: string
  readonly side: string
  readonly rows: number
  readonly cols: number
}

/** As it is written: with what tells whether the file is still the one that was written. */
interface StoredReceipt extends Receipt {
  readonly bytes: number
  readonly modified: string
}

/** Where the receipt of a file is. */
export const receiptPath = (out: string): string => `${withMember(out).path}.migration.json`

/** Writes the receipt of a file beside it. @throws InputError if it cannot be written */
export async function writeReceipt(out: string, receipt: Receipt, signal: AbortSignal): Promise<void> {
  const { size, mtime } = await stat(withMember(out).path)
  const stored: StoredReceipt = { ...receipt, bytes: size, modified: mtime.toISOString() }
  const output = await openOutput(receiptPath(out), [], { stdout: { write: () => undefined } }, { force: true })
  await output.write(new TextEncoder().encode(`${JSON.stringify(stored, null, 2)}\n`), signal)
}

/**
 * Removes a file of mapped vectors, and its receipt.
 *
 * @returns what it came from
 * @throws InputError unless there is a receipt of it, and the file is as it was written
 */
export async function removeWritten(out: string): Promise<Receipt> {
  const { path } = withMember(out)
  const receipt = await readReceipt(out)
  const found = await stat(path).catch((error: unknown) => {
    throw new InputError(`cannot read ${path}: ${systemReason(error)}`, { cause: error })
  })
  if (found.size !== receipt.bytes || found.mtime.toISOString() !== receipt.modified) {
    throw new InputError(`${path} is not as ${receiptPath(out)} says that it was written: it stays`)
  }
  await rm(path)
  await rm(receiptPath(out))
  return receipt
}

async function readReceipt(out: string): Promise<StoredReceipt> {
  const path = receiptPath(out)
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as Partial<StoredReceipt> | null
    if (typeof found?.bytes === 'number' && typeof found.modified === 'string') return found as StoredReceipt
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw new InputError(`${out} was not written by 'collimate migrate run', which leaves ${path}: ${systemReason(error)}`, { cause: error }) // prettier-ignore
    }
  }
  throw new InputError(`${path} is no receipt of 'collimate migrate run': nothing is removed`)
}
