import { quote, type Scanner } from './scanner.js'

// The limit of serde_json, which the reference implementation of safetensors reads with.
const MAX_DEPTH = 128

/**
 * Reads a JSON object (RFC 8259); `readValue` is called with each name and must read its value. Unlike `JSON.parse` this
 * rejects a name that comes twice, gives no name (`__proto__`) a special meaning, and builds nothing that was not asked for.
 *
 * @throws FileFormatError if the text is no such object
 */
export function readJsonObject(scanner: Scanner, what: string, readValue: (name: string) => void): void {
  const names = new Set<string>()
  if (scanner.peek() !== '{') scanner.failExpecting(`${what}, an object`)
  scanner.expect('{')
  if (scanner.accept('}')) return
  do {
    const position = scanner.position()
    const name = readJsonString(scanner, 'a name')
    if (names.has(name)) scanner.fail(`the name ${quote(name)} comes twice in ${what}`, position)
    names.add(name)
    scanner.expect(':')
    readValue(name)
  } while (scanner.accept(','))
  scanner.expect('}')
}

/** Reads a JSON array; `readElement` is called where each element begins. @throws FileFormatError if it is none */
export function readJsonArray(scanner: Scanner, what: string, readElement: () => void): void {
  if (scanner.peek() !== '[') scanner.failExpecting(`${what}, an array`)
  scanner.expect('[')
  if (scanner.accept(']')) return
  do readElement()
  while (scanner.accept(','))
  scanner.expect(']')
}

/** Reads a JSON string. @throws FileFormatError if it is none, or stands for no Unicode text (half a surrogate pair) */
export function readJsonString(scanner: Scanner, what: string): string {
  const position = scanner.position()
  if (scanner.peek() !== '"') scanner.failExpecting(`${what}, a string`)
  const literal = scanner.stringLiteral()
  const value = parseLiteral(literal)
  if (value === undefined || /\p{Surrogate}/u.test(value)) {
    return scanner.fail(`${what} is not a valid JSON string`, position)
  }
  return value
}

function parseLiteral(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string
  } catch {
    return undefined
  }
}

/** Steps over any JSON value. @throws FileFormatError if there is none, or it is nested too deeply */
export function skipJson(scanner: Scanner, what: string, depth = 0): void {
  if (depth > MAX_DEPTH) scanner.fail(`${what} is nested deeper than ${MAX_DEPTH}`)
  const next = scanner.peek()
  const skip = (): void => {
    skipJson(scanner, what, depth + 1)
  }
  if (next === '{') readJsonObject(scanner, what, skip)
  else if (next === '[') readJsonArray(scanner, what, skip)
  else if (next === '"') readJsonString(scanner, what)
  else skipJsonWord(scanner, what)
}

function skipJsonWord(scanner: Scanner, what: string): void {
  const position = scanner.position()
  const word = scanner.word()
  const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)
  if (!isNumber && !['true', 'false', 'null'].includes(word)) scanner.fail(`${what} is not valid JSON`, position)
}
