// Vercel's edge runtime, which knows no modules but only an event.
import { run } from './static.js'

addEventListener('fetch', (event) => {
  event.respondWith(event.request.json().then(async (input) => new Response(JSON.stringify(await run(input)))))
})
