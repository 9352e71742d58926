// More rows than float32 counts and than a Map of V8 holds: 2^24 and some, of few dimensions. Of the built package (npm run build); takes minutes, and
// 3 GB of memory.
import assert from 'node:assert/strict'
import { FlatIndex } from '../dist/serve.js'

const ROWS = 2 ** 24 + 5
const PIECE = 2 ** 20
const DIMENSIONS = 4
/** The row that is sought, behind all that 24 bits can name. */
const SOUGHT = 2 ** 24 + 2

/** Rows from `first` on: all of one orthant, but for the one that is sought. */
function rows(first, count) {
  let state = first + 1
  const data = Float32Array.from({ length: count * DIMENSIONS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return 0.25 + state / 2 ** 32
  })
  if (SOUGHT >= first && SOUGHT < first + count) {
    data.fill(-1, (SOUGHT - first) * DIMENSIONS, (SOUGHT - first + 1) * DIMENSIONS)
  }
  return { rows: count, cols: DIMENSIONS, data }
}

/** @param {(row: number) => number} idOf - of a row; undefined for those by default */
function filled(storage, idOf) {
  const index = new FlatIndex({ dimensions: DIMENSIONS, storage, rescore: false })
  for (let first = 0; first < ROWS; first += PIECE) {
    const count = Math.min(PIECE, ROWS - first)
    index.add(rows(first, count), idOf && Array.from({ length: count }, (_, i) => idOf(first + i)))
  }
  return index
}

const query = new Float32Array(DIMENSIONS).fill(-1)

function check(index, idOf, what) {
  assert.equal(index.size, ROWS)
  assert.deepEqual(index.search(query, 1).ids, [idOf(SOUGHT)])
  assert.ok(index.has(idOf(ROWS - 1)) && !index.has(-7))
  assert.equal(index.remove([idOf(SOUGHT), idOf(0), -7]), 2)
  assert.notDeepEqual(index.search(query, 1).ids, [idOf(SOUGHT)])
  const [added] = index.add([[-1, -1, -1, -1]])
  assert.ok(added >= ROWS)
  assert.deepEqual(index.search(query, 1).ids, [added])
  assert.equal(index.size, ROWS - 1)
  console.log(`${what}: ${ROWS} rows, ${(index.byteLength / 2 ** 20).toFixed(0)} MiB`)
}

const byDefault = (row) => row
const given = (row) => 2 ** 40 - row
const read = FlatIndex.fromBytes(filled('i8').toBytes())
check(read, byDefault, "'i8', numbers by default, by way of a file")
read.close()
check(filled('binary', given), given, "'binary', numbers that descend")
