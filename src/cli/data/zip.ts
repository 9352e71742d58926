import type { RandomAccess } from '../../io/streams/byte-reader.js'
import { InputError } from '../errors.js'
import type { Sink } from './row-writer.js'

/** A file within a zip archive. */
export interface Member {
  readonly name: string
  /** 0 is stored, 8 deflated. */
  readonly method: number
  readonly packedBytes: number
  readonly headerStart: number
}

const END = 0x06054b50
const END64_LOCATOR = 0x07064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const END_BYTES = 22
const MAX_COMMENT_BYTES = 0xffff
const MAX_DIRECTORY_BYTES = 2 ** 27
const MANY = 0xffffffff

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** What an archive holds (APPNOTE 6.3.9, sections 4.3 and 4.5.3). @throws InputError if it is none */
export async function zipMembers(file: RandomAccess, path: string): Promise<Member[]> {
  const broken = (problem: string) => new InputError(`${path} is no sound zip archive: ${problem}`)
  const tailStart = Math.max(0, file.size - END_BYTES - MAX_COMMENT_BYTES - 20)
  const tail = viewOf(await file.read(tailStart, file.size - tailStart))
  let end = tail.byteLength - END_BYTES
  while (end >= 0 && tail.getUint32(end, true) !== END) end--
  if (end < 0) throw broken('it has no directory at its end')
  let [size, start] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)]
  if (end >= 20 && tail.getUint32(end - 20, true) === END64_LOCATOR) {
    const end64 = viewOf(await file.read(Number(tail.getBigUint64(end - 12, true)), 56))
    if (end64.byteLength < 56) throw broken('its directory is cut short')
    size = Number(end64.getBigUint64(40, true))
    start = Number(end64.getBigUint64(48, true))
  }
  if (size > MAX_DIRECTORY_BYTES || start + size > file.size) throw broken('its directory is not where it should be')
  const directory = viewOf(await file.read(start, size))
  const members: Member[] = []
  for (let at = 0; at + 46 <= directory.byteLength && directory.getUint32(at, true) === ENTRY;) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.getUint16(at + field, true))
    const next = at + 46 + nameBytes + extraBytes + commentBytes
    if (next > directory.byteLength) throw broken('its directory is cut short')
    const nameStart = directory.byteOffset + at + 46
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, nameStart, nameBytes))
    const wide = wideFields(directory, at, at + 46 + nameBytes, extraBytes)
    members.push({ name, method: directory.getUint16(at + 10, true), ...wide })
    at = next
  }
  return members
}

/** Sizes and places, of which those beyond 32 bits stand in the extra field 1: size, packed size, start, as far as the entry has none. */
function wideFields(
  directory: DataView,
  at: number,
  extraStart: number,
  extraBytes: number,
): { packedBytes: number; headerStart: number } {
  const plain = [24, 20, 42].map((field) => directory.getUint32(at + field, true))
  for (
    let extra = extraStart;
    extra + 4 <= extraStart + extraBytes;
    extra += 4 + directory.getUint16(extra + 2, true)
  ) {
    if (directory.getUint16(extra, true) !== 1) continue
    let field = extra + 4
    for (const [i, value] of plain.entries()) {
      if (value !== MANY || field + 8 > extraStart + extraBytes) continue
      plain[i] = Number(directory.getBigUint64(field, true))
      field += 8
    }
  }
  return { packedBytes: plain[1], headerStart: plain[2] }
}

/** The bytes of a member as they are stored. @throws InputError if they are not all there */
export async function memberBytes(file: RandomAccess, member: Member, path: string): Promise<RandomAccess> {
  const header = viewOf(await file.read(member.headerStart, Math.min(30, Math.max(0, file.size - member.headerStart))))
  if (header.byteLength < 30 || header.getUint32(0, true) !== LOCAL) {
    throw new InputError(`${path} is no sound zip archive: '${member.name}' is not where its directory says`)
  }
  const start = member.headerStart + 30 + header.getUint16(26, true) + header.getUint16(28, true)
  if (start + member.packedBytes > file.size) throw new InputError(`${path} ends within '${member.name}'`)
  return {
    size: member.packedBytes,
    read: (offset, length, signal) => file.read(start + offset, length, signal),
  }
}

/** The cyclic redundancy check of zip, of bytes that come after those that gave `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const table = (crcTable ??= makeTable())
  let crc = ~before
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8)
  return ~crc >>> 0
}

let crcTable: Uint32Array | undefined

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    return crc
  })
}

/** Writes an archive whose members are stored as they come, of any size. */
export class ZipWriter {
  readonly #sink: Sink
  readonly #entries: { name: Uint8Array; crc: number; size: number; start: number }[] = []
  #position = 0

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** What follows is the member of this name. */
  async begin(name: string): Promise<void> {
    const text = new TextEncoder().encode(name)
    this.#entries.push({ name: text, crc: 0, size: 0, start: this.#position })
    // Sizes follow the data (bit 3 of the flags), in 64 bits because there is the extra field 1.
    const header = this.#header(LOCAL, 30, [45, 8, 0, 0, 0x21], text.length, 20)
    header.setUint32(18, MANY, true)
    header.setUint32(22, MANY, true)
    const extra = new DataView(new ArrayBuffer(20))
    extra.setUint16(0, 1, true)
    extra.setUint16(2, 16, true)
    await this.#write(header, text, extra)
  }

  /** Bytes of the member that was begun. */
  async write(bytes: Uint8Array): Promise<void> {
    const entry = this.#entries[this.#entries.length - 1]
    entry.crc = crc32(bytes, entry.crc)
    entry.size += bytes.length
    await this.#write(bytes)
  }

  /** Ends the member. */
  async finish(): Promise<void> {
    const { crc, size } = this.#entries[this.#entries.length - 1]
    const descriptor = new DataView(new ArrayBuffer(24))
    descriptor.setUint32(0, 0x08074b50, true)
    descriptor.setUint32(4, crc, true)
    descriptor.setBigUint64(8, BigInt(size), true)
    descriptor.setBigUint64(16, BigInt(size), true)
    await this.#write(descriptor)
  }

  /** Ends the archive. */
  async end(): Promise<void> {
    const start = this.#position
    for (const { name, crc, size, start: headerStart } of this.#entries) {
      const entry = this.#header(ENTRY, 46, [45, 45, 8, 0, 0, 0x21], name.length, 28)
      entry.setUint32(16, crc, true)
      for (const field of [20, 24, 42]) entry.setUint32(field, MANY, true)
      const extra = new DataView(new ArrayBuffer(28))
      extra.setUint16(0, 1, true)
      extra.setUint16(2, 24, true)
      for (const [i, value] of [size, size, headerStart].entries()) extra.setBigUint64(4 + 8 * i, BigInt(value), true)
      await this.#write(entry, name, extra)
    }
    const count = this.#entries.length
    const end = new DataView(new ArrayBuffer(98))
    end.setUint32(0, 0x06064b50, true)
    end.setBigUint64(4, 44n, true)
    end.setUint16(12, 45, true)
    end.setUint16(14, 45, true)
    for (const at of [24, 32]) end.setBigUint64(at, BigInt(count), true)
    end.setBigUint64(40, BigInt(this.#position - start), true)
    end.setBigUint64(48, BigInt(start), true)
    end.setUint32(56, END64_LOCATOR, true)
    end.setBigUint64(64, BigInt(this.#position), true)
    end.setUint32(72, 1, true)
    end.setUint32(76, END, true)
    for (const at of [84, 86]) end.setUint16(at, count, true)
    for (const at of [88, 92]) end.setUint32(at, MANY, true)
    await this.#write(end)
  }

  /** A header that begins with a magic number and fields of 16 bits, and says how long name and extra field are. */
  #header(magic: number, length: number, fields: readonly number[], nameBytes: number, extraBytes: number): DataView {
    const header = new DataView(new ArrayBuffer(length))
    header.setUint32(0, magic, true)
    fields.forEach((field, i) => {
      header.setUint16(4 + 2 * i, field, true)
    })
    const at = magic === LOCAL ? 26 : 28
    header.setUint16(at, nameBytes, true)
    header.setUint16(at + 2, extraBytes, true)
    return header
  }

  async #write(...parts: (Uint8Array | DataView)[]): Promise<void> {
    for (const part of parts) {
      await this.#sink.write(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
      this.#position += part.byteLength
    }
  }
}
