// A Worker that maps a vector by the model of its bindings and searches an index, and tells what WebAssembly memory there is.
import { FlatIndex, loadAlignment } from 'collimate/serve'

let [map, index] = []

export default {
  async fetch(request, { MODEL, INDEX }) {
    map ??= loadAlignment(new Uint8Array(MODEL))
    index ??= FlatIndex.fromBytes(new Uint8Array(INDEX))
    if (request.method === 'POST') {
      const { ids, scores } = index.search(map.transformVector(await request.json(), 0), 10)
      return Response.json({ ids, scores: [...scores] })
    }
    globalThis.gc()
    return Response.json(map.byteLength + index.byteLength)
  },
}
