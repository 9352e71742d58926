import type { EvaluationData } from './evaluation-data.js'
import { evaluationTables } from './tables.js'

/** What {@link evaluate} measured. Its properties are plain data, and JSON holds all of them; as a string it is tables. */
export class Evaluation implements EvaluationData {
  declare readonly rows: EvaluationData['rows']
  declare readonly components: EvaluationData['components']
  declare readonly metric: EvaluationData['metric']
  declare readonly pairs: EvaluationData['pairs']
  declare readonly modalities: EvaluationData['modalities']
  declare readonly retrieval: EvaluationData['retrieval']
  declare readonly means: EvaluationData['means']
  declare readonly chance: EvaluationData['chance']

  /** @internal */
  constructor(data: EvaluationData) {
    Object.assign(this, data)
  }

  /** The tables, lines of plain text. */
  toString(): string {
    const { title, tables } = evaluationTables(this)
    return [title, ...tables.map((lines) => lines.join('\n'))].join('\n\n')
  }
}
