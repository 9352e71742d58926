export { calibrateScore, calibrateScoreAsync, type CalibrateScoreOptions } from './calibrate-score.js'
export { matchProbability } from './match-probability.js'
export { registerScore } from './register-score.js'
export type { ReliabilityBin, ScoreCalibration, ScoreRow } from './score-calibration.js'
