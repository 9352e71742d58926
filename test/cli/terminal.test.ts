import { describe, expect, it } from 'vitest'
import { bold, columnsOf, progressBar } from '../../src/cli/terminal.js'

const ESCAPE = String.fromCharCode(27)

function screen(isTTY: boolean, columns = 80) {
  const writes: string[] = []
  return { isTTY, columns, writes, write: (text: string) => writes.push(text) }
}

/** A bar on a clock that the test moves. */
function bar(isTTY: boolean, env = {}, columns = 80) {
  const stderr = screen(isTTY, columns)
  let time = 0
  const { report, clear } = progressBar({ stderr, env }, () => time)
  return { writes: stderr.writes, report, clear, wait: (ms: number) => (time += ms) }
}

describe('progressBar', () => {
  it('writes nothing into a pipe or on a dumb terminal', () => {
    for (const silent of [bar(false), bar(true, { TERM: 'dumb' })]) {
      silent.wait(1000)
      silent.report({ phase: 'qr', done: 1, total: 2 })
      silent.clear()
      expect(silent.writes).toEqual([])
    }
  })

  it('writes nothing for work that is over at once', () => {
    const { writes, report, clear, wait } = bar(true)
    wait(100)
    report({ phase: 'qr', done: 1, total: 2 })
    clear()
    expect(writes).toEqual([])
  })

  it('draws on one line, not more often than can be read, and clears it at the end', () => {
    const { writes, report, clear, wait } = bar(true)
    wait(300)
    report({ phase: 'qr', done: 1, total: 2 })
    report({ phase: 'qr', done: 2, total: 2 })
    expect(writes).toHaveLength(1)
    expect(writes[0]).toBe(`\r${ESCAPE}[K${'█'.repeat(15)}${'░'.repeat(15)}  50% qr`)
    wait(100)
    report({ phase: 'jacobi', done: 9, total: 3 })
    expect(writes[1]).toBe(`\r${ESCAPE}[K${'█'.repeat(30)} 100% jacobi`)
    clear()
    clear()
    expect(writes.slice(2)).toEqual([`\r${ESCAPE}[K`])
    expect(writes.join('')).not.toContain('\n')
  })

  it('stays narrower than the terminal and survives a total of zero', () => {
    const { writes, report, wait } = bar(true, {}, 20)
    wait(300)
    report({ phase: 'qr', done: 0, total: 0 })
    expect(writes[0]).toBe(`\r${ESCAPE}[K${'░'.repeat(19)}`)
  })
})

describe('columnsOf', () => {
  it('is 80 where a terminal does not tell', () => {
    expect(columnsOf(screen(true, 120))).toBe(120)
    expect(columnsOf(screen(true, 0))).toBe(80)
    expect(columnsOf({ write: () => 0 })).toBe(80)
  })
})

describe('bold', () => {
  it('is plain in a pipe, on a dumb terminal and where NO_COLOR is set', () => {
    expect(bold('x', screen(true), {})).toBe(`${ESCAPE}[1mx${ESCAPE}[22m`)
    expect(bold('x', screen(true), { NO_COLOR: '' })).toContain(ESCAPE)
    expect(bold('x', screen(false), {})).toBe('x')
    expect(bold('x', screen(true), { NO_COLOR: '1' })).toBe('x')
    expect(bold('x', screen(true), { TERM: 'dumb' })).toBe('x')
  })
})
