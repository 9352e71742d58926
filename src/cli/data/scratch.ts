import { randomBytes } from 'node:crypto'
import { readSync } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InputError, systemReason } from '../errors.js'

// What is less never becomes a file.
const MEMORY_BYTES = 2 ** 25
const FIRST_BYTES = 2 ** 16

/**
 * Bytes that are written once and read at any place: in memory while they are few, then in a temporary file. That has no name as soon as it is open,
 * so that nothing is left of it however the process ends.
 */
export class Scratch {
  #memory = new Uint8Array(FIRST_BYTES)
  #length = 0
  #handle: FileHandle | undefined
  #path = ''
  #isNamed = false

  /** Puts bytes behind what there is. @throws InputError if there is no room for them */
  async append(bytes: Uint8Array): Promise<void> {
    const end = this.#length + bytes.length
    if (this.#handle === undefined && end <= MEMORY_BYTES) {
      if (end > this.#memory.length) this.#grow(end)
      this.#memory.set(bytes, this.#length)
    } else {
      await this.#writing(async () => {
        const handle = (this.#handle ??= await this.#toFile())
        await writeAll(handle, bytes, this.#length)
      })
    }
    this.#length = end
  }

  /** Bytes from a place on. It waits for them: of rows that lie here and there a promise each would take far longer. */
  read(at: number, length: number): Uint8Array {
    if (this.#handle === undefined) return this.#memory.slice(at, at + length)
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length;) {
      const count = readSync(this.#handle.fd, bytes, done, length - done, at + done)
      if (count === 0) throw new InputError(`a temporary file in ${tmpdir()} was cut short`)
      done += count
    }
    return bytes
  }

  /** Gives memory and file back. */
  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    this.#memory = new Uint8Array(0)
    await handle?.close()
    if (this.#isNamed) await rm(this.#path, { force: true })
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.min(MEMORY_BYTES, Math.max(length, 2 * this.#memory.length)))
    larger.set(this.#memory.subarray(0, this.#length))
    this.#memory = larger
  }

  async #toFile(): Promise<FileHandle> {
    this.#path = join(tmpdir(), `.collimate-${randomBytes(8).toString('hex')}.tmp`)
    const handle = await open(this.#path, 'wx+', 0o600)
    // Where the system keeps names of open files it goes when it is closed.
    this.#isNamed = await rm(this.#path).then(
      () => false,
      () => true,
    )
    await writeAll(handle, this.#memory.subarray(0, this.#length), 0)
    this.#memory = new Uint8Array(0)
    return handle
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw new InputError(
        `cannot write a temporary file in ${tmpdir()}: ${systemReason(error)}; TMPDIR names another folder`,
        { cause: error },
      )
    }
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
