import { recallAtK } from '../../dist/metrics.js'

/** The share of new pairs whose one half finds the other first. */
export function recallOf(model, [first, second]) {
  return recallAtK(model.transform(first, 0), model.transform(second, 1), 1)
}
