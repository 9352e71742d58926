import { STEP_FLOPS } from '../constants'

/** How far a factorisation by panels is: a step factors a panel, or carries it over to some of the columns to its right. */
@unmanaged
export class Panels {
  /** First column of the panel in work. */
  panel: i32
  /** Next column to update from the panel; `panel` itself while the panel is not factored. */
  next: i32
}

/** After a step on a panel of k, with n columns in all: the next panel if it is done. True while panels are left of `steps` columns. */
export function advance(s: Panels, k: i32, n: i32, steps: i32): bool {
  if (s.next >= n) s.next = s.panel = s.panel + k
  return s.panel < steps
}

/** How many of the columns (or rows) that are left a step takes, at so many operations each; but for the last, `least` at least. */
export function columnsOfStep(left: i32, flops: f64, least: i32 = 32): i32 {
  return min(left, max(least, (STEP_FLOPS / flops) as i32))
}
