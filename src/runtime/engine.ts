import { instantiateSync } from '@assemblyscript/loader'
import { OutOfMemoryError } from '../errors.js'
import { compiledModule, instantiated, preferredBinary, type BinaryName } from './binary.js'
import type { Kernels } from './kernels.js'
import type { Steps } from './steps.js'

const PAGE_BYTES = 65536
const MAX_BYTES = 4 * 1024 ** 3
/** Everything is aligned to a cache line. */
const ALIGN = 64

/**
 * Rows between the columns of a column-major array in WASM memory: a multiple of 8, so that columns start on cache lines, and
 * an odd one, so that they spread over all sets of the cache instead of meeting in a few.
 */
export function columnStride(rows: number): number {
  return (Math.ceil(rows / 8) | 1) * 8
}

/**
 * One WebAssembly instance with its memory as an arena: `allocate` moves a mark up, `scope` puts it back. Nothing is ever freed
 * singly, and the kernels never allocate. Growing memory detaches all views, so views are made after the last allocation.
 */
export class Engine {
  static #shared: Engine | undefined
  static #binary: BinaryName | undefined

  readonly kernels: Kernels
  readonly memory: WebAssembly.Memory
  readonly binary: BinaryName
  #top: number

  private constructor(binary: BinaryName) {
    const module = compiledModule(binary)
    const { instance } = instantiated(() => instantiateSync(module))
    this.kernels = instance.exports as unknown as Kernels
    this.memory = instance.exports.memory as WebAssembly.Memory
    this.binary = binary
    this.#top = Math.ceil(this.kernels.heapBase() / ALIGN) * ALIGN
  }

  /** The instance that all synchronous work shares. */
  static shared(): Engine {
    return (Engine.#shared ??= Engine.create())
  }

  /** An instance of its own, for one asynchronous operation: the module is shared, the memory is not. */
  static create(): Engine {
    return new Engine((Engine.#binary ??= preferredBinary()))
  }

  /** Chooses the build by hand, for tests and benchmarks. @throws UnsupportedRuntimeError where it cannot run */
  static use(binary: BinaryName): void {
    compiledModule(binary)
    Engine.#binary = binary
    Engine.#shared = undefined
  }

  /**
   * Drops the shared instance with its memory; the next call makes a new one. Operations in progress own their instances.
   *
   * @returns bytes of WebAssembly memory that were held
   */
  static release(): number {
    const bytes = Engine.#shared?.memoryBytes ?? 0
    Engine.#shared = undefined
    return bytes
  }

  /** Bytes of WebAssembly memory held now. It grows as needed and does not shrink. */
  get memoryBytes(): number {
    return this.memory.buffer.byteLength
  }

  /** Runs `work`; what it allocates is given back at the end, however it ends. */
  scope<T>(work: () => T): T {
    const mark = this.#top
    try {
      return work()
    } finally {
      this.#top = mark
    }
  }

  /** {@link Engine.scope} for work in bounded pieces. */
  *scopeSteps<T>(work: () => Steps<T>): Steps<T> {
    const mark = this.#top
    try {
      return yield* work()
    } finally {
      this.#top = mark
    }
  }

  /** Reserves bytes; their content is arbitrary. @throws OutOfMemoryError when memory cannot grow that far */
  allocate(bytes: number): number {
    const start = this.#top
    const end = start + Math.ceil(bytes / ALIGN) * ALIGN
    const missing = end - this.memoryBytes
    if (missing > 0) this.#grow(missing, bytes)
    this.#top = end
    return start
  }

  /** Reserves an array of doubles. */
  allocateDoubles(count: number): number {
    return this.allocate(8 * count)
  }

  /** `count` doubles at a pointer, as a view that the next growth detaches. */
  doubles(pointer: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, count)
  }

  /** `count` 32-bit integers at a pointer, as a view that the next growth detaches. */
  integers(pointer: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, count)
  }

  #grow(missing: number, wanted: number): void {
    const explain = () =>
      `${Math.ceil(wanted / 1024 ** 2)} MiB more are needed beside ${Math.ceil(this.memoryBytes / 1024 ** 2)} MiB of WebAssembly memory; ` +
      'the limit is 4 GiB, or less where the runtime says so: use fewer rows at a time (partialFit) or fewer dimensions'
    if (this.memoryBytes + missing > MAX_BYTES) throw new OutOfMemoryError(explain())
    try {
      this.memory.grow(Math.ceil(missing / PAGE_BYTES))
    } catch (cause) {
      throw new OutOfMemoryError(explain(), { cause })
    }
  }
}
