import type { Progress, Steps } from './steps.js'

/** The same pieces of work, reported otherwise: as what they are for, or as part of a whole. */
export function* reportedAs<T>(report: (progress: Progress) => Progress, steps: Steps<T>): Steps<T> {
  try {
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) yield step.value && report(step.value)
    return step.value
  } finally {
    // A plain loop, unlike yield*, does not pass an abort on.
    steps.return(undefined as never)
  }
}

/** The same pieces of work, reported under another name. */
export function* inPhase<T>(phase: string, steps: Steps<T>): Steps<T> {
  return yield* reportedAs((progress) => ({ ...progress, phase }), steps)
}

/** Pieces of work that all belong to one stage of a longer iteration. */
export function atStage<T>(stage: Progress, steps: Steps<T>): Steps<T> {
  return reportedAs(() => stage, steps)
}
