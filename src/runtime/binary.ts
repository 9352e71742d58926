import { compiled, text } from 'virtual:collimate-binaries'
import type { Precision } from '../matrix.js'
import { compile, decode, fastestBinary, forbidden, type BinaryName } from './compilation.js'

export { canWait, refusedInstance, type BinaryName } from './compilation.js'

const modules = new Map<string, WebAssembly.Module>()

/** The compiled module of a build, kept and shared by all instances. @throws UnsupportedRuntimeError where it cannot run */
export function compiledModule(name: BinaryName, precision: Precision = 'f64'): WebAssembly.Module {
  const key = `${name} ${precision}`
  let module = modules.get(key)
  if (module === undefined) {
    module = compile(name, compiled[precision][name], text, precision === 'f32')
    modules.set(key, module)
  }
  return module
}

/** {@link compiledModule} without keeping a main thread, where {@link canWait} says so. */
export async function compiledModuleAsync(name: BinaryName, precision: Precision): Promise<WebAssembly.Module> {
  // A constant of the build: where only the bundler compiles, Next.js refuses files with a call of compile.
  if (text === null) return compiledModule(name, precision)
  const key = `${name} ${precision}`
  try {
    const module = modules.get(key) ?? (await WebAssembly.compile(decode(name, text, precision === 'f32')))
    modules.set(key, module)
    return module
  } catch (cause) {
    throw forbidden('compile', cause)
  }
}

/** The fastest build this engine can run; what keeps it from running any is for {@link compiledModule} to say. */
export function preferredBinary(): BinaryName {
  return fastestBinary(compiled.f64.relaxed !== undefined, compiledModule)
}
