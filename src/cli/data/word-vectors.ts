import { byteReader, type ByteReader } from '../../io/streams/byte-reader.js'
import type { Reading } from './reading.js'
import { InputError } from '../errors.js'
import { linesOf, vectorRows, type RowRecord } from './forward-rows.js'
import type { Input } from './input.js'
import type { RowStream } from './row-stream.js'
import type { RowWriter, Sink, Writing } from './row-writer.js'
import { textOf } from './spaced.js'

/** What `--id` calls the words. */
const WORD = 'word'
const LINE_FEED = 0x0a
const BLANK = 0x20
const READ_BYTES = 2 ** 22
const MAX_WORD_BYTES = 2 ** 16

/**
 * Word vectors of GloVe, word2vec and fastText as text, and other text with blanks between numbers: a line is a word and its numbers, or numbers alone; a
 * first line of two integers says how many there are. The words are ids, by the name of 'word'.
 *
 * @throws InputError for a line that is neither, or of another length
 */
export function openSpaced(input: Input, reading: Reading): Promise<RowStream> {
  const lines = textOf(input.head).split('\n', 2).map((line) => line.trim().split(/ +/)) // prettier-ignore
  const isCounted = lines.length > 1 && lines[0].length === 2 && lines[1].length === Number(lines[0][1]) + 1
  const [first] = isCounted ? lines.slice(1) : lines
  const hasWords = isCounted || Number.isNaN(Number(first[0]))
  const dimension = first.length - (hasWords ? 1 : 0)
  async function* records(): AsyncGenerator<RowRecord> {
    for await (const { text, line } of linesOf(input, reading.signal)) {
      if ((isCounted && line === 1) || text.trim() === '') continue
      const cells = text.trim().split(' ')
      // A few of the words that are trained on the web have blanks.
      const start = hasWords ? Math.max(1, cells.length - dimension) : 0
      const values = cells.slice(start).map(Number)
      const bad = values.findIndex(Number.isNaN)
      if (bad >= 0 && !/^nan$/i.test(cells[start + bad])) {
        throw new InputError(`${input.path}: line ${line}: '${cells[start + bad].slice(0, 20)}' is no number`)
      }
      yield { values, id: hasWords ? cells.slice(0, start).join(' ') : undefined, line }
    }
  }
  const ids = hasWords ? WORD : undefined
  return vectorRows({ input, reading, precision: hasWords ? 'f32' : 'f64', ids }, records())
}

/** Word vectors as word2vec writes them in binary. @throws InputError if the file ends early */
export function openBinaryWords(input: Input, reading: Reading): Promise<RowStream> {
  const [counts] = textOf(input.head).split('\n', 1)
  const [rows, dimension] = counts.split(' ').map(Number)
  const bytes = new Pieces(byteReader(input.file), reading.signal, counts.length + 1)
  async function* records(): AsyncGenerator<RowRecord> {
    for (let row = 0; row < rows; row++) {
      const word = await bytes.until(BLANK)
      const numbers = word === undefined ? undefined : await bytes.take(4 * dimension)
      if (word === undefined || numbers === undefined) {
        throw new InputError(`${input.path} ends within word ${row} of ${rows}`)
      }
      const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength)
      const values = Float32Array.from({ length: dimension }, (_, j) => view.getFloat32(4 * j, true))
      // The original puts a line feed after each vector, others do not.
      yield { values, id: textOf(word[0] === LINE_FEED ? word.subarray(1) : word) }
    }
  }
  return vectorRows({ input, reading, precision: 'f32', rows, ids: WORD }, records())
}

/** Writes a line of counts if they are known, as word2vec does, then words and their numbers; without ids, numbers alone. */
export async function wordWriter(sink: Sink, { rows, cols, precision, id }: Writing): Promise<RowWriter> {
  const encoder = new TextEncoder()
  const text = precision === 'f32' ? (x: number) => String(Number(Math.fround(x).toPrecision(9))) : String
  if (rows !== undefined && id !== undefined) await sink.write(encoder.encode(`${rows} ${cols}\n`))
  return {
    async add({ rows: more, data }, ids) {
      for (let i = 0; i < more; i++) {
        const word = ids?.[i]
        if (word !== undefined && /\s/.test(word)) throw new InputError(`'${word}' has a blank, and is no word in such a file: write .csv`) // prettier-ignore
        const numbers = Array.from(data.subarray(i * cols, (i + 1) * cols), text)
        await sink.write(encoder.encode(`${(word === undefined ? numbers : [word, ...numbers]).join(' ')}\n`))
      }
    },
    end: () => Promise.resolve(),
  }
}

/** Bytes one after the other. */
class Pieces {
  readonly #reader: ByteReader
  readonly #signal: AbortSignal
  #offset: number
  #buffer = new Uint8Array(0) as Uint8Array

  constructor(reader: ByteReader, signal: AbortSignal, offset: number) {
    this.#reader = reader
    this.#signal = signal
    this.#offset = offset
  }

  /** The next `length` bytes; undefined if there are fewer. */
  async take(length: number): Promise<Uint8Array | undefined> {
    while (this.#buffer.length < length) if (!(await this.#more())) return undefined
    const taken = this.#buffer.slice(0, length)
    this.#buffer = this.#buffer.subarray(length)
    return taken
  }

  /** What comes before the next `byte`, which is taken too; undefined if there is none. */
  async until(byte: number): Promise<Uint8Array | undefined> {
    let at = this.#buffer.indexOf(byte)
    while (at < 0) {
      if (this.#buffer.length > MAX_WORD_BYTES || !(await this.#more())) return undefined
      at = this.#buffer.indexOf(byte)
    }
    const taken = this.#buffer.subarray(0, at)
    this.#buffer = this.#buffer.subarray(at + 1)
    return taken
  }

  async #more(): Promise<boolean> {
    const bytes = await this.#reader.read(this.#offset, READ_BYTES, this.#signal)
    this.#offset += bytes.length
    this.#buffer = Buffer.concat([this.#buffer, bytes])
    return bytes.length > 0
  }
}
