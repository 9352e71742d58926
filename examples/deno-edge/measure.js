// Prints how long mapping one vector takes: microseconds, ascending.
import { mappingTimes } from '../edge-service/mapping.js'

const file = await Deno.readFile(new URL('../edge-service/assets/model.safetensors', import.meta.url))
mappingTimes(file, 1)
console.log(JSON.stringify(mappingTimes(file, 1)))
