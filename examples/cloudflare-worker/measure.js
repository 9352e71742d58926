// A Worker that tells how long mapping one vector takes: microseconds, ascending. The clock ticks in milliseconds.
import { mappingTimes } from '../edge-service/mapping.js'

export default {
  async fetch(request, { ASSETS }) {
    const response = await ASSETS.fetch('https://assets.local/model.safetensors')
    const file = new Uint8Array(await response.arrayBuffer())
    return Response.json(mappingTimes(file, Number(new URL(request.url).searchParams.get('together'))))
  },
}
