// A page that searches and maps, when told, and says how long each takes: in milliseconds a call.
import { FlatIndex, loadAlignment } from '../node_modules/collimate/dist/serve.js'

const K = 10
const ROUNDS = 7
/** A turn of one contender takes so long: clocks of pages tick in up to milliseconds. */
const TURN_MS = 40

/** Numbers that are the same everywhere: a linear congruential generator (Numerical Recipes). */
function numbers(count, seed) {
  let state = seed >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** The loop that one writes oneself, four sums at a time, over rows of length 1. */
function loop(rows, query, d) {
  const [places, scores] = [new Int32Array(K), new Float64Array(K).fill(-Infinity)]
  for (let at = 0, row = 0; at < rows.length; at += d, row++) {
    let [a, b, c, e] = [0, 0, 0, 0]
    for (let l = 0; l < d; l += 4) {
      a += query[l] * rows[at + l]
      b += query[l + 1] * rows[at + l + 1]
      c += query[l + 2] * rows[at + l + 2]
      e += query[l + 3] * rows[at + l + 3]
    }
    const score = a + b + c + e
    if (score <= scores[K - 1]) continue
    let place = K - 1
    for (; place > 0 && scores[place - 1] < score; place--) {
      scores[place] = scores[place - 1]
      places[place] = places[place - 1]
    }
    scores[place] = score
    places[place] = row
  }
  return [...places]
}

/** By turns, so that a machine that gets slower or faster does so for all. */
function timed(contenders) {
  const best = Object.fromEntries(Object.keys(contenders).map((name) => [name, Infinity]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(contenders)) {
      const start = performance.now()
      let [calls, elapsed] = [0, 0]
      for (; elapsed < TURN_MS; elapsed = performance.now() - start) {
        work()
        calls++
      }
      best[name] = Math.min(best[name], elapsed / calls)
    }
  }
  return best
}

globalThis.searches = (n, d) => {
  const data = numbers(n * d, 1)
  for (let at = 0; at < data.length; at += d) {
    let square = 0
    for (let j = at; j < at + d; j++) square += data[j] ** 2
    for (let j = at; j < at + d; j++) data[j] /= Math.sqrt(square)
  }
  const query = data.slice(7 * d, 8 * d)
  const indices = ['f32', 'i8', 'binary'].map((storage) => {
    const index = new FlatIndex({ dimensions: d, storage })
    index.add({ rows: n, cols: d, data })
    return [storage, index]
  })
  const expected = loop(data, query, d)
  const found = indices[0][1].search(query, K).ids
  if (String(found) !== String(expected)) throw new Error(`found ${found}, expected ${expected}`)
  return timed({
    ...Object.fromEntries(indices.map(([storage, index]) => [storage, () => index.search(query, K)])),
    loop: () => loop(data, query, d),
  })
}

globalThis.mapping = async () => {
  const map = loadAlignment(new Uint8Array(await (await fetch('/serving-model')).arrayBuffer()))
  const x = numbers(map.widths[0], 3)
  return timed({ mapped: () => map.transformVector(x, 0) }).mapped
}
