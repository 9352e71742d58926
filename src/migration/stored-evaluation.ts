import { contentError } from '../io/tensors.js'
import type { MigrationEvaluationData } from './evaluation-data.js'
import { METHODS, WAYS } from './options.js'

/** @throws FileFormatError unless a part of what was read is what it must be */
type Check = (found: unknown, name: string) => void

const refused = (name: string, expected: string) => contentError(`metadata '${name}' must be ${expected}`)

const kind =
  (type: 'number' | 'string' | 'boolean'): Check =>
  (found, name) => {
    if (typeof found !== type) throw refused(name, type)
  }
const [number, string, boolean] = [kind('number'), kind('string'), kind('boolean')]

const choice =
  (choices: readonly unknown[]): Check =>
  (found, name) => {
    if (!choices.includes(found)) throw refused(name, choices.join(', '))
  }

const optional =
  (check: Check): Check =>
  (found, name) => {
    if (found !== undefined) check(found, name)
  }

const list =
  (item: Check): Check =>
  (found, name) => {
    if (!Array.isArray(found)) throw refused(name, 'a list')
    found.forEach((one: unknown, i) => {
      item(one, `${name}[${i}]`)
    })
  }

const object =
  (parts: Readonly<Record<string, Check>>): Check =>
  (found, name) => {
    if (typeof found !== 'object' || found === null) throw refused(name, 'an object')
    for (const [key, check] of Object.entries(parts)) check((found as Record<string, unknown>)[key], `${name}.${key}`)
  }

/** Of what is written by this package. */
function evaluationCheck(): Check {
  const model = object({ model: optional(string), dimensions: number })
  const recallAt = object({ 1: number, 10: number })
  const [way, method] = [choice(WAYS), choice(METHODS)]
  const interval = object({ 0: number, 1: number })
  const rows = list(object({ way, method, setting: string, recallAt, retention: number, interval }))
  const morePairs = optional(object({ pairs: number, retention: number }))
  return object({
    models: object({ old: model, new: model }),
    ...{ pairs: number, fitted: number, gallery: number, queries: number, neighbours: number },
    rows,
    chance: object({ recallAt, retention: number }),
    curve: list(object({ pairs: number, rows })),
    verdict: object({ isAdvised: boolean, way, method, reason: string, morePairs }),
    calibration: object({ raw: number, calibrated: number }),
  })
}

/** @throws FileFormatError unless it is what a migration was judged by */
export function readEvaluation(text: string): MigrationEvaluationData {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    throw contentError("metadata 'evaluation' is no JSON text")
  }
  evaluationCheck()(found, 'evaluation')
  return found as MigrationEvaluationData
}
