import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import seedrandom from 'seedrandom'
import { main } from '../../src/cli/program.js'
import { writeNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'

/** What a command line did: its exit code and both streams. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How the command line's surroundings differ from two pipes and an empty environment. */
export interface Surroundings {
  readonly isTTY?: boolean
  readonly env?: Record<string, string>
  readonly signal?: AbortSignal
  /** What comes by the standard input, some bytes at a time. */
  readonly stdin?: Uint8Array
  /** Where bytes go that are written to the standard output. */
  readonly written?: Uint8Array[]
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const length = 1000
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length))
}

/** Runs one command line in this process. */
export async function collimate(argv: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { isTTY = false, env = {}, signal = new AbortController().signal, stdin, written } = surroundings
  const texts = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY,
    columns: 80,
    write: (text: string) => (texts[name] += text),
    ...(written && { writeBytes: (bytes: Uint8Array) => Promise.resolve(void written.push(bytes.slice())) }),
  })
  const bytes = stdin && { stdin: () => inPieces(stdin) }
  const code = await main(argv, { stdout: stream('stdout'), stderr: stream('stderr'), env, signal, ...bytes })
  return { code, ...texts }
}

/** An empty folder of its own, and the means to fill and to remove it. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'collimate-cli-'))

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Writes a file and returns its path. */
  file(name: string, content: Uint8Array | string): string {
    writeFileSync(this.path(name), content)
    return this.path(name)
  }

  npy(name: string, matrix: Matrix): string {
    return this.file(name, writeNpy(matrix))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** Paired modalities: different linear images of the same latent factors, with noise. */
export function pairedModalities(rows: number, widths: readonly number[], factors = 4, noise = 0.05): Matrix[] {
  const random = seedrandom('paired modalities')
  // A sum of uniforms is close enough to a normal deviate for test data.
  const deviate = () => random() + random() + random() + random() - 2
  const latents = Array.from({ length: rows }, () => Array.from({ length: factors }, deviate))
  return widths.map((width) => {
    const mixing = Array.from({ length: factors }, () => Array.from({ length: width }, deviate))
    const entry = (z: number[], j: number) => z.reduce((sum, zf, f) => sum + zf * mixing[f][j], noise * deviate())
    return Matrix.from(latents.map((z) => Array.from({ length: width }, (_, j) => entry(z, j))))
  })
}
