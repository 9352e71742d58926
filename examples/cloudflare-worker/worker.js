// The search of ../edge-service as a Worker. Its files are static assets.
import { loadService } from '../edge-service/files.js'

// What one request loads the next ones of the isolate use. The service is kept, not the promise of it: a promise belongs to the
// request that made it, and dies with it.
let service

async function asset(assets, name) {
  const response = await assets.fetch(`https://assets.local/${name}`)
  if (!response.ok) throw new Error(`${name}: ${response.status} from the assets; has build.js been run?`)
  return new Uint8Array(await response.arrayBuffer())
}

export default {
  async fetch(request, { ASSETS }) {
    try {
      service ??= await loadService((name) => asset(ASSETS, name))
    } catch (error) {
      console.error(error)
      return Response.json({ error: 'the model could not be loaded' }, { status: 503 })
    }
    return service(request)
  },
}
