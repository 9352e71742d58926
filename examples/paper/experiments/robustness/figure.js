import { figures, legend } from '../../report/blocks.js'
import { COLOURS, curves } from '../../report/plots.js'

const COLUMNS = {
  n: { x: 'samples n (d = 20, k = 10)', logX: true, rules: [{ x: 10, label: 'n = d − k' }] },
  d: { x: 'dimensions d (k = 10, n = 2000)', rules: [{ x: 20, label: 'd = 2k' }] },
  k: { x: 'latent dimensions k (d = 40, n = 2000)', rules: [{ x: 20, label: 'k = d / 2' }] },
}

/** The paper's twelve panels. */
export function picture(numbers, seeds) {
  const panel = (plot, noise, metric, column) => {
    const points = (sweep) => numbers[noise][sweep].map(({ x, [metric]: value }) => ({ x, ...value }))
    const colour = COLOURS[metric === 'cmae' ? 0 : 2]
    const series = [{ points: points(column), colour }]
    if (metric === 'cmae' && column === 'n') {
      series.push({ points: points('crowded'), colour: COLOURS[1], dashed: true })
      if (noise === 'noisy') series.push({ points: points('roomy'), colour: COLOURS[3], dashed: true })
    }
    return {
      title: `Plot ${plot}: ${metric.toUpperCase()} against ${column}, ${noise === 'clean' ? 'no noise' : 'unit noise'}`,
      svg: curves({
        series,
        y: metric.toUpperCase(),
        logY: metric === 'cmae',
        floor: 1e-17,
        ...(metric === 'cmae' ? { domainY: [1e-16, 1e3] } : {}),
        height: 240,
        ...COLUMNS[column],
      }),
    }
  }
  const row = (first, noise, metric) =>
    Object.keys(COLUMNS).map((column, i) => panel(first + 2 * i, noise, metric, column))
  return figures({
    caption: `The paper’s numbering: odd plots are CMAE (log scale), even ones MLRE; 1 to 6 without noise, 7 to 12 with unit noise. ${seeds} seeds. The dashed curves are not in the paper: the same sweep over n with other k, whose jumps sit at n = d − k as well.`,
    least: 290,
    legend: legend([
      { name: 'CMAE', colour: COLOURS[0] },
      { name: 'MLRE', colour: COLOURS[2] },
      { name: 'CMAE for k = 15', colour: COLOURS[1], kind: 'dashed' },
      { name: 'CMAE for k = 5', colour: COLOURS[3], kind: 'dashed' },
    ]),
    panels: [row(1, 'clean', 'cmae'), row(2, 'clean', 'mlre'), row(7, 'noisy', 'cmae'), row(8, 'noisy', 'mlre')].flat(),
  })
}
