import type { Steps } from '../runtime/steps.js'

/** The same pieces of work, reported under another name: what it is for, and not how it is done. */
export function* inPhase<T>(phase: string, steps: Steps<T>): Steps<T> {
  try {
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) yield { ...step.value, phase }
    return step.value
  } finally {
    // A plain loop, unlike yield*, does not pass an abort on.
    steps.return(undefined as never)
  }
}
