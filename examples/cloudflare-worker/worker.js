// The search of ../edge-service as a Worker. The model and the collection are static assets.
import { createService } from '../edge-service/service.js'

// What one request loads the next ones of the isolate use. The service is kept, not the promise of it: a promise belongs to the
// request that made it, and dies with it.
let service

async function asset(assets, name) {
  const response = await assets.fetch(`https://assets.local/${name}`)
  if (!response.ok) throw new Error(`${name}: ${response.status} from the assets; has build.js been run?`)
  return new Uint8Array(await response.arrayBuffer())
}

async function load(assets) {
  const [model, gallery] = await Promise.all(['model', 'gallery'].map((name) => asset(assets, `${name}.safetensors`)))
  return createService({ model, gallery })
}

export default {
  async fetch(request, { ASSETS }) {
    try {
      service ??= await load(ASSETS)
    } catch (error) {
      console.error(error)
      return Response.json({ error: 'the model could not be loaded' }, { status: 503 })
    }
    return service(request)
  },
}
