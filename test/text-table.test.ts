import { describe, expect, it } from 'vitest'
import { share, significant, table } from '../src/text-table.js'

describe('table', () => {
  it('puts names to the left and numbers to the right, without trailing blanks', () => {
    expect(
      table([
        ['', 'a', 'long'],
        ['name', '10.5', '1'],
        ['x', '', ''],
      ]),
    ).toEqual(['         a  long', 'name  10.5     1', 'x'])
  })

  it('has no lines for no rows', () => {
    expect(table([])).toEqual([])
  })
})

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1, '1.000'],
    [123.456, '123.5'],
    [0.0012345, '0.001234'],
    [3.66e-15, '3.660e-15'],
    [-2.5e7, '-2.500e+7'],
    [Number.NaN, 'NaN'],
  ])('%d reads %s', (value, text) => {
    expect(significant(value)).toBe(text)
  })

  it('shows a share with the digits that chance needs', () => {
    expect(share(1 / 700)).toBe('0.0014')
  })
})
