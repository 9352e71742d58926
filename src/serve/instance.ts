import { compiled, text } from 'virtual:collimate-serve-binaries'
import {
  canWait,
  compile,
  decode,
  fastestBinary,
  forbidden,
  refusedInstance,
  type BinaryName,
} from '../runtime/compilation.js'
import { growTo } from '../runtime/growth.js'

/** What assembly/serve.ts exports. Pointers and byte counts that come back go through `>>> 0`; booleans are 0 or 1. */
export interface ServeKernels {
  readonly heapBase: () => number
  readonly isRelaxed: () => number
  readonly sproducts: (
    rows: number,
    bytes: number,
    a: number,
    vectors: number,
    x: number,
    out: number,
    outStride: number,
  ) => void
  readonly dproducts: (
    rows: number,
    bytes: number,
    a: number,
    vectors: number,
    x: number,
    out: number,
    outStride: number,
  ) => void
  readonly sshift: (n: number, x: number, mean: number, out: number) => number
  readonly dshift: (n: number, x: number, mean: number, out: number) => number
  readonly ingest: (n: number, x: number, factor: number, unit: number, out: number) => number
  readonly exact: (n: number, x: number, r: number, what: number, factor: number) => number
  readonly accumulate: (n: number, r: number, sum: number) => void
  readonly quantize: (n: number, c: number, codes: number) => number
  readonly centre: (n: number, r: number, mean: number, c: number, out: number) => void
  readonly signs: (n: number, c: number, bits: number) => void
  readonly push: (k: number, keys: number, key: number, place: number) => void
  readonly seek: (values: number, from: number, count: number, threshold: number) => number
  readonly rateBlock: (scan: number, block: number) => number
  readonly searchAll: (scan: number) => void
}

/** Everything is aligned to a cache line. */
const ALIGN = 64

const modules = new Map<BinaryName, WebAssembly.Module>()

function moduleOf(name: BinaryName): WebAssembly.Module {
  let module = modules.get(name)
  if (module === undefined) {
    module = compile(name, compiled[name], text)
    modules.set(name, module)
  }
  return module
}

function instanceOf(module: WebAssembly.Module): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module)
  } catch (cause) {
    throw refusedInstance(cause)
  }
}

/**
 * One WebAssembly instance of the build for serving, and its memory. What is allocated stays until the instance goes. Growing memory
 * detaches all views, so views are made after the last allocation.
 */
export class Instance {
  static #binary: BinaryName | undefined
  /** Made ahead, by {@link Instance.prepare}. */
  static readonly #spare: WebAssembly.Instance[] = []

  readonly kernels: ServeKernels
  readonly memory: WebAssembly.Memory
  #top: number

  /** @throws UnsupportedRuntimeError where WebAssembly cannot run */
  constructor() {
    const { exports } = Instance.#spare.pop() ?? instanceOf(moduleOf(Instance.#chosen()))
    this.kernels = exports as unknown as ServeKernels
    this.memory = exports.memory as WebAssembly.Memory
    this.#top = Math.ceil(this.kernels.heapBase() / ALIGN) * ALIGN
  }

  static #chosen(): BinaryName {
    return (Instance.#binary ??= fastestBinary(compiled.relaxed !== undefined, moduleOf))
  }

  /** Makes instances ahead, without keeping the thread, where it refuses to be kept; elsewhere there is nothing to do. @throws UnsupportedRuntimeError where WebAssembly cannot run */
  static async prepare(count: number): Promise<void> {
    const name = Instance.#chosen()
    try {
      instanceOf(moduleOf(name))
      return
    } catch (error) {
      if (!canWait(error)) throw error
    }
    // A constant of the build: see src/runtime/binary.ts.
    if (text === null) return
    try {
      const module = modules.get(name) ?? (await WebAssembly.compile(decode(name, text, false)))
      modules.set(name, module)
      for (let i = 0; i < count; i++) Instance.#spare.push(await WebAssembly.instantiate(module))
    } catch (cause) {
      throw forbidden('compile', cause)
    }
  }

  /** Chooses the build by hand, for tests and benchmarks. @throws UnsupportedRuntimeError where it cannot run */
  static use(binary: BinaryName): void {
    moduleOf(binary)
    Instance.#binary = binary
  }

  /** Reserves bytes, zero at first. @throws OutOfMemoryError when memory cannot grow that far */
  allocate(bytes: number): number {
    const start = this.#top
    this.reserve(bytes)
    this.#top = start + Math.ceil(bytes / ALIGN) * ALIGN
    return start
  }

  /** Grows memory now for what will be allocated. @throws OutOfMemoryError when it cannot grow that far */
  reserve(bytes: number): void {
    const advice = "store fewer rows, in fewer dimensions, or with storage 'i8' or 'binary' and rescore: false"
    growTo(this.memory, this.#top + bytes + ALIGN, bytes, advice)
  }

  /** `count` bytes at a pointer, as a view that the next growth detaches; so are the others. */
  bytes(pointer: number, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, count)
  }

  /** `count` doubles. */
  doubles(pointer: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, count)
  }

  /** `count` float32. */
  floats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, count)
  }

  /** `count` 32-bit integers. */
  integers(pointer: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, count)
  }
}
