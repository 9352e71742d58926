import { wrongKind } from './describe.js'

/** How far a long operation has come. `total` is an estimate where the work depends on the data (Jacobi sweeps). */
export interface Progress {
  /** What is being done, e.g. 'qr' or 'jacobi'. */
  readonly phase: string
  readonly done: number
  readonly total: number
  /** Of a fit, `spectrum` and `crossValidate`: the share of all phases' expected time that is over, 0 to 1. It never falls. */
  readonly share?: number
}

/** The share of its phase that is done. */
export const shareOf = ({ done, total, share }: Progress): number =>
  share ?? (total > 0 ? Math.min(1, Math.max(0, done / total)) : 0)

/** What is used of an AbortSignal, which is one: the types need neither those of the DOM nor those of Node. */
export interface CancelSignal {
  /** Throws the reason of the abort, if there was one. */
  throwIfAborted(): void
}

/** Options of every asynchronous operation. */
export interface AsyncOptions {
  /**
   * Whether the input is copied at the call, so that the result is that of the numbers as they were then, whatever is written to them
   * meanwhile. Default true: some 10 ms for 50 MB, part of the call. With false the operation reads the caller's arrays as it goes,
   * which must stay as they are until it is done; arrays of rows are copied in any case.
   */
  readonly copy?: boolean
  /** An AbortSignal. Aborting rejects with the signal's reason; the object worked on stays as it was. */
  readonly signal?: CancelSignal
  /** Called between bounded pieces of work. */
  readonly onProgress?: (progress: Progress) => void
}

/** A long operation as a sequence of bounded pieces: yields between them, with progress where there is some to tell; returns the result. */
export type Steps<T> = Generator<Progress | undefined, T, undefined>

/** Runs the pieces one after the other. */
export function run<T>(steps: Steps<T>): T {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/**
 * Calls a resumable kernel until its step says 0.
 *
 * @param total - how many steps are expected, unless `done` says what it counts
 * @returns the state, for what else the kernel tells of it
 */
export function* resume(
  step: (state: number) => number,
  state: number,
  phase: string,
  total = 1,
  done?: () => number,
): Steps<number> {
  for (let piece = 0; step(state) !== 0; piece++) yield { phase, done: done?.() ?? Math.min(piece, total), total }
  return state
}

/** The share of a square's factorisation that is done with so many of its n columns, of n: what is left of a square is a cube. */
export function shareOfCube(columns: number, n: number): number {
  return Math.floor(n * (1 - (1 - columns / n) ** 3))
}

/** Operations between two turns of an asynchronous operation: 4 to 6 ms. */
export const STEP_FLOPS = 2 ** 26

/** The share of a triangle of n columns that is done with so many, of n: what is left of a triangle is one. */
export function shareOfSquare(columns: number, n: number): number {
  return Math.floor(n * (1 - (1 - columns / n) ** 2))
}

// A page draws a frame every 16 ms: what goes on after this time is one piece of some ms at most.
const TURN_MS = 4

// A pass over this many entries takes 2 ms in an interpreter, which is what runs the first one, and .1 ms once it is compiled.
const PIECE_ENTRIES = 2 ** 16

/** A pass over the rows of a matrix in bounded pieces: `pass` is called for rows [from, to) at a time. */
export function* inPieces(rows: number, cols: number, pass: (from: number, to: number) => void): Steps<void> {
  const height = Math.ceil(PIECE_ENTRIES / Math.max(1, cols))
  for (let from = 0; from < rows; from += height) {
    pass(from, Math.min(from + height, rows))
    yield
  }
}

/** A message channel, where there are any: some edges have none, and Next.js's edge runtime has one that throws and is warned of by its bare name. */
function messageChannel(): MessageChannel | undefined {
  try {
    return new globalThis.MessageChannel()
  } catch {
    return undefined
  }
}

/** Milliseconds of the best clock there is: AudioWorklets and vm contexts have no `performance`. */
const now = () => (typeof performance === 'undefined' ? Date : performance).now()

/** Lets the event loop take a turn, where it can be reached. A message channel is not throttled the way nested timers are in a page. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const channel = messageChannel()
    if (channel === undefined) {
      if (typeof setTimeout === 'undefined') resolve()
      else setTimeout(resolve)
      return
    }
    const { port1, port2 } = channel
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}

/**
 * Runs the pieces with turns of the event loop in between, reporting progress and heeding the signal.
 * The generator's `finally` blocks run on abort, so what it holds is released.
 *
 * @throws TypeError if an option is of the wrong kind: the promise rejects
 */
export async function runAsync<T>(steps: Steps<T>, options: AsyncOptions = {}): Promise<T> {
  try {
    const { signal, onProgress } = checkedOptions(options)
    signal?.throwIfAborted()
    // What the call did, a copy perhaps, and the first pieces are two tasks.
    await turn()
    signal?.throwIfAborted()
    let last = now()
    let reported: Progress | undefined
    let step = steps.next()
    while (step.done !== true) {
      if (step.value !== undefined) onProgress?.((reported = step.value))
      if (now() - last >= TURN_MS) {
        await turn()
        last = now()
      }
      signal?.throwIfAborted()
      step = steps.next()
    }
    if (reported?.share !== undefined) onProgress?.({ ...reported, done: reported.total, share: 1 })
    return step.value
  } finally {
    steps.return(undefined as never)
  }
}

function checkedOptions(options: unknown): AsyncOptions {
  if (typeof options !== 'object' || options === null) {
    throw wrongKind('options', 'an object', options)
  }
  const { signal, onProgress, copy } = options as {
    signal?: { throwIfAborted?: unknown } | null
    onProgress?: unknown
    copy?: unknown
  }
  // By what it can do: signals come from other realms, and from libraries.
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    throw wrongKind('signal', 'an AbortSignal', signal)
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw wrongKind('onProgress', 'a function', onProgress)
  }
  if (copy !== undefined && typeof copy !== 'boolean') {
    throw wrongKind('copy', 'true or false', copy)
  }
  return options
}
