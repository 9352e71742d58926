import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dirname, join } from 'node:path'
import { Matrix } from '../../src/matrix.js'
import { pairedModalities, Sandbox, type Outcome } from './harness.js'

const CLI = 'dist/cli.js'
const sandbox = new Sandbox()
const [A, B] = pairedModalities(60, [6, 5])
const a = sandbox.npy('a.npy', A)
const b = sandbox.npy('b.npy', B)

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: 'npm run build' makes it`)
})
afterAll(() => {
  sandbox.remove()
})

const start = (...argv: string[]) => spawn(process.execPath, [CLI, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })

function outcome(child: ChildProcess): Promise<Outcome> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => (texts[name] += text))
  }
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code: code ?? -1, ...texts })
    })
  })
}

describe('the built command line', () => {
  it('is a script that Node runs', () => {
    expect(readFileSync(CLI, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  })

  it('starts, and reads a .npy file, without the readers of other formats', () => {
    const loaded = new Set([CLI])
    for (const file of loaded) {
      for (const [, name] of readFileSync(file, 'utf8').matchAll(/^import .*?'(\.[^']+)'/gm))
        loaded.add(join(dirname(file), name))
    }
    // What the libraries for Parquet, Arrow, zstd and CSV say of broken files.
    const words = [
      'thrift unhandled type',
      'Delta update can not be first',
      'invalid zstd data',
      'Invalid Record Length',
    ]
    const has = (files: Iterable<string>) =>
      words.filter((word) => [...files].some((file) => readFileSync(file, 'utf8').includes(word)))
    expect(has(readdirSync('dist/chunks').map((name) => `dist/chunks/${name}`))).toEqual(words)
    expect(has(loaded)).toEqual([])
  })

  it('goes from two files to latents, a translation and a report', async () => {
    const [model, z, y] = ['m.safetensors', 'z.npy', 'y.npy'].map((name) => sandbox.path(name))
    for (const argv of [
      ['fit', a, b, '--components', '3', '--rows', ':40', '--out', model],
      ['transform', model, a, '--modality', '0', '--out', z],
      ['translate', model, a, '--from', '0', '--to', '1', '--out', y],
      ['evaluate', model, a, b, '--rows', '40:', '--json'],
      ['info', model],
    ]) {
      const { code, stdout, stderr } = await outcome(start(...argv))
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).not.toBe('')
    }
  })

  it('prints its version and its help from any folder', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    const elsewhere = spawn(process.execPath, [`${process.cwd()}/${CLI}`, '--version'], { cwd: sandbox.folder })
    expect(await outcome(elsewhere)).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    expect((await outcome(start('--help'))).stdout).toContain('Usage: collimate')
  })

  it('ends with 2 and one line on bad input', async () => {
    const { code, stdout, stderr } = await outcome(start('info', sandbox.path('missing')))
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^collimate: cannot read [^\n]*missing: no such file or directory\n$/)
  })

  it('does not mind a reader that has gone', async () => {
    const child = start('--help')
    child.stdout.destroy()
    expect(await outcome(child)).toMatchObject({ code: 0, stderr: '' })
  })

  it('is interrupted by Ctrl-C in the middle of a fit: exit code 130, no file left', async () => {
    const large = () =>
      new Matrix(
        2500,
        300,
        Float64Array.from({ length: 750_000 }, (_, i) => Math.sin(i * i)),
      )
    const argv = ['fit', sandbox.npy('large1.npy', large()), sandbox.npy('large2.npy', large()), '-k', '200']
    const before = readdirSync(sandbox.folder)
    const child = start(...argv, '--out', sandbox.path('never.safetensors'))
    // The first sign that it is at work is the file by which it finds out whether it can write here.
    const watcher = watch(sandbox.folder, () => {
      child.kill('SIGINT')
      watcher.close()
    })
    expect(await outcome(child)).toEqual({ code: 130, stdout: '', stderr: 'collimate: interrupted\n' })
    expect(readdirSync(sandbox.folder)).toEqual(before)
  })
})
