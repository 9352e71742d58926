import { shareOf, type Progress, type Steps } from './steps.js'

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

/**
 * Parts of a whole, one after the other, that report which share of the whole's expected time is over. It never falls: where a part has
 * phases of its own without shares, it is that of the one furthest on.
 *
 * @param costs - the expected time of every part, in any unit; parts beyond take none
 */
export function partsOf(...costs: number[]): <T>(steps: Steps<T>) => Steps<T> {
  const whole = costs.reduce((sum, cost) => sum + cost, 0)
  let [part, before, share] = [0, 0, 0]
  return (steps) => {
    const [from, cost] = [before, costs[part++] ?? 0]
    before += cost
    return reportedAs((progress) => {
      share = Math.max(share, (from + cost * shareOf(progress)) / whole)
      return { ...progress, share }
    }, steps)
  }
}

/** Work of about so many reports, which are alike: each moves the share on, and the less the more there are beyond what was expected. */
export function expecting<T>(reports: number, steps: Steps<T>): Steps<T> {
  let done = 0
  return reportedAs((progress) => {
    const share = ++done / reports
    return { ...progress, share: share < 0.8 ? share : 1 - 0.16 / share }
  }, steps)
}

/** How fast it goes, and how long it will take. */
export function pace(rows: number, left: number, seconds: number): string {
  if (seconds < 1 || rows === 0) return 'rows'
  const perSecond = rows / seconds
  return `${thousands(perSecond * 60)} rows a minute, ${duration(left / perSecond)} left`
}

const thousands = (x: number): string => Math.round(x).toLocaleString('en')

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
