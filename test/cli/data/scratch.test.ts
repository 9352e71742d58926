import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { IdTable, Texts } from '../../../src/cli/data/id-table.js'
import { Scratch } from '../../../src/cli/data/scratch.js'

const folder = mkdtempSync(join(tmpdir(), 'collimate-scratch-'))
afterEach(() => {
  vi.unstubAllEnvs()
})

const MEBIBYTE = 2 ** 20
const piece = (i: number) => new Uint8Array(MEBIBYTE).fill(i + 1)

describe('Scratch', () => {
  it('gives back what was put in, in memory and from a file without a name', async () => {
    vi.stubEnv('TMPDIR', folder)
    const scratch = new Scratch()
    for (let i = 0; i < 34; i++) {
      await scratch.append(piece(i))
      expect(scratch.read(i * MEBIBYTE - (i > 0 ? 1 : 0), 2)).toEqual(
        i > 0 ? Uint8Array.of(i, i + 1) : Uint8Array.of(1, 1),
      )
    }
    expect(Buffer.compare(scratch.read(3 * MEBIBYTE, MEBIBYTE), piece(3))).toBe(0)
    // Whatever ends the process now, there is nothing to remove.
    expect(readdirSync(folder)).toEqual([])
    await scratch.close()
    rmSync(folder, { recursive: true })
  })

  it('says what to do where there is no room', async () => {
    vi.stubEnv('TMPDIR', join(folder, 'missing'))
    const scratch = new Scratch()
    await scratch.append(new Uint8Array(32 * MEBIBYTE))
    await expect(scratch.append(piece(0))).rejects.toThrow(
      /^cannot write a temporary file in .*missing: no such file or directory; TMPDIR names another folder$/,
    )
    await scratch.close()
  })
})

describe('IdTable', () => {
  it('numbers different texts, whatever they are', () => {
    const table = new IdTable()
    const numbers = new Map<string, number>()
    const words = ['', 'a', 'ä', '日本', '\u{1f600}', 'a'.repeat(5000), 'b', 'ab', 'a', '']
    for (const word of [...words, ...Array.from({ length: 30_000 }, (_, i) => `item ${i % 20_000}`)]) {
      if (!numbers.has(word)) numbers.set(word, numbers.size)
      expect(table.number(word)).toBe(numbers.get(word))
    }
    expect(table.size).toBe(numbers.size)
    for (const [word, number] of numbers) expect(table.at(number)).toBe(word)
  })

  it('takes less than 120 bytes an id', () => {
    const COUNT = 50_000
    const bytes = () => process.memoryUsage().arrayBuffers
    const table = new IdTable()
    const before = bytes()
    for (let i = 0; i < COUNT; i++) table.number(`customer-${String(i).padStart(12, '0')}`)
    // What was outgrown may not be freed yet: less than what took its place.
    expect((bytes() - before) / COUNT).toBeLessThan(2 * 120)
    expect(table.size).toBe(COUNT)
  })
})

describe('Texts', () => {
  it('are a list', () => {
    const texts = new Texts()
    for (const word of ['x', '', 'long text']) texts.push(word)
    expect([texts.length, texts.slice(0, 9)]).toEqual([3, ['x', '', 'long text']])
    texts.pop()
    texts.push('y')
    expect(texts.at(2)).toBe('y')
  })
})
