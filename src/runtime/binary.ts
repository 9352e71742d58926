import * as base64 from 'virtual:collimate-binaries'
import { UnsupportedRuntimeError } from '../errors.js'

/** The two builds of the kernels: fixed-width SIMD, and relaxed SIMD with fused multiply-add where the engine fuses. */
export type BinaryName = 'simd' | 'relaxed'

const modules = new Map<BinaryName, WebAssembly.Module>()

function decode(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** Compiles one build; the module is kept and shared by all instances. */
function compile(name: BinaryName, bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes)
  } catch (cause) {
    throw new UnsupportedRuntimeError(
      `this runtime refused to compile the WebAssembly ${name} build (${String(cause)}); ` +
        "a page's Content-Security-Policy needs 'wasm-unsafe-eval' in script-src",
      { cause },
    )
  }
}

/** The compiled module of a build. @throws UnsupportedRuntimeError where the runtime cannot run it */
export function compiledModule(name: BinaryName): WebAssembly.Module {
  let module = modules.get(name)
  if (module === undefined) {
    if (typeof WebAssembly === 'undefined') {
      throw new UnsupportedRuntimeError('this runtime has no WebAssembly, which collimate needs')
    }
    const bytes = decode(base64[name])
    if (!WebAssembly.validate(bytes)) {
      throw new UnsupportedRuntimeError(
        `this runtime's WebAssembly lacks ${name === 'simd' ? 'SIMD' : 'relaxed SIMD'}, which the ${name} build of collimate needs: ` +
          'use an engine from 2021 or later (Chrome 91, Firefox 89, Safari 16.4, Node 16.4)',
      )
    }
    module = compile(name, bytes)
    modules.set(name, module)
  }
  return module
}

/** The fastest build this engine can run. */
export function preferredBinary(): BinaryName {
  if (modules.has('relaxed')) return 'relaxed'
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(decode(base64.relaxed)) ? 'relaxed' : 'simd'
}
