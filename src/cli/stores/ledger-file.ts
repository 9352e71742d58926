import { open, readFile, rename, rm } from 'node:fs/promises'
import type { Ledger, LedgerEntry } from '../../migration/stores/vector-store.js'
import { InputError, systemReason } from '../errors.js'

/**
 * Progress in a file, for a store without transactions. It is replaced as a whole; between its check and its replacement another run could write,
 * so that two runs at once are noticed a page later at most.
 */
export function ledgerFile(path: string): Ledger {
  const read = async (): Promise<LedgerEntry | undefined> => {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new InputError(`cannot read ${path}: ${systemReason(error)}`, { cause: error })
    })
    return text === undefined ? undefined : entryOf(text, path)
  }
  return {
    read,
    async write(entry) {
      const before = (await read())?.revision ?? 0
      if (before !== entry.revision - 1) return false
      try {
        await replace(path, `${JSON.stringify(entry)}\n`)
      } catch (error) {
        throw new InputError(`cannot write ${path}: ${systemReason(error)}`, { cause: error })
      }
      return true
    },
    async remove() {
      for (const file of [temporaryOf(path), path]) await rm(file, { force: true })
    },
  }
}

/** Of one name, so that what a killed run left is taken by the next. */
const temporaryOf = (path: string): string => `${path}.tmp`

async function replace(path: string, text: string): Promise<void> {
  const temporary = temporaryOf(path)
  const handle = await open(temporary, 'w')
  try {
    await handle.writeFile(text)
    // A power cut must not leave a ledger that is behind by more than the page that is written again, nor an empty one.
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, path)
}

/** An entry as it was written. @throws InputError if it is none */
export function entryOf(text: string, where: string): LedgerEntry {
  try {
    const entry = JSON.parse(text) as LedgerEntry
    if (Number.isSafeInteger(entry.revision) && Number.isSafeInteger(entry.rows)) return entry
  } catch {
    // It is said below.
  }
  throw new InputError(`${where} is no ledger of a migration`)
}
