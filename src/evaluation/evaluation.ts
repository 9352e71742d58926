import type { EvaluationData } from './evaluation-data.js'
import { evaluationTables } from './tables.js'

/** What {@link evaluate} measured. Its properties are plain data, and JSON holds all of them; as a string it is tables. */
export class Evaluation implements EvaluationData {
  readonly rows: EvaluationData['rows']
  readonly components: EvaluationData['components']
  readonly metric: EvaluationData['metric']
  readonly pairs: EvaluationData['pairs']
  readonly modalities: EvaluationData['modalities']
  readonly retrieval: EvaluationData['retrieval']
  readonly means: EvaluationData['means']
  readonly chance: EvaluationData['chance']

  /** @internal */
  constructor(data: EvaluationData) {
    this.rows = data.rows
    this.components = data.components
    this.metric = data.metric
    this.pairs = data.pairs
    this.modalities = data.modalities
    this.retrieval = data.retrieval
    this.means = data.means
    this.chance = data.chance
  }

  /** The tables, lines of plain text. */
  toString(): string {
    const { title, tables } = evaluationTables(this)
    return [title, ...tables.map((lines) => lines.join('\n'))].join('\n\n')
  }
}
