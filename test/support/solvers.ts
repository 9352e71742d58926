// A test file that imports this finds the solvers that users register.
import { registerSolvers } from '../../src/solvers/index.js'

registerSolvers()
