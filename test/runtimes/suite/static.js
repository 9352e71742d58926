// The package by static imports, for places that have no import(): bundles of one file.
import * as all from 'collimate'
import * as features from 'collimate/features'
import * as io from 'collimate/io'
import * as metrics from 'collimate/metrics'
import * as selection from 'collimate/model-selection'
import * as serve from 'collimate/serve'
import * as solvers from 'collimate/solvers'
import * as synthetic from 'collimate/synthetic'
import { conformance } from './conformance.js'

export const run = (input) =>
  conformance(
    () => Promise.resolve({ ...all, ...io, ...synthetic, ...metrics, ...selection, ...solvers, ...features, serve }),
    input,
  )
