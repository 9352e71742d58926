import type { Precision } from '../matrix.js'
import { Engine } from './engine.js'
import { run, runAsync, type AsyncOptions, type Steps } from '../steps.js'

/** An operation whose arguments are checked, for whichever engine of its precision runs it: what its two public forms share. */
export interface Work<T> {
  (engine: Engine): Steps<T>
  /** Default 'f64'. */
  readonly precision?: Precision
}

/** Runs it at once, on the shared engine. */
export function perform<T>(work: Work<T>): T {
  return run(work(Engine.shared(work.precision)))
}

/** Runs it with turns for the event loop, on an engine of its own, which is garbage afterwards. */
export async function performAsync<T>(work: Work<T>, options: AsyncOptions): Promise<T> {
  return runAsync(work(await Engine.createAsync(work.precision)), options)
}
