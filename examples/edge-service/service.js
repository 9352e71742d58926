// A search across modalities as a function from Request to Response: what Workers, Deno, Bun and others call a handler.
import { loadAlignment } from 'collimate/serve'
import { readCollection } from './collection.js'
import { HttpError, jsonHandler, readJson } from './http.js'

const BODY_LIMIT_BYTES = 64 * 1024
const DEFAULT_ITEMS = 10
const MAX_ITEMS = 100

const PATH = '/nearest'

/**
 * Answers `POST /nearest` with `{ modality, vector, k }`: a vector of one modality, of which the k nearest items of the other are wanted.
 *
 * @param {{ model: Uint8Array, about: Uint8Array, indices: Uint8Array[] }} files - what build.js writes
 * @returns {(request: Request) => Promise<Response>} never rejects
 */
export function createService(files) {
  const model = loadAlignment(files.model)
  const collection = readCollection(files.about, files.indices)
  return jsonHandler(async (request) => {
    checkRoute(request)
    const { from, vector, k } = checkQuery(await readJson(request, BODY_LIMIT_BYTES), collection, model.widths)
    const to = 1 - from
    const { ids, scores } = collection.indices[to].search(latentOf(model, vector, from), k)
    const items = ids.map((id, l) => ({ id, digit: collection.digitOf(id), similarity: scores[l] }))
    return { modality: collection.modalities[to], items }
  })
}

function latentOf(model, vector, modality) {
  try {
    return model.transformVector(vector, modality)
  } catch (error) {
    // The model is in float32, where what JSON can hold may be infinite.
    if (error instanceof RangeError) throw new HttpError(400, `vector is out of range: ${error.message}`)
    throw error
  }
}

function checkRoute({ url, method }) {
  const { pathname } = new URL(url)
  if (pathname !== PATH) throw new HttpError(404, `there is no ${shown(pathname)}, only ${PATH}`)
  if (method !== 'POST') throw new HttpError(405, `${PATH} takes POST, not ${method}`, { allow: 'POST' })
}

/** What is asked for. @throws HttpError 400 that says what was got and what is expected */
function checkQuery(query, { modalities, size }, widths) {
  if (typeof query !== 'object' || query === null || Array.isArray(query)) {
    throw new HttpError(400, `the body is ${JSON.stringify(query)?.slice(0, 40)}, expected { modality, vector, k }`)
  }
  const { modality, vector, k = DEFAULT_ITEMS } = query
  const from = modalities.indexOf(modality)
  if (from < 0) throw new HttpError(400, `modality is ${shown(modality)}, expected one of ${modalities.map(shown).join(', ')}`) // prettier-ignore
  checkVector(vector, widths[from], modality)
  const most = Math.min(MAX_ITEMS, size)
  if (!(Number.isInteger(k) && k >= 1 && k <= most)) {
    throw new HttpError(400, `k is ${shown(k)}, expected an integer from 1 to ${most}`)
  }
  return { from, vector, k }
}

function checkVector(vector, width, modality) {
  if (!Array.isArray(vector)) throw new HttpError(400, `vector is ${shown(vector)}, expected an array of numbers`)
  if (vector.length !== width) {
    throw new HttpError(400, `vector has ${vector.length} numbers, expected ${width} as ${modality} have`)
  }
  // JSON has no NaN, and 1e999 in it is infinite here.
  const bad = vector.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new HttpError(400, `entry ${bad} of vector is ${shown(vector[bad])}, expected a finite number`)
}

/** A value from outside in a message: short, whatever it is. */
function shown(value) {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'missing')
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}
