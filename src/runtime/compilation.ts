import { UnsupportedRuntimeError } from '../errors.js'

/** The two builds of the kernels: fixed-width SIMD, and relaxed SIMD with fused multiply-add where the engine fuses. */
export type BinaryName = 'simd' | 'relaxed'

/** How many characters of the alphabet stand for a word by themselves, and how many there are: see scripts/wasm-text.js. */
const SINGLES = 81
const CHARACTERS = 84
/** Of what is none of them: pieces end there. */
const END = 255

/** The section of a binary in which functions are. */
const CODE = 10

const bytesOf = (hex: string): number[] =>
  Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16))

/** Room for a size that is written once it is known. */
const SIZE_BYTES = 3

/** Writes a number up to 2^21 as LEB128 of {@link SIZE_BYTES}. */
function writeSize(bytes: Uint8Array, at: number, size: number): void {
  for (let i = 0; i < SIZE_BYTES; i++) bytes[at + i] = ((size >> (7 * i)) & 127) | (i + 1 < SIZE_BYTES ? 128 : 0)
}

/** The bytes of a build from the text that holds it and others, sizes of sections and functions written longer than they need be: see scripts/wasm-text.js. @param isSingle - whether it is of float32 kernels */
export function decode(name: BinaryName, text: string, isSingle: boolean): Uint8Array<ArrayBuffer> {
  const [key, ...sections] = text.split(',')
  const digits = new Uint8Array(128).fill(END)
  for (let i = 0; i < CHARACTERS; i++) digits[key.charCodeAt(i)] = i
  const isRelaxed = Number(name === 'relaxed')
  const listed = key
    .slice(CHARACTERS)
    .split(';')
    .map((word) => {
      const forms = word.split('/')
      return forms[(2 * Number(isSingle) + isRelaxed) % forms.length]
    })
  const bytes = Array.from({ length: 256 }, (_, byte) => (byte + 256).toString(16).slice(1))
  const words = [...listed, ...bytes.filter((byte) => !listed.includes(byte))].map(bytesOf)
  // Most words are one byte, and a loop for each would take as long again.
  const single = Int16Array.from(words, (word) => (word.length === 1 ? word[0] : -1))
  const pieces = piecesOf(sections, isSingle)
  const code = pieces
    .join()
    .split('|')
    .filter((_, i) => i % 3 !== 2 - isRelaxed)
    .join('')
  // scripts/wasm-text.js sees to it that this is enough.
  const out = new Uint8Array(2 * text.length)
  let [section, body, end] = [0, 0, 0]
  for (let at = 0; at < code.length; at++) {
    const first = digits[code.charCodeAt(at)]
    if (first === END) {
      if (section > 0) writeSize(out, body, end - body - SIZE_BYTES)
      else {
        out[end] = CODE
        section = end + 1
        writeSize(out, section + SIZE_BYTES, pieces.length - 1)
        end = section + 2 * SIZE_BYTES
      }
      body = end
      end += SIZE_BYTES
      continue
    }
    const index = first < SINGLES ? first : (first - SINGLES + 1) * SINGLES + digits[code.charCodeAt(++at)]
    const byte = single[index]
    if (byte >= 0) out[end++] = byte
    else {
      const word = words[index]
      for (let i = 0; i < word.length; i++) out[end++] = word[i]
    }
  }
  writeSize(out, body, end - body - SIZE_BYTES)
  writeSize(out, section, end - section - SIZE_BYTES)
  return out.subarray(0, end)
}

/** What lies before the code, and the functions. */
function piecesOf(sections: readonly string[], isSingle: boolean): string[] {
  const groups = sections.map((group) => group.split(';'))
  if (!isSingle) return groups.map(([piece]) => piece)
  const pieces: string[] = []
  for (const entry of groups.flatMap(([, ...singles]) => singles)) {
    const [index, piece] = entry.split(':')
    pieces[Number(index)] = piece
  }
  return pieces
}

function missingFeature(name: BinaryName): UnsupportedRuntimeError {
  return new UnsupportedRuntimeError(
    `this runtime's WebAssembly lacks ${name === 'simd' ? 'SIMD' : 'relaxed SIMD'}, which the ${name} build of collimate needs: ` +
      'use Chrome 93, Firefox 92, Safari 16.4, Node 20 or later',
  )
}

/** Chromium before 115 compiles and instantiates at most 4 KB at once on a page's main thread, and says so in a RangeError. */
const isMainThreadLimit = (cause: unknown) => /^RangeError.*main thread/.test(String(cause))

/** Whether what was refused at once may yet be had asynchronously. */
export function canWait(error: unknown): boolean {
  return error instanceof UnsupportedRuntimeError && isMainThreadLimit(error.cause)
}

/** What a runtime that forbids WebAssembly, or the making of it from bytes, has to say and what helps. */
export function forbidden(what: string, cause: unknown): UnsupportedRuntimeError {
  return new UnsupportedRuntimeError(
    `this runtime refused to ${what} WebAssembly (${String(cause)}): ` +
      (isMainThreadLimit(cause)
        ? "Chromium before 115 does on a page's main thread; use a Worker, or await an asynchronous call first (svdAsync ..., prepare of collimate/serve)"
        : "in a page, add 'wasm-unsafe-eval' to script-src in its Content-Security-Policy; on an edge platform, " +
          "bundle with the condition 'workerd' or 'edge-light'"),
    { cause },
  )
}

/** A module that was compiled in another realm fails the loader's `instanceof`, and is one all the same. */
function adopt(module: WebAssembly.Module): WebAssembly.Module {
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype)
  return module
}

/**
 * The compiled module of a build: the one that the bundler gives, or else from the text that holds it.
 *
 * @throws UnsupportedRuntimeError where it cannot run
 */
export function compile(
  name: BinaryName,
  given: WebAssembly.Module | undefined,
  text: string | null,
  isSingle = false,
): WebAssembly.Module {
  if (typeof WebAssembly === 'undefined') {
    throw new UnsupportedRuntimeError(
      'this runtime has no WebAssembly, which collimate needs: use an engine that has it, or switch it on ' +
        '(off under --jitless, in lockdown mode, or by policy)',
    )
  }
  if (given !== undefined) return adopt(given)
  if (text === null) throw new UnsupportedRuntimeError(`the ${name} build is not part of collimate for this platform`)
  const bytes = decode(name, text, isSingle)
  try {
    return new WebAssembly.Module(bytes)
  } catch (cause) {
    throw WebAssembly.validate(bytes) ? forbidden('compile', cause) : missingFeature(name)
  }
}

/** Why there is no instance: WebKit compiles under any policy, and forbids only now. Memory that is not to be had is a RangeError. */
export function refusedInstance(cause: unknown): unknown {
  return cause instanceof RangeError && !isMainThreadLimit(cause) ? cause : forbidden('run', cause)
}

// The smallest module with a relaxed instruction: [] -> [v128], three times i32.const 0, i8x16.splat; then f64x2.relaxed_madd (fd 87 02).
// prettier-ignore
const RELAXED_PROBE = Uint8Array.of(
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 5, 1, 0x60, 0, 1, 0x7b,
  3, 2, 1, 0,
  10, 19, 1, 17, 0, 0x41, 0, 0xfd, 15, 0x41, 0, 0xfd, 15, 0x41, 0, 0xfd, 15, 0xfd, 0x87, 2, 0x0b,
)

/**
 * The fastest build this engine can run, `load` being what makes a module of a build; what keeps it from running any is for that to say.
 *
 * @param bundled - whether the bundler gave a relaxed build
 */
export function fastestBinary(bundled: boolean, load: (name: BinaryName) => unknown): BinaryName {
  try {
    // Asked first, since decoding and compiling a whole build only to be refused takes longer than all the rest of a cold start.
    if (!bundled && !WebAssembly.validate(RELAXED_PROBE)) return 'simd'
    load('relaxed')
    return 'relaxed'
  } catch {
    return 'simd'
  }
}
