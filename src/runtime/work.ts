import type { Precision } from '../matrix.js'
import { Engine } from './engine.js'
import { run, runAsync, type AsyncOptions, type Steps } from '../steps.js'

/** An operation whose arguments are checked, for whichever engine runs it: what its two public forms share. */
export type Work<T> = (engine: Engine) => Steps<T>

/** Runs it at once, on the shared engine of a precision. */
export function perform<T>(work: Work<T>, precision?: Precision): T {
  return run(work(Engine.shared(precision)))
}

/** Runs it with turns for the event loop, on an engine of its own, which is garbage afterwards. */
export async function performAsync<T>(work: Work<T>, options: AsyncOptions, precision?: Precision): Promise<T> {
  return runAsync(work(await Engine.createAsync(precision)), options)
}
