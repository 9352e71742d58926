#!/usr/bin/env node
// npm run methods: every linear method on every data set, tuned alike; writes docs/methods.md.
import { writeFile } from 'node:fs/promises'
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
  '- All models are centred. The rows tested on are never seen before. Three and more modalities: means over all pairs; methods for two are left out.',
]

const { values } = parseArgs({
  options: { only: { type: 'string' }, seeds: { type: 'string', default: String(SEEDS) } },
})
const folder = process.env.COLLIMATE_DATA
if (folder === undefined)
  throw new Error(
    'set COLLIMATE_DATA to the folder that holds mfeat, wikipedia, utd-mhad, flickr8k-clip and nutrimouse',
  )
const { dataSets, missing } = loadDataSets(folder)
for (const name of missing) console.error(`not in ${folder}: ${name}`)
const wanted = dataSets.filter(({ name }) => values.only === undefined || name.includes(values.only))

const outcomes = []
for (const dataSet of wanted) {
  const start = performance.now()
  const methods = METHODS.filter(({ pairsOnly }) => !pairsOnly || dataSet.views.length === 2)
  const results = Object.fromEntries(methods.map(({ name }) => [name, []]))
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const data = split(dataSet, seed)
    for (const method of methods) results[method.name].push(measure(data, method, dataSet))
  }
  outcomes.push({ name: dataSet.name, results })
  const recall = methods.map(
    ({ name }) => `${name} ${(results[name].reduce((s, r) => s + r['recall@1'], 0) / results[name].length).toFixed(3)}`,
  )
  console.log(`${dataSet.name} (${((performance.now() - start) / 1000).toFixed(0)} s): ${recall.join(', ')}`)
}
const text = report(outcomes, ABOUT)
if (values.only === undefined)
  await writeFile(OUT, await format(text, { ...(await resolveConfig(OUT)), parser: 'markdown' }))
else console.log(text)
