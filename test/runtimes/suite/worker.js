// Cloudflare Workers.
import { run } from './static.js'

export default {
  async fetch(request) {
    return Response.json(await run(await request.json()))
  },
}
