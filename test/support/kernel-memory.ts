import { expect } from 'vitest'
import { Matrix, type Precision } from '../../src/matrix.js'
import { Engine } from '../../src/runtime/engine.js'
import type { Kernels } from '../../src/runtime/kernels.js'
import { partsOf, type Parts } from './parts.js'

/**
 * Upper half of a sentinel; the lower half is its address, or the same again in float32. It is a signalling NaN: what a kernel
 * reads outside its operands spoils its result, and arithmetic in place (y += alpha x) quiets the NaN and shows as well.
 */
const SENTINEL = 0x7ff40000
const SENTINEL_SINGLE = 0x7fa00000
/** Bytes of sentinels on either side of an operand; keeps the alignment of 64 bytes. */
const GUARD = 256

/** A matrix in WebAssembly memory: entry (i, j) is the element at `pointer + elementBytes (i rs + j cs)`. */
export interface Operand {
  readonly pointer: number
  readonly rows: number
  readonly cols: number
  readonly rs: number
  readonly cs: number
  readonly elementBytes: number
}

/** Consecutive bytes in WebAssembly memory: scratch, a state, integers. */
export interface Block {
  readonly pointer: number
  readonly bytes: number
}

/** How an operand is laid out; the default is columns without gaps, on a boundary of 64 bytes. */
export interface Layout {
  readonly rs?: number
  readonly cs?: number
  /** Elements past the boundary: 1 is not the start of a vector. */
  readonly offset?: number
}

/** An instance of its own whose memory is watched: operands lie between sentinels, and a run may change its outputs only. */
export class KernelMemory {
  readonly engine: Engine
  readonly kernels: Kernels & Parts

  constructor(precision: Precision = 'f64') {
    this.engine = Engine.create(precision)
    this.kernels = { ...this.engine.kernels, ...partsOf(this.engine) }
  }

  /** `bytes` between sentinels, filled with sentinels itself. */
  block(bytes: number, offset = 0, elementBytes: number = this.engine.elementBytes): Block {
    const length = 8 * Math.ceil((bytes + elementBytes * offset) / 8) + 2 * GUARD
    const start = this.engine.allocate(length)
    const words = this.engine.integers(start, length / 4)
    for (let i = 0; i < words.length; i += 2) {
      words[i] = this.engine.precision === 'f64' ? start + 4 * i : SENTINEL_SINGLE
      words[i + 1] = this.engine.precision === 'f64' ? SENTINEL : SENTINEL_SINGLE
    }
    return { pointer: start + GUARD + elementBytes * offset, bytes }
  }

  /** Scratch of exactly as many bytes as a `Workspace` export says. */
  scratch(workspace: number): Block {
    return this.block(workspace >>> 0)
  }

  place(A: Matrix, { rs = 1, cs = A.rows * rs, offset = 0 }: Layout = {}): Operand {
    const { rows, cols } = A
    const last = rows * cols === 0 ? -1 : (rows - 1) * rs + (cols - 1) * cs
    const { elementBytes } = this.engine
    const { pointer } = this.block(elementBytes * (last + 1), offset)
    const view = this.engine.elements(pointer, last + 1)
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) view[i * rs + j * cs] = A.data[i * cols + j]
    return { pointer, rows, cols, rs, cs, elementBytes }
  }

  vector(x: ArrayLike<number>, offset = 0): Operand {
    return this.place(new Matrix(x.length, 1, x), { offset })
  }

  /** Doubles, whatever the precision of the matrices. */
  doubles(count: number, offset = 0): Operand {
    const { pointer } = this.block(8 * count, offset, 8)
    this.engine.doubles(pointer, count).fill(0)
    return { pointer, rows: count, cols: 1, rs: 1, cs: count, elementBytes: 8 }
  }

  read({ pointer, rows, cols, rs, cs, elementBytes }: Operand): Matrix {
    const last = rows * cols === 0 ? -1 : (rows - 1) * rs + (cols - 1) * cs
    const { engine } = this
    const view = elementBytes === 8 ? engine.doubles(pointer, last + 1) : engine.elements(pointer, last + 1)
    const out = new Matrix(rows, cols)
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out.data[i * cols + j] = view[i * rs + j * cs]
    return out
  }

  integers({ pointer, bytes }: Block): Int32Array {
    return this.engine.integers(pointer, bytes / 4).slice()
  }

  /** Runs `work`, then fails if a single word of the whole memory changed that belongs to none of `outputs`. */
  run<T>(outputs: readonly (Operand | Block)[], work: () => T): T {
    const before = new Int32Array(this.engine.memory.buffer).slice()
    const result = work()
    const after = new Int32Array(this.engine.memory.buffer)
    expect(after.length, 'a kernel must not grow memory').toBe(before.length)
    for (const output of outputs) forEachWord(output, (word) => (before[word] = after[word]))
    for (let word = 0; word < after.length; word++) {
      if (after[word] !== before[word]) expect.fail(`byte ${4 * word} changed, ${this.#relativeTo(4 * word, outputs)}`)
    }
    return result
  }

  #relativeTo(at: number, outputs: readonly (Operand | Block)[]): string {
    return outputs
      .map((output, i) => `${at - output.pointer} bytes from the start of output ${i} (${JSON.stringify(output)})`)
      .join(', ')
  }
}

function forEachWord(output: Operand | Block, visit: (word: number) => void): void {
  if ('bytes' in output) {
    for (let word = 0; word < output.bytes / 4; word++) visit(output.pointer / 4 + word)
    return
  }
  const { pointer, rows, cols, rs, cs, elementBytes } = output
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < rows; i++) {
      const word = pointer / 4 + (elementBytes / 4) * (i * rs + j * cs)
      visit(word)
      if (elementBytes === 8) visit(word + 1)
    }
  }
}

/** Calls a `Step` export until it says that nothing is left; returns the number of calls. */
export function drive(step: () => number): number {
  for (let calls = 1; calls <= 1e6; calls++) {
    const left = step()
    if (left === 0) return calls
    if (left < 0) throw new Error(`the step failed with ${left}`)
  }
  throw new Error('a resumable kernel did not end within a million steps')
}
