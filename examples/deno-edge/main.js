// The search of ../edge-service on Deno: deno run --allow-net --allow-read main.js [port]
import { createService } from '../edge-service/service.js'

const read = (name) => Deno.readFile(new URL(`../edge-service/assets/${name}`, import.meta.url))
const [model, gallery] = await Promise.all([read('model.safetensors'), read('gallery.safetensors')])

Deno.serve({ port: Number(Deno.args[0] ?? 8000) }, createService({ model, gallery }))
