import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { InputError } from '../../src/cli/errors.js'
import type { Input } from '../../src/cli/data/input.js'
import { openRows } from '../../src/cli/formats.js'
import { mutations } from '../io/mutations.js'

const FOLDER = 'test/fixtures/columnar'
const COUNT = 400
const { signal } = new AbortController()

function inputOf(name: string, bytes: Uint8Array, isStream: boolean): Input {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 997) yield await Promise.resolve(bytes.subarray(at, at + 997))
  }
  const once = pieces()
  const file = isStream ? once : { size: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length) } // prettier-ignore
  return { path: name, name, head: bytes.subarray(0, 65536), isStream, file, pieces: () => once, close: () => Promise.resolve() } // prettier-ignore
}

/** How many of some damaged files were read all the same. @throws Error if anything but InputError comes out */
async function readDamaged(names: readonly string[], count: number, seed: number, isStream = false): Promise<number> {
  let read = 0
  const files = names.map((name) => new Uint8Array(readFileSync(`${FOLDER}/${name}`)))
  const damaged = mutations(files, seed)
  for (let i = 0; i < count; i++) {
    const bytes = damaged.next().value
    const name = names[0].replace(/.*\./, 'x.')
    try {
      const rows = await openRows(inputOf(name, bytes, isStream), { signal, id: i % 2 === 0 ? 'id' : undefined })
      for await (const { matrix } of rows.chunks({ from: 0, rows: 7 })) expect(matrix.cols).toBe(rows.cols)
      read++
    } catch (error) {
      if (!(error instanceof InputError))
        throw new Error(`mutation ${i} of seed ${seed}: ${String(error)}`, { cause: error })
      expect(error.message).toMatch(/^[^\n]*$/)
    }
  }
  return read
}

const ofKind = (kind: RegExp) => readdirSync(FOLDER).filter((name) => kind.test(name))

test.each([
  ['Parquet', /\.parquet$/, false],
  ['Arrow', /\.(arrow|feather)$/, false],
  ['streams of Arrow', /\.arrows$/, true],
] as const)('whatever is done to a file, one line says so: %s', async (_, kind, isStream) => {
  const read = await readDamaged(ofKind(kind), COUNT, 1, isStream)
  // Where nothing is read, or everything, little was tried.
  expect(read).toBeGreaterThan(COUNT / 100)
  expect(read).toBeLessThan(COUNT / 1.3)
})

test.each(['lists.parquet', 'halves.parquet', 'lists.arrow', 'lz4.feather'])(
  '%s is cut short anywhere',
  async (name) => {
    const whole = new Uint8Array(readFileSync(`${FOLDER}/${name}`))
    for (let length = 0; length < whole.length; length += 1 + (length >> 4)) {
      await expect(openRows(inputOf(name, whole.subarray(0, length), false), { signal })).rejects.toBeInstanceOf(
        InputError,
      )
    }
  },
)
