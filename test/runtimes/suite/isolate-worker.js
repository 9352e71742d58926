// A Worker that maps rows by a model of its bindings, and tells what WebAssembly memory there is.
import { loadAlignment } from 'collimate'

const memories = []
const Original = WebAssembly.Instance
WebAssembly.Instance = function (...args) {
  const instance = new Original(...args)
  memories.push(instance.exports.memory)
  return instance
}
WebAssembly.Instance.prototype = Original.prototype

let model

export default {
  async fetch(request, { MODEL }) {
    model ??= loadAlignment(new Uint8Array(MODEL))
    if (request.method === 'POST') return Response.json([...model.transform(await request.json(), 0).data])
    globalThis.gc()
    return Response.json(memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0))
  },
}
