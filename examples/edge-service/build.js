// Fits the model that the service maps by, and maps the collection that it searches. Writes model.safetensors, an index for each
// modality, collection.json, which says what the items are, and query.json, a request to try.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PerfectAlignment, recallAtK } from 'collimate'
import { FlatIndex } from 'collimate/serve'
import { digits, permutation, takeRows } from '../mfeat/data.js'

const MODALITIES = ['pixels', 'profiles']
const COMPONENTS = 50
const FITTED_ROWS = 1000

/** Latents, to be searched by cosine. For a million items and more: storage 'i8' or 'binary'. */
function indexOf(latents, ids) {
  const index = new FlatIndex({ dimensions: COMPONENTS })
  index.add(latents, ids)
  return index.toBytes()
}

const { values } = parseArgs({
  options: { out: { type: 'string', default: fileURLToPath(new URL('assets', import.meta.url)) } },
})
const folder = values.out
const { views, labels } = digits()
const order = permutation(labels.length, 1)
const [fitted, shown] = [order.slice(0, FITTED_ROWS), order.slice(FITTED_ROWS)]

const model = new PerfectAlignment({ nComponents: COMPONENTS }).fit(views.map((x) => takeRows(x, fitted)))
const latents = views.map((x, modality) => model.transform(takeRows(x, shown), modality))

const query = { modality: MODALITIES[0], vector: [...views[0].row(shown[0])], k: 5 }
const files = {
  'model.safetensors': model.toBytes({ precision: 'f32' }),
  'collection.json': JSON.stringify({
    modalities: MODALITIES,
    digits: Object.fromEntries(Array.from(shown, (row) => [row, labels[row]])),
  }),
  ...Object.fromEntries(latents.map((z, modality) => [`${MODALITIES[modality]}.safetensors`, indexOf(z, shown)])),
  'query.json': JSON.stringify(query),
}
mkdirSync(folder, { recursive: true })
for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)

console.log(`${folder}: a model of ${views.map((x) => x.cols).join(' + ')} columns in ${COMPONENTS} dimensions,`)
console.log(
  `${shown.length} digits to search; ${recallAtK(...latents, 1).toFixed(3)} of them find their other view first`,
)
