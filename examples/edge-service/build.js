// Fits the model that the service maps by, and maps the collection that it searches. Writes model.safetensors,
// gallery.safetensors and query.json, a request to try.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Matrix, PerfectAlignment, recallAtK } from 'collimate'
import { writeSafetensors } from 'collimate/io'
import { digits, permutation, takeRows } from '../mfeat/data.js'
import { unitVector } from './unit-vector.js'

const MODALITIES = ['pixels', 'profiles']
const COMPONENTS = 50
const FITTED_ROWS = 1000

/** Every row at length 1, so that their products are cosines. */
const unitRows = (z) => Matrix.from(Array.from({ length: z.rows }, (_, i) => unitVector(z.row(i))))

const { values } = parseArgs({
  options: { out: { type: 'string', default: fileURLToPath(new URL('assets', import.meta.url)) } },
})
const folder = values.out
const { views, labels } = digits()
const order = permutation(labels.length, 1)
const [fitted, shown] = [order.slice(0, FITTED_ROWS), order.slice(FITTED_ROWS)]

const model = new PerfectAlignment({ nComponents: COMPONENTS }).fit(views.map((x) => takeRows(x, fitted)))
const latents = views.map((x, modality) => unitRows(model.transform(takeRows(x, shown), modality)))

const gallery = writeSafetensors({
  tensors: [
    ...latents.map((z, modality) => [
      `latents.${modality}`,
      { shape: [z.rows, z.cols], data: Float32Array.from(z.data) },
    ]),
    ['ids', { shape: [shown.length], data: Int32Array.from(shown) }],
    ['digits', { shape: [shown.length], data: Uint8Array.from(shown, (row) => labels[row]) }],
  ],
  metadata: { modalities: JSON.stringify(MODALITIES) },
})

const query = { modality: MODALITIES[0], vector: [...views[0].row(shown[0])], k: 5 }
const files = {
  'model.safetensors': model.toBytes({ precision: 'f32' }),
  'gallery.safetensors': gallery,
  'query.json': JSON.stringify(query),
}
mkdirSync(folder, { recursive: true })
for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)

console.log(`${folder}: a model of ${views.map((x) => x.cols).join(' + ')} columns in ${COMPONENTS} dimensions,`)
console.log(
  `${shown.length} digits to search; ${recallAtK(...latents, 1).toFixed(3)} of them find their other view first`,
)
