export { evaluate, evaluateAsync, type EvaluateOptions } from './evaluate.js'
export { Evaluation } from './evaluation.js'
export type {
  ClassRetrieval,
  DirectionEvaluation,
  EvaluationData,
  ModalityEvaluation,
  PairEvaluation,
  PartnerRetrieval,
  RetrievalMetric,
} from './evaluation-data.js'
