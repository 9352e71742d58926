import { UnsupportedRuntimeError } from '../errors.js'

/** The two builds of the kernels: fixed-width SIMD, and relaxed SIMD with fused multiply-add where the engine fuses. */
export type BinaryName = 'simd' | 'relaxed'

/** How many characters of the alphabet stand for a byte by themselves, and how many there are: see scripts/wasm-text.js. */
const SINGLES = 81
const CHARACTERS = 84

/** The bytes of a build from the text that holds it and others, of whose sections `piecesOf` takes those that matter: see scripts/wasm-text.js. */
export function decode(
  name: BinaryName,
  all: string,
  piecesOf: (sections: readonly string[]) => string[],
): Uint8Array<ArrayBuffer> {
  const [key, ...sections] = all.split(',')
  const digits = new Uint8Array(128)
  for (let i = 0; i < CHARACTERS; i++) digits[key.charCodeAt(i)] = i
  const frequent = Array.from({ length: SINGLES }, (_, i) => parseInt(key.slice(CHARACTERS + 2 * i).slice(0, 2), 16))
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !frequent.includes(byte))
  const byFrequency = [...frequent, ...others]
  const code = piecesOf(sections)
    .map((piece) => piece.split('|').at(name === 'simd' ? 0 : -1))
    .join('')
  const bytes = new Uint8Array(code.length)
  let length = 0
  for (let at = 0; at < code.length; at++) {
    const first = digits[code.charCodeAt(at)]
    const index = first < SINGLES ? first : (first - SINGLES + 1) * SINGLES + digits[code.charCodeAt(++at)]
    bytes[length++] = byFrequency[index]
  }
  return bytes.subarray(0, length)
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
  piecesOf: (sections: readonly string[]) => string[],
): WebAssembly.Module {
  if (typeof WebAssembly === 'undefined') {
    throw new UnsupportedRuntimeError(
      'this runtime has no WebAssembly, which collimate needs: use an engine that has it, or switch it on ' +
        '(off under --jitless, in lockdown mode, or by policy)',
    )
  }
  if (given !== undefined) return adopt(given)
  if (text === null) throw new UnsupportedRuntimeError(`the ${name} build is not part of collimate for this platform`)
  const bytes = decode(name, text, piecesOf)
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
