import { conformance } from './conformance.js'
import { report } from './page.js'
import { load } from './load-url.js'

report((input) => conformance(load, input))
