import { prose } from '../../report/blocks.js'
import { picture } from './figure.js'
import { findings, summarise } from './findings.js'
import { NOISES, SWEEPS, measure } from './sweeps.js'

export default {
  id: 'robustness',
  title: 'How the errors depend on n, d and k',
  item: 'Figure 4',
  run({ quick, progress }) {
    const seeds = quick ? 5 : 20
    const total = Object.values(SWEEPS).reduce((sum, { values }) => sum + values.length, 0) * 2
    let done = 0
    const sweep = (name, noise) =>
      SWEEPS[name].values.map((x) => {
        progress(done++, total)
        return { x, ...measure({ ...SWEEPS[name].setting(x), noise: NOISES[noise], seeds }) }
      })
    const numbers = {}
    for (const noise of Object.keys(NOISES)) {
      numbers[noise] = Object.fromEntries(Object.keys(SWEEPS).map((name) => [name, sweep(name, noise)]))
    }
    return {
      numbers: { seeds, ...numbers, summary: summarise(numbers) },
      blocks: [prose(...introduction(seeds)), picture(numbers, seeds)],
      claims: findings(numbers),
    }
  },
}

const introduction = (seeds) => [
  `The same mixture with k coordinates (means (0, 1, 0, 1, …) and (4, 5, 4, 5, …)) is seen in two modalities of equal width through random matrices, and aligned in k dimensions with
<code>selection: 'last'</code>, the paper’s Equation 7. d is the width of both modalities together. Curves are medians over ${seeds} seeds, bands the 5 to 95 %.
What can be said beforehand: noise-free data has rank min(n, k), noisy data min(n, d); the alignment is perfect where d minus that rank is at least k; and with noise
and many samples every latent difference keeps unit variance, so that the CMAE cannot fall below about √k.`,
]
