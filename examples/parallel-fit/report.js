// The figures as text.
import { alignedTable } from '../mfeat/text.js'

const seconds = (ms) => (ms / 1000).toFixed(2)

/** @param {Record<string, Awaited<ReturnType<import('./fit.js').fitInWorkers>>>} runs - by what they are called */
export function table(runs) {
  const line = (name, of) => [name, ...Object.values(runs).map((run) => seconds(of(run)))]
  return alignedTable([
    ['seconds', ...Object.keys(runs)],
    line('from the first row to the model', ({ wallMs }) => wallMs),
    line('  making rows, sum over workers', ({ generateMs }) => generateMs),
    line('  factoring them, sum over workers', ({ factorMs }) => factorMs),
    line('  merging parts', ({ mergeMs }) => mergeMs),
    line('  the model from the factor', ({ modelMs }) => modelMs),
  ])
}

/** What the runs have shown. */
export function conclusion(one, several, workers, angle) {
  return [
    `${workers} workers are ${(one.wallMs / several.wallMs).toFixed(2)} times as fast as one`,
    `largest angle between the models: ${angle.toExponential(1)}`,
  ].join('\n')
}
