import { report } from './page.js'
import { run } from './static.js'

report(run)
