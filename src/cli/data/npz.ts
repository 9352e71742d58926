import { byteReader, type RandomAccess } from '../../io/streams/byte-reader.js'
import { npyHeader, npyRows } from '../../io/streams/open-npy.js'
import { npyTextHeader } from '../../io/npy-header.js'
import type { Reading } from './reading.js'
import { aboutAsync, aboutEach, InputError } from '../errors.js'
import type { Input } from './input.js'
import { npyWriter, storedRows } from './npy.js'
import type { RowStream } from './row-stream.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'
import { withIds } from './tensor-rows.js'
import { memberBytes, zipMembers, ZipWriter, type Member } from './zip.js'

// As numpy.savez calls the first.
const ARRAY = 'arr_0'
const IDS = 'ids'
const MAX_TEXT_BYTES = 2 ** 31

/** An array of a .npz file; `--id` names another, of texts or integers. @throws InputError if there is none of that name, or the archive is broken */
export async function openNpz(input: Input, reading: Reading): Promise<RowStream> {
  const { path, member } = input
  const file = input.file as RandomAccess
  if (input.isStream) throw new InputError(`${path}: the directory of a .npz file is at its end: give the file itself`)
  const members = (await zipMembers(file, path)).filter(({ name }) => name.endsWith('.npy'))
  const array = chosen(members, member, reading.id, path)
  const content = await contentOf(file, array, path)
  const source: Input = { ...input, isStream: !isRandom(content) }
  const stored = await aboutAsync(`${path}: ${array.name}`, async () => {
    const reader = byteReader(content)
    return npyRows(reader, await npyHeader(reader, reading.signal))
  })
  if (reading.id === undefined) return storedRows(stored, source, reading)
  const own = members.find(({ name }) => name === `${reading.id}.npy`)
  if (own === undefined) return storedRows(stored, source, reading)
  const ids = await textsOf(await contentOf(file, own, path), `${path}: ${own.name}`, reading.signal)
  if (ids.length !== stored.rows) {
    throw new InputError(`${path}: ${own.name} has ${ids.length} ids, ${array.name} has ${stored.rows} rows`)
  }
  return withIds(storedRows(stored, source, { ...reading, id: undefined }), ids)
}

const isRandom = (file: unknown): boolean => typeof file === 'object' && file !== null && 'read' in file

function chosen(members: readonly Member[], name: string | undefined, id: string | undefined, path: string): Member {
  const others = members.filter((member) => member.name !== `${id ?? IDS}.npy`)
  const found = name === undefined && others.length === 1 ? others[0] : members.find((one) => one.name === `${name}.npy`) // prettier-ignore
  if (found !== undefined) return found
  if (members.length === 0) {
    throw new InputError(`${path} is a zip archive without arrays, as PyTorch checkpoints are: save the one array, e.g. numpy.save("x.npy", x)`) // prettier-ignore
  }
  const names = members.map((member) => member.name.replace(/\.npy$/, ''))
  const has = `it has ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}` // prettier-ignore
  const how = `: give ${path}:NAME`
  throw new InputError(name === undefined ? `${path} has several arrays, ${names.slice(0, 8).join(', ')}${how}` : `${path} has no array '${name}'; ${has}`) // prettier-ignore
}

/** A member as it was before it was packed. */
async function contentOf(
  file: RandomAccess,
  member: Member,
  path: string,
): Promise<RandomAccess | AsyncIterable<Uint8Array>> {
  const packed = await memberBytes(file, member, path)
  if (member.method === 0) return packed
  if (member.method !== 8) throw new InputError(`${path}: '${member.name}' is packed by method ${member.method}; 0 and 8 are read`) // prettier-ignore
  const { createInflateRaw } = await import('node:zlib')
  const { pipeline, Readable } = await import('node:stream')
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const PIECE_BYTES = 2 ** 20
    for (let at = 0; at < packed.size; at += PIECE_BYTES) {
      yield await packed.read(at, Math.min(PIECE_BYTES, packed.size - at))
    }
  }
  const unpacked = pipeline(Readable.from(pieces(), { objectMode: false }), createInflateRaw(), () => undefined)
  return aboutUnpacking(unpacked as AsyncIterable<Uint8Array>, `${path}: '${member.name}'`)
}

async function* aboutUnpacking(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${what} cannot be unpacked: ${(error as Error).message}`, { cause: error })
  }
}

/** An array of texts or integers. @throws InputError if it is another */
async function textsOf(
  file: RandomAccess | AsyncIterable<Uint8Array>,
  what: string,
  signal: AbortSignal,
): Promise<string[]> {
  const reader = byteReader(file)
  const head = await reader.read(0, 10, signal)
  const length = head.length < 10 ? 0 : head[8] + 256 * head[9]
  const text = new TextDecoder('latin1').decode(await reader.read(10, length, signal))
  const match = /'descr': '([<>|])([US])(\d+)'.*'shape': \((\d+),\)/.exec(text)
  if (match === null) {
    if (!isRandom(file)) throw new InputError(`${what} holds no texts, which ids are`)
    const stored = await aboutAsync(what, async () => npyRows(reader, await npyHeader(reader, signal)))
    const ids: string[] = []
    for await (const { data } of aboutEach(what, stored.arrays({ signal }))) for (const id of data) ids.push(String(id))
    return ids
  }
  const [size, count] = [Number(match[3]) * (match[2] === 'U' ? 4 : 1), Number(match[4])]
  if (size * count > MAX_TEXT_BYTES) throw new InputError(`${what} claims ${size * count} bytes of texts`)
  const bytes = await reader.read(10 + length, size * count, signal)
  if (bytes.length < size * count) throw new InputError(`${what} ends early`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: count }, (_, i) => {
    const codes = Array.from({ length: Number(match[3]) }, (_, j) => match[2] === 'U' ? view.getUint32(i * size + 4 * j, match[1] !== '>') : view.getUint8(i * size + j)) // prettier-ignore
    const text = codes.map((code) => String.fromCodePoint(Math.min(code, 0x10ffff))).join('')
    return text.replace(/\0+$/, '')
  })
}

/** Writes a .npz file of one array, and of the ids of its rows if there are any. */
export async function npzWriter(sink: Sink, writing: Writing): Promise<RowWriter> {
  const zip = new ZipWriter(sink)
  await zip.begin(`${writing.member ?? ARRAY}.npy`)
  const array = await npyWriter({ write: (bytes) => zip.write(bytes) }, writing)
  const ids: string[] = []
  return {
    async add(matrix, own) {
      for (const id of own ?? []) ids.push(id)
      await array.add(matrix)
    },
    async end() {
      await array.end()
      await zip.finish()
      if (writing.id !== undefined) {
        await zip.begin(`${IDS}.npy`)
        await writeTexts(zip, ids, [ids.length])
        await zip.finish()
      }
      await zip.end()
    },
  }
}

/** Texts as NumPy has them: code points in 32 bits, filled up with zeros to the longest. */
export async function writeTexts(zip: ZipWriter, texts: readonly string[], shape: readonly number[]): Promise<void> {
  const codes = texts.map((text) => Array.from(text, (character) => character.codePointAt(0) ?? 0))
  const width = codes.reduce((most, { length }) => Math.max(most, length), 1)
  await zip.write(npyTextHeader(width, shape))
  const SOME = 4096
  for (let start = 0; start < codes.length; start += SOME) {
    const some = codes.slice(start, start + SOME)
    const view = new DataView(new ArrayBuffer(4 * width * some.length))
    for (const [i, text] of some.entries()) {
      for (const [j, code] of text.entries()) view.setUint32(4 * (i * width + j), code, true)
    }
    await zip.write(new Uint8Array(view.buffer))
  }
}
