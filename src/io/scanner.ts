import { FileFormatError } from '../errors.js'
import { encodeUtf8 } from './utf8.js'

const CLIP = 40

/** Text from a file as an error message may show it: short, and without control characters that a terminal would obey. */
export function quote(text: string): string {
  const clipped = text.length > CLIP ? `${text.slice(0, CLIP)}...` : text
  return JSON.stringify(clipped).replace(/\p{C}/gu, '\uFFFD')
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

function isWordCharacter(code: number): boolean {
  const isDigit = code >= 0x30 && code <= 0x39
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
  return isDigit || isLetter || code === 0x2b || code === 0x2d || code === 0x2e || code === 0x5f
}

/**
 * A cursor over the text header of a binary file. It knows where it stands in the file, so that every complaint names
 * the byte. Characters are scanned by hand: a regular expression over a long hostile text can exhaust the stack.
 */
export class Scanner {
  #position = 0
  readonly #text: string
  readonly #startByte: number

  /** @param startByte where in the file the text begins */
  constructor(text: string, startByte: number) {
    this.#text = text
    this.#startByte = startByte
  }

  /** Skips white space and returns where the next token begins: an argument for {@link fail}. */
  position(): number {
    while (isSpace(this.#text.charCodeAt(this.#position))) this.#position++
    return this.#position
  }

  atEnd(): boolean {
    return this.position() === this.#text.length
  }

  /** The next character that is no white space, or '' at the end. */
  peek(): string {
    return this.#text.charAt(this.position())
  }

  /** Steps over `token` if it comes next. */
  accept(token: string): boolean {
    if (!this.#text.startsWith(token, this.position())) return false
    this.#position += token.length
    return true
  }

  /** Steps over `token`. @throws FileFormatError if it does not come next */
  expect(token: string): void {
    if (!this.accept(token)) this.failExpecting(`'${token}'`)
  }

  /** The longest run of letters, digits and `+ - . _` that comes next: a number or a name, or '' if there is none. */
  word(): string {
    const start = this.position()
    while (isWordCharacter(this.#text.charCodeAt(this.#position))) this.#position++
    return this.#text.slice(start, this.#position)
  }

  /** A string literal, its quotes included; a backslash protects the character after it. */
  stringLiteral(): string {
    const start = this.position()
    const delimiter = this.#text.charCodeAt(start)
    for (let i = start + 1; i < this.#text.length; i++) {
      const code = this.#text.charCodeAt(i)
      if (code === delimiter) {
        this.#position = i + 1
        return this.#text.slice(start, i + 1)
      }
      if (code === 0x5c) i++
    }
    return this.fail('a string has no end', start)
  }

  /**
   * An integer >= 0 in decimal digits.
   *
   * @param suffix may follow the digits
   * @throws FileFormatError if it is anything else, or beyond 2^53 - 1
   */
  unsigned(what: string, suffix = ''): number {
    const start = this.position()
    const word = this.word()
    if (word === '') this.failExpecting(`${what}, an integer >= 0`)
    const digits = word.endsWith(suffix) ? word.slice(0, word.length - suffix.length) : word
    if (!/^(?:0|[1-9]\d*)$/.test(digits)) this.fail(`${what} must be an integer >= 0, got ${quote(word)}`, start)
    const value = Number(digits)
    if (!Number.isSafeInteger(value)) this.fail(`${what} is beyond 2^53 - 1: ${quote(word)}`, start)
    return value
  }

  /** @throws FileFormatError that says what was expected here and what was found */
  failExpecting(expected: string): never {
    this.fail(`expected ${expected}, got ${this.atEnd() ? 'the end of the header' : quote(this.peek())}`)
  }

  /** @throws FileFormatError that names the byte at `position` (default: the next token) */
  fail(problem: string, position = this.position()): never {
    throw new FileFormatError(problem, this.#startByte + encodeUtf8(this.#text.slice(0, position)).length)
  }
}
