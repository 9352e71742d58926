// Which library gives which of the answers right: the table of docs/numerics.md.

/** @typedef {import('./cases.js').Case} Case */
/** @typedef {import('./libraries.js').Library} Library */

/** What came of one case: right, not offered, or what went wrong. @param {Case} asked @param {Library} library */
export function outcome(asked, library) {
  if (library[asked.needs] === undefined) return 'not offered'
  // ml-matrix warns on the console.
  const { warn } = console
  console.warn = () => undefined
  try {
    return asked.fault(library) ?? 'right'
  } catch {
    return 'an error'
  } finally {
    console.warn = warn
  }
}

const row = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`

/**
 * A table of the cases that some library gets wrong, and counts of the exact singular values.
 *
 * @param {Case[]} cases
 * @param {Case[]} golden
 * @param {Library[]} libraries
 */
export function table(cases, golden, libraries) {
  const outcomes = cases.map((asked) => [asked.name, ...libraries.map((library) => outcome(asked, library))])
  const faulty = outcomes.filter(([, ...cells]) => cells.some((cell) => cell !== 'right'))
  const right = libraries.map((library) => golden.filter((asked) => outcome(asked, library) === 'right').length)
  return [
    row(['case', ...libraries.map(({ name }) => name)]),
    row(['---', ...libraries.map(() => '---')]),
    ...faulty.map(row),
    row([`singular values, of ${golden.length} exact cases`, ...right.map((count) => `${count} right`)]),
  ].join('\n')
}
