import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRows, selectedNumbers, selectedTotal } from '../../src/cli/rows.js'

const select = (text: string, rows: number) => {
  const numbers = Array.from(selectedNumbers(parseRows(text), rows, 'x.npy'))
  expect(selectedTotal(parseRows(text), rows, 'x.npy')).toBe(numbers.length)
  return numbers
}

describe('--rows', () => {
  it.each([
    ['0:3', [0, 1, 2]],
    [':2', [0, 1]],
    ['7:', [7, 8, 9]],
    ['-3:', [7, 8, 9]],
    ['-3:-1', [7, 8]],
    [':', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['1::4', [1, 5, 9]],
    ['0:9:4', [0, 4, 8]],
    ['8:,0:2', [8, 9, 0, 1]],
    ['0:2, 4:6', [0, 1, 4, 5]],
  ])('%s takes rows %j of ten', (text, expected) => {
    expect(select(text, 10)).toEqual(expected)
  })

  it('agrees with a slice of an array wherever that is not cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(30), fc.nat(30), (rows, a, b) => {
        const [start, stop] = [a % rows, 1 + (b % rows)]
        fc.pre(start < stop)
        const all = Array.from({ length: rows }, (_, i) => i)
        expect(select(`${start}:${stop}`, rows)).toEqual(all.slice(start, stop))
        if (stop < rows) expect(select(`${start - rows}:${stop - rows}`, rows)).toEqual(all.slice(start, stop))
      }),
    )
  })

  it('splits a file without loss: the slices i::3 are a permutation of all rows', () => {
    expect(select('0::3,1::3,2::3', 11).sort((a, b) => a - b)).toEqual(select(':', 11))
  })

  it.each(['', '5', 'a:b', '0:5:0', '0:5:-1', '1.5:2', '0:5;6:7', '0:5,', '::::', '- 3:'])("rejects '%s'", (text) => {
    expect(() => parseRows(text)).toThrow(
      `--rows must be slices such as 0:1500, -500:, 0::5 or 0:100,200:300, got '${text}'`,
    )
  })

  it.each(['0:11', '11:', '-11:', ':-11', '0:5,0:99'])('rejects %s of ten rows: it goes beyond', (text) => {
    expect(() => select(text, 10)).toThrow(/goes beyond x\.npy, which has 10 rows/)
  })

  it.each(['5:5', '5:4', '10:', ':0', '-1:3'])('rejects %s of ten rows: it is empty', (text) => {
    expect(() => select(text, 10)).toThrow(/selects none of the 10 rows of x\.npy/)
  })
})
