import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { InputError, systemReason } from '../errors.js'
import { withMember } from './input.js'
import { regrouped } from './regrouped.js'
import type { RowChunk, RowStream, Span } from './row-stream.js'

/** The files that a name with * or ? stands for, in the order of their numbers; itself if it has none, or a file is called so. */
export async function shardsOf(named: string): Promise<string[]> {
  const { path, member } = withMember(named)
  const name = basename(path)
  if (!/[*?]/.test(name) || (await stat(path).catch(() => undefined)) !== undefined) return [named]
  const literal = (text: string) => text.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  const pattern = new RegExp(`^${name.split(/([*?])/).map((part) => (part === '*' ? '.*' : part === '?' ? '.' : literal(part))).join('')}$`, 's') // prettier-ignore
  const folder = dirname(path)
  const names = await readdir(folder).catch((error: unknown) => {
    throw new InputError(`cannot read ${path}: ${systemReason(error)}`, { cause: error })
  })
  const found = names.filter((one) => pattern.test(one)).sort(new Intl.Collator('en', { numeric: true }).compare)
  if (found.length === 0) throw new InputError(`cannot read ${path}: no file is called so`)
  return found.map((one) => join(folder, member === undefined ? one : `${one}:${member}`))
}

/** Files one after the other as one. @throws InputError if they differ in their columns */
export function oneAfterTheOther(path: string, shards: readonly RowStream[]): RowStream {
  const [first] = shards
  for (const { path: other, cols } of shards) {
    if (cols !== first.cols) throw new InputError(`${other} has ${cols} columns, ${first.path} has ${first.cols}`)
  }
  return new Shards(path, shards)
}

class Shards implements RowStream {
  readonly path: string
  readonly #shards: readonly RowStream[]

  constructor(path: string, shards: readonly RowStream[]) {
    this.path = path
    this.#shards = shards
  }

  get columns(): readonly number[] {
    return this.#shards[0].columns
  }

  get cols(): number {
    return this.#shards[0].cols
  }

  get names(): readonly string[] | undefined {
    return this.#shards[0].names
  }

  get precision(): 'f32' | 'f64' {
    return this.#shards.every(({ precision }) => precision === 'f32') ? 'f32' : 'f64'
  }

  get isForward(): boolean {
    return this.#shards.some(({ isForward }) => isForward)
  }

  get rows(): number | undefined {
    return this.#shards.reduce<number | undefined>(
      (sum, { rows }) => (sum === undefined || rows === undefined ? undefined : sum + rows),
      0,
    )
  }

  chunks({ from, to = Infinity, rows }: Span): AsyncGenerator<RowChunk> {
    return regrouped(this.#pieces(from, to, rows), rows)
  }

  /** Rows as the shards have them. */
  async *#pieces(from: number, to: number, rows: number): AsyncGenerator<RowChunk> {
    let start = 0
    for (const shard of this.#shards) {
      if (start >= to) return
      const known = shard.rows
      if (known === undefined || start + known > from) {
        const span = { from: Math.max(0, from - start), to: known === undefined && to === Infinity ? undefined : Math.min(known ?? Infinity, to - start), rows } // prettier-ignore
        let seen = span.from
        for await (const chunk of shard.chunks(span)) {
          seen += chunk.matrix.rows
          yield chunk
        }
        start += shard.rows ?? seen
      } else start += known
    }
  }

  async close(): Promise<void> {
    for (const shard of this.#shards) await shard.close()
  }
}
