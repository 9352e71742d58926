import { conformance } from './conformance.js'
import { load } from './load-url.js'

onmessage = async ({ data }) => postMessage(await conformance(load, data))
