// Service workers have no import(): the package comes with the script.
import * as all from '../node_modules/collimate/dist/index.js'
import * as features from '../node_modules/collimate/dist/features.js'
import * as io from '../node_modules/collimate/dist/io.js'
import * as metrics from '../node_modules/collimate/dist/metrics.js'
import * as migration from '../node_modules/collimate/dist/migration.js'
import * as selection from '../node_modules/collimate/dist/model-selection.js'
import * as serve from '../node_modules/collimate/dist/serve.js'
import * as synthetic from '../node_modules/collimate/dist/synthetic.js'
import { conformance } from './conformance.js'

addEventListener('message', (event) => {
  const entries = { ...all, ...io, ...synthetic, ...metrics, ...selection, ...features, ...migration }
  const load = () => Promise.resolve({ ...entries, serve })
  event.waitUntil(conformance(load, event.data).then((outcome) => event.ports[0].postMessage(outcome)))
})
