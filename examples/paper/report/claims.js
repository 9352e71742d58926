import { number, withMinus } from './format.js'

/**
 * A statement of the paper and the tests it was put to. The verdict follows from the tests: all hold, some, none.
 *
 * @param {{ says: string, where: string, tests: { test: string, measured: string, holds: boolean }[], remark?: string,
 *   question?: boolean }} claim `question`: something that the paper leaves open, whose verdict is an answer
 */
export function claim({ says, where, tests, remark, question = false }) {
  const held = tests.filter(({ holds }) => holds).length
  const verdict = held === tests.length ? 'reproduced' : held > 0 ? 'partly' : 'not'
  return { says, where, verdict, tests, remark, question }
}

/** The test that a figure of the paper is one that our seeds give as well. */
export function liesWithin(label, paper, { low, high }) {
  return {
    test: `${label}: the paper’s ${number(paper)} lies in our 5 to 95 %`,
    measured: `${number(low)} to ${number(high)}`,
    holds: paper >= low && paper <= high,
  }
}

const WORDS = { reproduced: 'reproduced', partly: 'partly', not: 'not reproduced' }

const ANSWERS = { reproduced: 'yes', partly: 'in part', not: 'no' }

export const badge = ({ verdict, question }) =>
  `<span class="verdict ${verdict}">${(question ? ANSWERS : WORDS)[verdict]}</span>`

/** A claim with its evidence, one line a test. */
export function claimBlock({ says, where, verdict, tests, remark, question }) {
  const lines = tests.map(
    ({ test, measured, holds }) =>
      `<li class="${holds ? 'holds' : 'fails'}"><span>${test}</span> <b>${holds ? 'holds' : 'fails'}:</b> ${withMinus(measured)}</li>`,
  )
  return `<div class="claim ${verdict}"><p>${badge({ verdict, question })} ${question ? says : `<em>${says}</em>`} <cite>${where}</cite></p>
<ul>${lines.join('')}</ul>${remark === undefined ? '' : `<p class="remark">${remark}</p>`}</div>`
}
