// The search of ../edge-service on Deno: deno run --allow-net --allow-read main.js [port]
import { loadService } from '../edge-service/files.js'

const read = (name) => Deno.readFile(new URL(`../edge-service/assets/${name}`, import.meta.url))

Deno.serve({ port: Number(Deno.args[0] ?? 8000) }, await loadService(read))
