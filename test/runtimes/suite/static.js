// The package by static imports, for places that have no import(): bundles of one file.
import * as all from 'collimate'
import * as features from 'collimate/features'
import * as io from 'collimate/io'
import * as metrics from 'collimate/metrics'
import * as migration from 'collimate/migration'
import * as selection from 'collimate/model-selection'
import * as serve from 'collimate/serve'
import * as solvers from 'collimate/solvers'
import * as synthetic from 'collimate/synthetic'
import { conformance } from './conformance.js'

const entries = { ...all, ...io, ...synthetic, ...metrics, ...selection, ...solvers, ...features, ...migration }

export const run = (input) => conformance(() => Promise.resolve({ ...entries, serve }), input)
