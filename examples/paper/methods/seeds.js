/** What `measure` finds for the seeds 1 to `count`, in order; `progress` hears how far it is. */
export function overSeeds(count, progress, measure) {
  return Array.from({ length: count }, (_, i) => {
    progress(i, count)
    return measure(i + 1)
  })
}
