import type { Context } from '../context.js'
import { progressBar, type ProgressBar } from '../terminal.js'

/** How far an input has been read. */
export interface ReadingPosition {
  /** Bytes that were read. */
  at: number
  /** Bytes that it has; undefined for a stream. */
  readonly size: number | undefined
}

const REPORT_MS = 100
const MEGABYTE = 1e6

/** The inputs of a command that are open, and the bar that says how far they have been read. */
class Reading {
  readonly #inputs = new Set<ReadingPosition>()
  readonly #context: Context
  #bar: ProgressBar | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(context: Context) {
    this.#context = context
  }

  begin(input: ReadingPosition): void {
    this.#inputs.add(input)
    if (this.#timer !== undefined) return
    this.#bar = progressBar(this.#context)
    // By a timer: what becomes of rows that were read takes longer than the reading, and tells nobody.
    this.#timer = setInterval(() => {
      this.#report()
    }, REPORT_MS)
    this.#timer.unref()
  }

  end(input: ReadingPosition): void {
    this.#inputs.delete(input)
    if (this.#inputs.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#bar?.clear()
  }

  endAll(): void {
    for (const input of this.#inputs) this.end(input)
  }

  #report(): void {
    const inputs = [...this.#inputs]
    const done = inputs.reduce((sum, { at }) => sum + at, 0)
    const total = inputs.reduce((sum, { size = NaN }) => sum + size, 0)
    const phase = Number.isNaN(total) ? `reading, ${Math.floor(done / MEGABYTE)} MB so far` : 'reading'
    this.#bar?.report({ phase, done, total })
  }
}

const READINGS = new WeakMap<Context, Reading>()

/** Says on a terminal how far an input has been read, until it is told the end. */
export function showReading(context: Context, input: ReadingPosition): { readonly end: () => void } {
  if (context.stderr.isTTY !== true) return { end: () => undefined }
  const reading = READINGS.get(context) ?? new Reading(context)
  READINGS.set(context, reading)
  reading.begin(input)
  return {
    end: () => {
      reading.end(input)
    },
  }
}

/** What an error has left open is read no further. */
export function endReading(context: Context): void {
  READINGS.get(context)?.endAll()
}
