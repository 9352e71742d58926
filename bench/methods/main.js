#!/usr/bin/env node
// npm run methods: every method on every data set, tuned alike; writes docs/methods.md. With --results FOLDER what was measured is kept there,
// split by split, and not measured again: a run that was interrupted, or told --only some data sets or a --method, goes on.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { loadDataSets } from './data-sets.js'
import { measure } from './measure.js'
import { METHODS } from './methods.js'
import { report } from './report.js'
import { split } from './split.js'

const SEEDS = 5
const OUT = fileURLToPath(new URL('../../docs/methods.md', import.meta.url))
const ABOUT = [
  'Written by `npm run methods` (with `COLLIMATE_DATA` naming the folder of the data sets); figures are means and deviations over five random splits.',
  '',
  '- Views are standardised by the training rows, and reduced to at most 100 principal components of them where they are wider, or to one fewer than there are training rows (CLIP 69, nutrimouse 27).',
  '- Splits: mfeat 30 % of the rows to train and 700 to test on, Wikipedia 75 %, CLIP and nutrimouse 70 %, UTD-MHAD five of the eight subjects.',
  '- k (5, 10, 20 or 40; Wikipedia 2 to 8, nutrimouse 2 to 15), ridge and direction are chosen by `crossValidate` on three folds of the training rows (of subjects, for',
  '  UTD-MHAD): by recall@1, or, where instances of a class can hardly be told apart (Wikipedia, UTD-MHAD, nutrimouse), by mean average precision.',
  '- InfoNCE: 25 or 100 passes over the training rows, chosen with k; more cost time and, with few rows, recall (CLIP, first split, k = 20: .65 after 50 passes,',
  '  .55 after 200; mfeat pix, fac: .99 after 100 and after 400; kar, zer, where they help most: .41 and .47). Cosines, batches of 512 and temperature .2, its defaults: .5 did as',
  '  well and .1 worse.',
  "- Scores ([score.md](score.md)): of 'balanced' with all components, nothing tuned. 'normalised' and 'likelihood' by the fit; 'likelihood, folds' by calibrateScore on five folds; 'score chosen'",
  "  among all of them and the cosine by held-out mean reciprocal rank of partners; 'score, ridge chosen' also among 1, .3 and .1 times the shrinkage. 'Fourier, likelihood' is 'likelihood, folds' of 768",
  '  cosines and the rows ([features.md](features.md)). Where no deviation stands beside a figure, it is of the first split alone.',
  '- Methods of others: Procrustes is orthogonal, after principal components; CSA (Li, Chinchali and Topcu, ICLR 2025) the cosine of canonical variates weighted by their correlations, ridge and k tuned; ASIF (Norelli et al.,',
  '  NeurIPS 2023) cosines with the training rows, the largest 5 or 30 % of them to the power 1, 4 or 8; VecMap (Artetxe, Labaka and Agirre, 2018) normalised, whitened, rotated, re-weighted, de-whitened, cut to k.',
  '- All models are centred. The rows tested on are never seen before. Three and more modalities: means over all pairs; methods for two are left out.',
]

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: String(SEEDS) },
    method: { type: 'string', multiple: true },
    results: { type: 'string' },
  },
})
const folder = process.env.COLLIMATE_DATA
if (folder === undefined)
  throw new Error(
    'set COLLIMATE_DATA to the folder that holds mfeat, wikipedia, utd-mhad, flickr8k-clip and nutrimouse',
  )
const { dataSets, missing } = loadDataSets(folder)
for (const name of missing) console.error(`not in ${folder}: ${name}`)
const wanted = dataSets.filter(({ name }) => values.only === undefined || name.includes(values.only))

const fileOf = (dataSet) => values.results && join(values.results, `${dataSet.name}.json`)

/** What was measured of a data set before, by method. */
async function keptOf(dataSet) {
  const text = values.results && (await readFile(fileOf(dataSet), 'utf8').catch(() => undefined))
  return text === undefined ? {} : JSON.parse(text)
}

/** Every method on every split of a data set, those that were measured before as they were kept. */
async function outcomeOf(dataSet) {
  const results = await keptOf(dataSet)
  const methods = METHODS.filter(({ pairsOnly }) => !pairsOnly || dataSet.views.length === 2)
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const wanting = methods.filter(
      ({ name, splits = SEEDS }) =>
        (results[name] ?? []).length < seed && seed <= splits && (values.method?.includes(name) ?? true),
    )
    const data = wanting.length > 0 && split(dataSet, seed)
    for (const method of wanting) (results[method.name] ??= []).push(measure(data, method, dataSet))
    if (values.results === undefined || wanting.length === 0) continue
    await mkdir(values.results, { recursive: true })
    await writeFile(fileOf(dataSet), JSON.stringify(results, null, 1))
  }
  return { name: dataSet.name, swept: dataSet.swept, results }
}

const outcomes = []
for (const dataSet of wanted) {
  const outcome = await outcomeOf(dataSet)
  outcomes.push(outcome)
  const recall = Object.entries(outcome.results).map(
    ([name, list]) => `${name} ${(list.reduce((sum, one) => sum + one['recall@1'], 0) / list.length).toFixed(3)}`,
  )
  console.log(`${outcome.name}: ${recall.join(', ')}`)
}
const text = report(outcomes, ABOUT)
if (values.only === undefined && values.method === undefined)
  await writeFile(OUT, await format(text, { ...(await resolveConfig(OUT)), parser: 'markdown' }))
else console.log(text)
