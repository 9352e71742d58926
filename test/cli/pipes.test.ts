import { spawn } from 'node:child_process'
import { chmodSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { readNpy, writeNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B] = pairedModalities(500, [6, 5])
const model = new PerfectAlignment({ nComponents: 3 }).fit([A, B])
const file = sandbox.file('m.safetensors', model.toBytes())
const [a, b] = [sandbox.npy('a.npy', A), sandbox.npy('b.npy', B)]
const text = A.toArray().map((row) => `${row.join(',')}\n`).join('') // prettier-ignore
const z = writeNpy(model.transform(A, 0))

/** What a command wrote to the standard output. */
async function piped(argv: readonly string[], stdin?: Uint8Array) {
  const written: Uint8Array[] = []
  const done = await collimate(argv, { written, ...(stdin && { stdin }) })
  return { ...done, bytes: new Uint8Array(Buffer.concat(written)) }
}

const utf8 = (words: string) => new TextEncoder().encode(words)

describe('- is the standard input and output', () => {
  it('of .npy in and out', async () => {
    const done = await piped(['transform', file, '-', '-m', '0', '-o', '-'], writeNpy(A))
    expect(done).toEqual({ code: 0, stdout: '', stderr: '-: 500 x 3 latents of modality 0\n', bytes: z })
  })

  it('of text in, and of what --format says out', async () => {
    const done = await piped(['transform', file, '-', '-m', '0', '-o', '-', '--format', 'csv'], utf8(text))
    expect(done).toMatchObject({ code: 0, stderr: '-: 500 x 3 latents of modality 0\n' })
    const numbers = new TextDecoder().decode(done.bytes).trimEnd().split('\n').flatMap((line) => line.split(',').map(Number)) // prettier-ignore
    expect(Float64Array.from(numbers)).toEqual(readNpy(z).data)
    await collimate(['transform', file, a, '-m', '0', '-o', sandbox.path('z.dat'), '--format', 'csv'])
    expect(new Uint8Array(readFileSync(sandbox.path('z.dat')))).toEqual(done.bytes)
  })

  it('of models, and one of several files', async () => {
    const fitted = await piped(['fit', a, '-', '-k', '3', '-o', '-'], writeNpy(B))
    expect(fitted.code).toBe(0)
    expect(fitted.stderr).toMatch(/^-: 3 components of 6 \+ 5 columns, 500 rows/)
    const named = sandbox.path('named.safetensors')
    await collimate(['fit', a, b, '-k', '3', '-o', named])
    expect(fitted.bytes).toEqual(new Uint8Array(readFileSync(named)))
    const mapped = await piped(['transform', '-', a, '-m', '0', '-o', '-'], fitted.bytes)
    expect(mapped.bytes).toEqual(z)
    expect((await piped(['info', '-'], fitted.bytes)).stdout).toMatch(/^method +perfect-alignment$/m)
    expect((await piped(['evaluate', file, '-', b], utf8(text))).stdout).toMatch(/recall/)
  })

  it('is put aside where rows are asked for in another order than they come', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => (i + 5) % 500)
    const turned = rows.flatMap((row) => Array.from(model.transform(A, 0).row(row)))
    for (const input of [writeNpy(A), utf8(text)]) {
      await collimate(['transform', file, '-', '-m', '0', '--rows', '5:,0:5', '-o', sandbox.path('z.npy')], { stdin: input }) // prettier-ignore
      expect(readNpy(readFileSync(sandbox.path('z.npy'))).data).toEqual(Float64Array.from(turned))
    }
  })

  it('is refused where it cannot be', async () => {
    const refused = async (argv: string[], stdin?: Uint8Array) => {
      const done = await piped(argv, stdin)
      // Of numbers there are none: what was written before cannot be taken back.
      expect([done.code, done.bytes.length <= 128]).toEqual([2, true])
      return done.stderr
    }
    expect(await refused(['fit', '-', '-', '-k', '3', '-o', '-'], writeNpy(A))).toMatch(
      /read once: only one file can be it/,
    )
    expect(await refused(['transform', file, '-', '-m', '0', '-o', '-'])).toMatch(/there is no standard input/)
    expect(await refused(['transform', file, '-', '-m', '0', '-o', '-'], utf8(text))).toMatch(/which only the end of the input tells: write .csv, or to a file/) // prettier-ignore
    expect(await refused(['transform', file, '-', '-m', '0', '-o', '-'], writeNpy(A).subarray(0, 5000))).toMatch(/the standard input: the file ends within an array/) // prettier-ignore
    const fortran = writeNpy(A)
    fortran.set(utf8('True '), new TextDecoder('latin1').decode(fortran).indexOf('False'))
    expect(await refused(['transform', file, '-', '-m', '0', '-o', '-'], fortran)).toMatch(/in Fortran order/)
    const terminal = await collimate(['transform', file, a, '-m', '0', '-o', '-'], { isTTY: true, written: [] })
    expect(terminal).toMatchObject({ code: 2, stderr: expect.stringMatching(/is a terminal, which binary data would confuse/) as string }) // prettier-ignore
    expect(await collimate(['transform', file, a, '-m', '0', '-o', '-', '--format', 'csv'], { isTTY: true, written: [] })).toMatchObject({ code: 0 }) // prettier-ignore
    expect(existsSync('-')).toBe(false)
  })
})

describe('files that are written', () => {
  it('are not write-protected, unless that is meant', async () => {
    const out = sandbox.file('kept.npy', 'kept')
    chmodSync(out, 0o444)
    const argv = ['transform', file, a, '-m', '0', '-o', out]
    expect((await collimate(argv)).stderr).toMatch(/kept\.npy: it is write-protected; --force replaces it all the same/)
    expect(readFileSync(out, 'utf8')).toBe('kept')
    expect((await collimate([...argv, '--force'])).code).toBe(0)
    expect(new Uint8Array(readFileSync(out))).toEqual(z)
  })
})

describe('control bytes of a file', () => {
  const controlled = (words: string) => Array.from(words).some((c) => c !== '\n' && c.charCodeAt(0) < 32)

  it('do not reach the terminal', async () => {
    const evil = '\u001b]0;title\u0007'
    for (const content of [
      `a,b\n1,${evil}\n`,
      `${evil},b\n1,2\n2,3\n3\n`,
      `${evil},b\n${Array.from({ length: 30 }, (_, i) => `${i},${i % 2}\n`).join('')}`,
    ]) {
      const bad = sandbox.file('evil.csv', content)
      const { stderr } = await collimate(['fit', bad, bad, '-k', '1', '-o', sandbox.path('e.safetensors')])
      expect(stderr).not.toBe('')
      expect(controlled(stderr)).toBe(false)
    }
  })
})

describe('the built command', () => {
  const run = async (argv: string[], stdout: 'pipe' | number = 'pipe', input?: Uint8Array) => {
    const child = spawn(process.execPath, ['dist/cli.js', ...argv], { stdio: ['pipe', stdout, 'pipe'] })
    const pieces: Buffer[] = []
    let stderr = ''
    child.stdout?.on('data', (piece: Buffer) => pieces.push(piece))
    child.stderr?.on('data', (piece: Buffer) => (stderr += String(piece)))
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
    const code = await new Promise((resolve) => child.on('close', resolve))
    return { code, stderr, bytes: new Uint8Array(Buffer.concat(pieces)) }
  }

  it('is a pipe between programs', async () => {
    const done = await run(['transform', file, '-', '-m', '0', '-o', '-'], 'pipe', writeNpy(A))
    expect(done).toMatchObject({ code: 0, stderr: '-: 500 x 3 latents of modality 0\n' })
    // Another process may take other kernels.
    const { data } = readNpy(done.bytes)
    readNpy(z).data.forEach((entry, i) => {
      expect(data[i]).toBeCloseTo(Number(entry), 10)
    })
  })

  it('says in one line that a device is full', async () => {
    for (const argv of [
      ['--help'],
      ['info', file],
      ['evaluate', file, a, b],
      ['nearest', a, a],
      ['transform', file, a, '-m', '0', '-o', '-'],
    ]) {
      // prettier-ignore
      const { code, stderr } = await run(argv, openSync('/dev/full', 'w'))
      expect(code).toBe(2)
      expect(stderr).toMatch(/^collimate: cannot write the standard output: no space left on device\n$/)
    }
  })

  it('leaves no temporary file when it is ended', async () => {
    const child = spawn(process.execPath, ['dist/cli.js', 'transform', file, '-', '-m', '0', '-o', sandbox.path('never.npy')], { stdio: ['pipe', 'pipe', 'pipe'] }) // prettier-ignore
    child.stdin.on('error', () => undefined)
    child.stdin.write(writeNpy(new Matrix(20_000, 6)).subarray(0, 500_000))
    const temporary = () => readdirSync(sandbox.folder).filter((name) => name.endsWith('.tmp'))
    // Then the process waits for the rest of its input.
    while (temporary().length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGTERM')
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, temporary(), existsSync(sandbox.path('never.npy'))]).toEqual([143, [], false])
  })
})
