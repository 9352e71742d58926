// Moves vectors from one embedding space to another, by maps fitted from some of the pairs: of real encoders, of two views of digits, of your own.
import { parseArgs } from 'node:util'
import { EmbeddingMigration } from 'collimate/migration'
import { alignedTable, wrapped } from '../mfeat/text.js'
import { encoderMoves } from './encoders.js'
import { compare } from './methods.js'
import { clipSpaces, digitSpaces, ownSpaces, split } from './spaces.js'

const { values: options } = parseArgs({
  options: {
    splits: { type: 'string', default: '3' },
    pairs: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    embeddings: { type: 'string' },
    only: { type: 'string' },
  },
})
const SPLITS = Number(options.splits)
const isOwn = options.from !== undefined && options.to !== undefined

function chosenSpaces({ from, to, pairs }) {
  const count = pairs === undefined ? undefined : Number(pairs)
  if (isOwn) return ownSpaces(from, to, count)
  const folder = process.env.COLLIMATE_DATA
  return [...digitSpaces(count), ...(folder === undefined ? [] : clipSpaces(folder))]
}

const share = (value) => value.toFixed(3)
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

/** One method over all splits. */
function line(runs) {
  const recalls = [0, 1].map((i) => share(mean(runs.map((run) => run.recalls[i]))))
  const [first, ...others] = new Set(runs.map(({ setting }) => setting ?? ''))
  const chosen = [first, ...others.map((setting) => setting.replace(/^.* /, ''))].join(', ')
  return [runs[0].name, ...recalls, chosen]
}

function report(spaces) {
  const runs = Array.from({ length: SPLITS }, (_, i) => compare(split(spaces, i + 1)))
  const lines = runs[0].map((_, method) => line(runs.map((run) => run[method])))
  const chance = ['chance', share(1 / spaces.held), share(10 / spaces.held), '']
  return alignedTable([['', 'recall@1', 'recall@10', 'chosen'], ...lines, chance])
}

/** The first rows, as many as are asked for. */
const leading = (x, count) => ({ rows: count, cols: x.cols, data: x.data.subarray(0, count * x.cols) })

/** What a migration between two encoders says of itself. */
function evaluation({ from, to, old, now }) {
  const count = Math.min(old.rows, Number(options.pairs ?? old.rows))
  const pairs = [leading(old, count), leading(now, count)]
  return String(EmbeddingMigration.fit(pairs, { models: { old: from, new: to } }).evaluation)
}

if (!isOwn && options.only !== 'views') {
  console.log(
    wrapped(
      'Definitions of WordNet, embedded by real encoders. A fifth of the pairs is held out: half of these choose the settings, the others are ' +
        "queries, embedded by the new model, among what the old model has stored. Retention is the share of the ten neighbours by the new model's vectors " +
        'alone, which embedding everything anew would give, that are still found.',
    ),
  )
  for (const move of encoderMoves(options.embeddings)) console.log(`\n${evaluation(move)}`)
}

if (options.only !== 'encoders') {
  const lead =
    `Vectors are moved by a map that is fitted from some of the pairs; each then seeks its own among the true vectors of the new ` +
    `space by cosine. Means over ${SPLITS} random split${SPLITS === 1 ? '' : 's'}. Settings are chosen on a fifth of the pairs: the ` +
    "ridge, in units of the mean column's energy, or k, the number of components."
  console.log(wrapped(lead))
  for (const spaces of chosenSpaces(options)) {
    console.log(`\n${spaces.title}; ${spaces.pairs} pairs, ${spaces.held} other vectors moved\n`)
    console.log(report(spaces))
  }
}
