/**
 * Damaged files, without end and the same for the same seed: bytes of sound ones changed, cut, moved and doubled, and tokens of their
 * text headers, if they have any, whose length is mended so that what lies behind it is reached as well.
 */
export function* mutations(files: readonly Uint8Array[], seed: number): Generator<Uint8Array, never, undefined> {
  const random = generator(seed)
  const below = (n: number) => Math.floor(random() * n)
  const one = <T>(list: readonly T[]): T => list[below(list.length)]
  const sound = files.map((file) => ({ file, header: headerOf(file) }))
  const words = [...new Set(sound.flatMap(({ header }) => header?.tokens ?? []))]
  const token = () => one(random() < 0.5 ? words : ODDITIES)
  for (;;) {
    const { file, header } = one(sound)
    let bytes = file
    if (header !== undefined && random() < 0.7) {
      bytes = withHeader(file, header, edited(header.tokens, token, below))
      if (random() < 0.7) {
        yield bytes
        continue
      }
    }
    for (let changes = 1 + below(3); changes > 0; changes--) bytes = damaged(bytes, one(files), below)
    yield bytes
  }
}

// What readers trip over: numbers at the ends of ranges, names that objects have by themselves, JSON of another kind.
const ODDITIES = [
  ...['0', '-0', '1', '2', '3', '-1', '0.5', '1e9', '1e400', '4294967296', '9007199254740993', '18446744073709551616'],
  ...['null', 'true', 'True', '[]', '{}', '{', '}', '[', ']', '(', ')', ',', ':', '"', "'", '\\', '\\"', '', ' ', '\n'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'length',
    'NaN',
    'Infinity',
    'e',
    'é',
    '\ud800',
    '\u0000',
    'x'.repeat(999),
  ],
]
const TOKEN = /[A-Za-z0-9_.+-]+|\s+|./gs

/** Numbers in [0, 1), by xorshift (Marsaglia 2003): the fastest that will do. */
function generator(seed: number): () => number {
  let x = (seed * 2654435761 + 1) | 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}

interface Header {
  readonly tokens: readonly string[]
  /** Where it begins, and how many bytes say how long it is. */
  readonly start: number
  readonly lengthBytes: 2 | 8
  readonly end: number
}

/** The text of a .npy file of version 1 or of a safetensors file. */
function headerOf(file: Uint8Array): Header | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const [start, lengthBytes] = file[0] === 0x93 ? ([10, 2] as const) : ([8, 8] as const)
  if (file.length < start || (lengthBytes === 2 && file[6] !== 1)) return undefined
  const length = lengthBytes === 2 ? view.getUint16(8, true) : Number(view.getBigUint64(0, true))
  const end = start + length
  // Of other kinds no header is in the way.
  if (end > file.length) return undefined
  const tokens = new TextDecoder().decode(file.subarray(start, end)).match(TOKEN) ?? []
  return { tokens, start, lengthBytes, end }
}

function withHeader(file: Uint8Array, { start, lengthBytes, end }: Header, text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text)
  const bytes = new Uint8Array(start + encoded.length + file.length - end)
  bytes.set(file.subarray(0, start))
  const view = new DataView(bytes.buffer)
  if (lengthBytes === 2) view.setUint16(8, encoded.length, true)
  else view.setBigUint64(0, BigInt(encoded.length), true)
  bytes.set(encoded, start)
  bytes.set(file.subarray(end), start + encoded.length)
  return bytes
}

/** One to three tokens replaced, doubled or dropped. */
function edited(sound: readonly string[], token: () => string, below: (n: number) => number): string {
  const places = Array.from({ length: 1 + below(3) }, () => below(sound.length)).sort((a, b) => a - b)
  let [text, next] = ['', 0]
  for (const at of places) {
    if (at < next) continue
    const old = sound[at]
    const edit = [token(), token() + old, old + old, '', String(below(9)), sound[below(sound.length)]][below(6)]
    text += sound.slice(next, at).join('') + edit
    next = at + 1
  }
  return text + sound.slice(next).join('')
}

/** One change of bytes. */
function damaged(bytes: Uint8Array, other: Uint8Array, below: (n: number) => number): Uint8Array {
  const at = below(bytes.length + 1)
  const [from, length] = [below(bytes.length + 1), below(16)]
  const before = bytes.subarray(0, at)
  switch (below(7)) {
    case 0: {
      const changed = bytes.slice()
      changed[at] = below(256)
      return changed
    }
    case 1: {
      const changed = bytes.slice()
      changed[at] ^= 1 << below(8)
      return changed
    }
    case 2:
      return before.slice()
    case 3:
      return joined(before, bytes.subarray(from, from + length), bytes.subarray(at))
    case 4:
      return joined(before, bytes.subarray(at + length))
    case 5:
      return joined(before, other.subarray(at))
    default: {
      const changed = bytes.slice()
      changed.fill([0, 255, 127, 128][below(4)], at, at + length)
      return changed
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
