import { runAsync, type Steps } from '../steps.js'
import type { Context } from './context.js'
import { progressBar } from './terminal.js'

/** Computes with a progress bar, and until Ctrl-C. */
export async function withProgress<T>(steps: Steps<T>, context: Context): Promise<T> {
  const bar = progressBar(context)
  try {
    return await runAsync(steps, { signal: context.signal, onProgress: bar.report })
  } finally {
    bar.clear()
  }
}
