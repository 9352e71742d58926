import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentOf } from '../../src/cli/data/input.js'
import { openOutput as open } from '../../src/cli/files.js'

const { signal } = new AbortController()
const bytes = Uint8Array.of(1, 2, 3)
const silent = { write: () => undefined }
const context = { stdout: silent, stderr: silent, env: {}, signal }
const openOutput = (path: string, inputs: readonly string[], options = {}) => open(path, inputs, context, options)
let folder: string
const inFolder = (name: string) => join(folder, name)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'collimate-files-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('contentOf', () => {
  it('reads a file into a buffer of its own', async () => {
    await writeFile(inFolder('a'), bytes)
    const read = await contentOf(inFolder('a'), context)
    expect(read).toEqual(bytes)
    expect(read.byteOffset).toBe(0)
  })

  it('reads what has no size, such as a device', async () => {
    expect(await contentOf('/dev/null', context)).toHaveLength(0)
  })

  it('says why it cannot', async () => {
    await writeFile(inFolder('a'), bytes)
    await expect(contentOf(inFolder('missing'), context)).rejects.toThrow(
      /^cannot read .*missing: no such file or directory$/,
    )
    await expect(contentOf(folder, context)).rejects.toThrow(/^cannot read .*: it is a directory$/)
    await expect(contentOf(inFolder('a/b'), context)).rejects.toThrow(/^cannot read .*: not a directory$/)
  })
})

describe('openOutput', () => {
  it('writes a new file and leaves nothing beside it', async () => {
    await (await openOutput(inFolder('new'), [])).write(bytes, signal)
    expect(new Uint8Array(await readFile(inFolder('new')))).toEqual(bytes)
    expect(await readdir(folder)).toEqual(['new'])
  })

  it('creates nothing before it is told to write', async () => {
    await openOutput(inFolder('new'), [])
    expect(await readdir(folder)).toEqual([])
  })

  it('replaces an existing file and keeps its permissions', async () => {
    await writeFile(inFolder('old'), 'old', { mode: 0o600 })
    await (await openOutput(inFolder('old'), [])).write(bytes, signal)
    expect(new Uint8Array(await readFile(inFolder('old')))).toEqual(bytes)
    expect((await stat(inFolder('old'))).mode & 0o777).toBe(0o600)
  })

  it('writes through a symbolic link', async () => {
    await writeFile(inFolder('old'), 'old')
    await symlink(inFolder('old'), inFolder('link'))
    await (await openOutput(inFolder('link'), [])).write(bytes, signal)
    expect(new Uint8Array(await readFile(inFolder('old')))).toEqual(bytes)
    expect(await readdir(folder)).toEqual(['link', 'old'])
  })

  it('does not turn a device into a file', async () => {
    await (await openOutput('/dev/null', [])).write(bytes, signal)
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true)
  })

  it('refuses an input, by whatever name', async () => {
    await writeFile(inFolder('a.npy'), bytes)
    await link(inFolder('a.npy'), inFolder('hard'))
    await symlink('a.npy', inFolder('soft'))
    for (const name of ['a.npy', './a.npy', 'hard', 'soft']) {
      await expect(openOutput(`${folder}/${name}`, [inFolder('missing'), inFolder('a.npy')])).rejects.toThrow(
        /it is the input file .*a\.npy; choose another name/,
      )
    }
  })

  it('says early why it cannot be written', async () => {
    await mkdir(inFolder('folder'))
    await writeFile(inFolder('a'), bytes)
    await expect(openOutput(inFolder('folder'), [])).rejects.toThrow(/^cannot write .*folder: it is a directory$/)
    await expect(openOutput(inFolder('no/a'), [])).rejects.toThrow(/^cannot write .*no\/a: no such file or directory$/)
    await expect(openOutput(inFolder('new/'), [])).rejects.toThrow(/^cannot write .*new\/: no such file or directory$/)
    await expect(openOutput(inFolder('a/b'), [])).rejects.toThrow(/^cannot write .*a\/b: not a directory$/)
    await expect(openOutput('', [])).rejects.toThrow("cannot write '': no such file or directory")
    await expect(openOutput('/proc/new', [])).rejects.toThrow(/^cannot write \/proc\/new: /)
  })

  it('leaves the old content and no other file when it is aborted or fails', async () => {
    await writeFile(inFolder('old'), 'old')
    const output = await openOutput(inFolder('old'), [])
    await expect(output.write(bytes, AbortSignal.abort())).rejects.toThrow(/abort/)
    const vanished = await openOutput(inFolder('late'), [])
    await mkdir(inFolder('late'))
    await expect(vanished.write(bytes, signal)).rejects.toThrow(/^cannot write .*late: /)
    expect(await readdir(folder)).toEqual(['late', 'old'])
    expect(await readFile(inFolder('old'), 'utf8')).toBe('old')
  })
})
