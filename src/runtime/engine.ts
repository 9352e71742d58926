import { instantiate, instantiateSync } from '@assemblyscript/loader'
import type { MatrixData, Precision } from '../matrix.js'
import {
  canWait,
  compiledModule,
  compiledModuleAsync,
  preferredBinary,
  refusedInstance,
  type BinaryName,
} from './binary.js'
import { growTo } from './growth.js'
import type { Kernels } from './kernels.js'
import type { Steps } from '../steps.js'

/** Everything is aligned to a cache line. */
const ALIGN = 64

/** Of an isolate's 128 MiB a quarter. */
const KEPT_BYTES = 2 ** 25

/**
 * Rows between the columns of a column-major array in WASM memory: a multiple of 8, so that columns start on cache lines, and
 * an odd one, so that they spread over all sets of the cache instead of meeting in a few.
 */
export function columnStride(rows: number): number {
  return (Math.ceil(rows / 8) | 1) * 8
}

/** `work` in a scope of its own: what it allocates is given back at its end, however it ends. */
export function scoped<Args extends unknown[], T>(
  work: (engine: Engine, ...args: Args) => Steps<T>,
): (engine: Engine, ...args: Args) => Steps<T> {
  return (engine, ...args) => engine.scopeSteps(() => work(engine, ...args))
}

/**
 * One WebAssembly instance, of float64 or of float32 kernels, with its memory as an arena: `allocate` moves a mark up, `scope` puts it back. Nothing is ever freed
 * singly, and the kernels never allocate. Growing memory detaches all views, so views are made after the last allocation.
 */
export class Engine {
  static readonly #shared = new Map<string, Engine>()
  static #binary: BinaryName | undefined

  /** Of a float32 engine only those of SharedKernels are there. */
  readonly kernels: Kernels
  readonly memory: WebAssembly.Memory
  readonly binary: BinaryName
  readonly precision: Precision
  /** Bytes of an element of a matrix. */
  readonly elementBytes: 8 | 4
  /** Where matrices are that stay, by their data: as they lie there, and transposed; of an engine that keeps some. */
  kept: readonly WeakMap<MatrixData, number>[] | undefined
  #top: number
  #growing = true

  private constructor({ exports }: WebAssembly.Instance, binary: BinaryName, precision: Precision) {
    this.precision = precision
    this.elementBytes = precision === 'f64' ? 8 : 4
    this.kernels = exports as unknown as Kernels
    this.memory = exports.memory as WebAssembly.Memory
    this.binary = binary
    this.#top = this.#base
  }

  /** The instance that all synchronous work of a precision shares; or another one, by its name. */
  static shared(precision: Precision = 'f64', name: string = precision): Engine {
    const engine = Engine.#shared.get(name) ?? Engine.create(precision)
    Engine.#shared.set(name, engine)
    return engine
  }

  /** The instance in whose memory matrices stay, {@link KEPT_BYTES} of them and those last used; then all go, and it is filled anew. */
  static keeper(precision: Precision): Engine {
    const engine = Engine.shared(precision, `${precision} kept`)
    if (engine.kept === undefined || engine.#top > KEPT_BYTES) {
      engine.#top = engine.#base
      engine.kept = [new WeakMap(), new WeakMap()]
    }
    return engine
  }

  /** An instance of its own: the module is shared, the memory is not. */
  static create(precision: Precision = 'f64'): Engine {
    const binary = (Engine.#binary ??= preferredBinary())
    const module = compiledModule(binary, precision)
    try {
      return new Engine(instantiateSync(module).instance, binary, precision)
    } catch (cause) {
      throw refusedInstance(cause)
    }
  }

  /**
   * {@link Engine.create} for one asynchronous operation. Where a page's main thread may not compile at once, it waits; and makes the
   * shared instances too, so that from then on synchronous work runs there.
   */
  static async createAsync(precision: Precision = 'f64'): Promise<Engine> {
    try {
      return Engine.create(precision)
    } catch (error) {
      if (!canWait(error)) throw error
    }
    const binary = Engine.#binary as BinaryName
    const module = await compiledModuleAsync(binary, precision)
    const make = async () => {
      try {
        return new Engine((await instantiate(module)).instance, binary, precision)
      } catch (cause) {
        throw refusedInstance(cause)
      }
    }
    for (const name of [precision, `${precision} kept`]) {
      if (!Engine.#shared.has(name)) Engine.#shared.set(name, await make())
    }
    return make()
  }

  /** Chooses the build by hand, for tests and benchmarks. @throws UnsupportedRuntimeError where it cannot run */
  static use(binary: BinaryName): void {
    compiledModule(binary)
    Engine.#binary = binary
    Engine.#shared.clear()
  }

  /**
   * Drops the shared instances with their memory; the next call makes a new one. Operations in progress own their instances.
   *
   * @returns bytes of WebAssembly memory that were held
   */
  static release(): number {
    let bytes = 0
    for (const { memoryBytes } of Engine.#shared.values()) bytes += memoryBytes
    Engine.#shared.clear()
    return bytes
  }

  get #base(): number {
    return Math.ceil(this.kernels.heapBase() / ALIGN) * ALIGN
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

  /**
   * {@link Engine.scope} for work in bounded pieces. For what is called often: `() => steps(x)`, as {@link scoped} has it, not a generator
   * function that captures x. V8 gives every such function a hidden class of its own, in the old generation, and through it keeps x until the
   * next full collection: in a server, 64 kB for every 16 rows of 512 that were mapped.
   */
  *scopeSteps<Step, T>(work: () => Generator<Step, T, undefined>): Generator<Step, T, undefined> {
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
    if (this.#growing) this.#reach(end, bytes)
    this.#top = end
    return start
  }

  /**
   * Runs `reserve`, and grows memory once for all that it allocates: what does not fit as a whole leaves memory as it was.
   *
   * @throws OutOfMemoryError when memory cannot grow that far
   */
  together<T>(reserve: () => T): T {
    const mark = this.#top
    this.#growing = false
    let reserved: T
    try {
      reserved = reserve()
    } finally {
      this.#growing = true
    }
    this.#reach(this.#top, this.#top - mark)
    return reserved
  }

  /** Reserves an array of doubles. */
  allocateDoubles(count: number): number {
    return this.allocate(8 * count)
  }

  /** `count` doubles at a pointer, as a view that the next growth detaches. */
  doubles(pointer: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, count)
  }

  /** Reserves an array of elements of the engine's precision. */
  allocateElements(count: number): number {
    return this.allocate(this.elementBytes * count)
  }

  /** `count` elements at a pointer, as a view that the next growth detaches. */
  elements(pointer: number, count: number): MatrixData {
    const { buffer } = this.memory
    return this.precision === 'f64'
      ? new Float64Array(buffer, pointer, count)
      : new Float32Array(buffer, pointer, count)
  }

  /** A new array of elements. */
  newElements(count: number): MatrixData {
    return this.precision === 'f64' ? new Float64Array(count) : new Float32Array(count)
  }

  /** `count` 32-bit integers at a pointer, as a view that the next growth detaches. */
  integers(pointer: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, count)
  }

  /** Memory up to `end`, for `wanted` bytes more. */
  #reach(end: number, wanted: number): void {
    growTo(this.memory, end, wanted, 'use fewer rows at a time (partialFit) or fewer dimensions')
  }
}
