import { Matrix } from '../matrix.js'
import type { Steps } from '../runtime/steps.js'
import { stackRows } from './blocks.js'
import type { LinearAlignment } from './linear-alignment.js'

// Entries mapped between two turns of the event loop: some milliseconds.
const PIECE_ENTRIES = 2 ** 19

/** The latents of every modality, as `transform` gives them. */
export function* latentSteps(model: LinearAlignment, modalities: readonly Matrix[]): Steps<Matrix[]> {
  const latents: Matrix[] = []
  for (const [m, X] of modalities.entries()) {
    const pieces: Matrix[] = []
    for (const piece of rowPieces(X, Math.ceil(PIECE_ENTRIES / X.cols))) {
      pieces.push(model.transform(piece, m))
      yield { phase: 'transform', done: m, total: modalities.length }
    }
    latents.push(stackRows(pieces))
  }
  return latents
}

/** Views of up to `height` rows. */
function* rowPieces({ rows, cols, data }: Matrix, height: number): Generator<Matrix> {
  for (let start = 0; start < rows; start += height) {
    const end = Math.min(start + height, rows)
    yield new Matrix(end - start, cols, data.subarray(start * cols, end * cols))
  }
}
