import { bulk } from './bulk.js'
import { coldStart } from './cold-start.js'
import { mapping } from './mapping.js'
import { recalls } from './recall.js'
import { runtimes } from './runtimes.js'
import { search } from './search.js'

/** What is timed beside rivals, and what is a figure by itself. */
export const serve = [...search, ...mapping, ...bulk]
export const serveReports = [recalls, coldStart, runtimes]
