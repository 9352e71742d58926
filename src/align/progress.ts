import type { Progress, Steps } from '../runtime/steps.js'

/** The same pieces of work, reported as `progress` of the larger operation that they belong to. */
export function* reportedAs<T>(progress: Progress, steps: Steps<T>): Steps<T> {
  try {
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) yield progress
    return step.value
  } finally {
    // A plain loop, unlike yield*, does not pass an abort on.
    steps.return(undefined as never)
  }
}
