// A test file that imports this finds the scores that users register.
import { registerScore } from '../../src/score/index.js'

registerScore()
