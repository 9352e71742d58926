import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { readMatrix } from '../../src/cli/matrices.js'
import { parseRows } from '../../src/cli/rows.js'
import { readNpy, writeNpy } from '../../src/io/npy.js'
import { writeSafetensors } from '../../src/io/safetensors.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const { signal } = new AbortController()
const silent = { write: () => undefined }
const context = { stdout: silent, stderr: silent, env: {}, signal }
const csvOf = ({ rows, cols, data }: Matrix, delimiter = ',') =>
  Array.from({ length: rows }, (_, i) => data.slice(i * cols, (i + 1) * cols).join(delimiter) + '\n').join('')
const read = async (text: string | Uint8Array, header?: boolean, name = 'x.csv') =>
  (await readMatrix(sandbox.file(name, text), context, { header })).matrix.toArray()

const NUMBERS = [
  [1, 2.5, -3e-7],
  [0.4, 5, 60000],
]

describe('CSV files', () => {
  it.each([
    ['plain', '1,2.5,-3e-7\n.4,+5.,6E4\n'],
    ['without a last line feed', '1,2.5,-3e-7\n.4,5,6e4'],
    ['with blank lines at the end', '1,2.5,-3e-7\n.4,5,6e4\n\n\n'],
    ['from Windows', '1,2.5,-3e-7\r\n.4,5,6e4\r\n'],
    ['with a byte order mark', '\ufeff1,2.5,-3e-7\n.4,5,6e4\n'],
    ['with blanks around numbers', ' 1 , 2.5,-3e-7\n.4,\t5 , 6e4 \n'],
    ['quoted', '"1","2.5","-3e-7"\n".4","5","6e4"\n'],
    ['with semicolons', '1;2.5;-3e-7\n.4;5;6e4\n'],
    ['with tabs', '1\t2.5\t-3e-7\n.4\t5\t6e4\n'],
    ['with names', 'a,b,c\n1,2.5,-3e-7\n.4,5,6e4\n'],
    ['with names of which some are letters that numbers have', 'a,e,E1\n1,2.5,-3e-7\n.4,5,6e4\n'],
    ['with quoted names of two lines and commas', '"a\n1","b, c",d\n1,2.5,-3e-7\n.4,5,6e4\n'],
  ])('%s', async (_, text) => {
    expect(await read(text)).toEqual(NUMBERS)
  })

  it('are known by their names, .csv .tsv .txt, and .npy by its content', async () => {
    for (const name of ['x.CSV', 'x.tsv', 'x.txt']) expect(await read('1,2\n', undefined, name)).toEqual([[1, 2]])
    const file = sandbox.npy('misnamed.csv', new Matrix(1, 2, [3, 4]))
    expect((await readMatrix(file, context)).matrix.toArray()).toEqual([[3, 4]])
  })

  it('have names in the first line if it has no number, or if that is said', async () => {
    expect(await read('x\n1\n2\n')).toEqual([[1], [2]])
    expect(await read('1\n2\n')).toEqual([[1], [2]])
    expect(await read('0,1,2\n5,6,7\n', true)).toEqual([[5, 6, 7]])
    expect(await read('0,1,2\n5,6,7\n', false)).toEqual([[0, 1, 2], [5, 6, 7]]) // prettier-ignore
    expect(await read('a,1\n5,6\n', true)).toEqual([[5, 6]])
  })

  it('of many numbers are read to the last', async () => {
    const [X] = pairedModalities(5000, [40])
    const { matrix } = await readMatrix(sandbox.file('many.csv', csvOf(X)), context)
    expect(matrix).toEqual(X)
  })

  it.each<[string, string, RegExp, boolean?]>([
    ['empty', '', /holds no numbers/],
    ['with names only', 'a,b\n', /holds no numbers/],
    ['ragged', '1,2\n3,4\n5\n', /x\.csv: line 3 has 1 columns, line 1 has 2/],
    ['ragged after names', 'a,b\n1,2\n3,4,5\n', /x\.csv: line 3 has 3 columns, line 2 has 2/],
    ['with a blank line between', '1\n\n3\n', /x\.csv: line 2 is empty/],
    ['with a word', '1,2\n3,four\n', /x\.csv: line 2, column 2: 'four' is no number$/],
    ['with a long word', `1,2\n3,${'x'.repeat(99)}\n`, /'x{20}\.\.\.' is no number$/],
    [
      'with decimal commas',
      '1,5;2\n3,5;4\n',
      /line 1, column 1: '1,5' is no number: --decimal , reads such numbers/,
      false,
    ],
    ['with blanks between numbers', '1 2 3\n4 5 6\n', /line 1, column 1: '1 2 3' is no number/, false],
    ['in hexadecimal', '1,2\n0x10,3\n', /'0x10' is no number/],
    ['with two points', '1,2\n1.2.3,3\n', /'1\.2\.3' is no number/],
    ['with an empty cell', 'a,b\n1,2\n3,\n', /x\.csv: line 3, column 2 is missing or NaN; every entry must be finite/],
    ['with NaN', '1,2\nnan,4\n', /line 2, column 1 is missing or NaN/],
    ['with NA', '1,2\n3,NA\n', /line 2, column 2 is missing or NaN/],
    ['with infinity', '1,2\n3,-Inf\n', /line 2, column 2 is -Infinity/],
    ['with a number beyond float64', '1,2\n3,1e999\n', /line 2, column 2 is Infinity/],
    [
      'with names that are numbers',
      '0,1,2\n5,6,7\n',
      /the first line is '0, 1, 2': are these names\? Say --header or --no-header/,
    ],
    [
      'with names and numbers in the first line',
      'id,2020,2021,2022,x\n1,2,3,4,5\n',
      /the first line is 'id, 2020, 2021, 2022, \.\.\.': are/,
    ],
    [
      'with an index that pandas wrote',
      ',a,b\n0,1,2\n',
      /the first column has no name, .* --id 0 takes it as ids, .* index=False/,
    ],
    ['with a quote that does not end', '1,2\n"3,4\n', /x\.csv: Quote Not Closed/],
  ])('are refused %s', async (_, text, message, header) => {
    await expect(read(text, header)).rejects.toThrow(message)
  })

  it('may be unfinished in rows that are not used', async () => {
    const file = sandbox.file('gaps.csv', 'a\n1\nnan\n3\n')
    expect((await readMatrix(file, context, { rows: parseRows('0:1,2:') })).matrix.toArray()).toEqual([[1], [3]])
    await expect(readMatrix(file, context, { rows: parseRows('1:') })).rejects.toThrow(
      'line 3, column 1 is missing or NaN',
    )
  })

  it('stop being read at Ctrl-C', async () => {
    const stop = AbortSignal.abort(new Error('enough'))
    await expect(readMatrix(sandbox.file('x.csv', '1,2\n'), { ...context, signal: stop })).rejects.toThrow('enough')
  })
})

describe('commands on CSV files', () => {
  const [A, B] = pairedModalities(40, [6, 5])
  const [a, b] = [sandbox.file('a.csv', csvOf(A)), sandbox.file('b.tsv', `p\tq\tr\ts\tt\n${csvOf(B, '\t')}`)]
  const [an, bn] = [sandbox.npy('a.npy', A), sandbox.npy('b.npy', B)]
  const bytes = (name: string) => new Uint8Array(readFileSync(sandbox.path(name)))
  const run = async (...argv: string[]) => {
    expect(await collimate(argv)).toMatchObject({ code: 0, stderr: '' })
  }

  it('fit, transform, translate and evaluate as on .npy', async () => {
    await run('fit', a, b, '-k', '3', '-o', sandbox.path('csv.safetensors'))
    await run('fit', an, bn, '-k', '3', '-o', sandbox.path('npy.safetensors'))
    expect(bytes('csv.safetensors')).toEqual(bytes('npy.safetensors'))
    const model = sandbox.path('csv.safetensors')
    await run('transform', model, b, '-m', '1', '-o', sandbox.path('z.npy'))
    await run('transform', model, bn, '-m', '1', '-o', sandbox.path('zn.npy'))
    expect(bytes('z.npy')).toEqual(bytes('zn.npy'))
    const [one, other] = [await collimate(['evaluate', model, a, b]), await collimate(['evaluate', model, an, bn])]
    expect(one).toEqual(other)
  })

  it('write CSV to a name that says so, to every digit', async () => {
    const model = sandbox.path('csv.safetensors')
    const expected = loadAlignment(bytes('csv.safetensors'))
    await run('transform', model, a, '-m', '0', '-o', sandbox.path('z.csv'))
    expect((await readMatrix(sandbox.path('z.csv'), context, { header: false })).matrix).toEqual(
      expected.transform(A, 0),
    )
    await run('translate', model, a, '--from', '0', '--to', '1', '--precision', 'f32', '-o', sandbox.path('y.tsv'))
    const { data } = (await readMatrix(sandbox.path('y.tsv'), context, { header: false })).matrix
    expect(Float32Array.from(data)).toEqual(Float32Array.from(expected.translate(A, 0, 1).data))
    expect(new TextDecoder().decode(bytes('y.tsv'))).toMatch(/^-?[\d.e-]+\t/)
  })
})

describe('.npy files of every version', () => {
  /** The same array under a longer header field, as numpy writes for long or non-Latin headers. */
  const wide = (version: number) => {
    const file = new Uint8Array(readFileSync(sandbox.npy('v1.npy', new Matrix(2, 3, NUMBERS.flat()))))
    const headerBytes = file[8] + 256 * file[9]
    const out = new Uint8Array(file.length + 2)
    out.set(file.subarray(0, 6))
    out.set([version, 0, headerBytes % 256, headerBytes >> 8, 0, 0], 6)
    out.set(file.subarray(10), 12)
    expect(readNpy(out).shape).toEqual([2, 3])
    return out
  }

  it.each([2, 3])('version %i', async (version) => {
    expect(await read(wide(version), undefined, `v${version}.npy`)).toEqual(NUMBERS)
  })

  it('not of a later one', async () => {
    await expect(read(new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 4, 0, 1, 0, 32]), undefined, 'v4.npy')).rejects.toThrow('.npy version 4.0 is none of 1.0, 2.0, 3.0') // prettier-ignore
  })
})

describe('--delimiter and --decimal', () => {
  const numbers = async (content: string, ...more: string[]) => {
    const done = await collimate(['convert', sandbox.file('eu.csv', content), ...more, '-o', sandbox.path('eu.npy')])
    return done.code === 0
      ? Array.from(readNpy(readFileSync(sandbox.path('eu.npy'))).data as Float64Array)
      : done.stderr
  }

  it('read what is written in Europe', async () => {
    expect(await numbers('a;b;c\n1;2,5;-3e-7\n,4;+5,;6E4\n', '--decimal', ',')).toEqual(NUMBERS.flat())
    expect(await numbers('1,0;2,5\n;NA\n3;inf\n', '--decimal', ',')).toMatch(/line 2, column 1 is missing/)
    expect(await numbers('1|2.5\n3|4\n', '--delimiter', '|')).toEqual([1, 2.5, 3, 4])
    expect(await numbers('5\t6\n1;2\t3\n', '--delimiter', 'tab')).toMatch(/'1;2' is no number/)
    expect(await numbers('"1,5","2"\n"3","4"\n', '--decimal', ',', '--delimiter', ',')).toMatch(
      /',' is between cells and before decimals/,
    )
    // Thousands, in all likelihood.
    expect(await numbers('1,5;2\n1.234;2\n', '--decimal', ',')).toMatch(/'1\.234' is no number/)
    for (const mark of ['ab', '1', '"', '.', '']) {
      expect(await numbers('1;2\n', '--delimiter', mark)).toMatch(/must be one character that is in no number, or tab/)
    }
    expect(await numbers('1;2\n', '--decimal', ';')).toMatch(/argument ';' is invalid/)
  })

  it('write it, and read it back', async () => {
    const x = sandbox.npy('eu-x.npy', new Matrix(2, 3, Float64Array.from(NUMBERS.flat())))
    const out = sandbox.path('written.csv')
    const write = async (...more: string[]) => {
      const { code, stderr } = await collimate(['convert', x, ...more, '-o', out])
      return code === 0 ? readFileSync(out, 'utf8') : stderr
    }
    expect(await write('--decimal', ',')).toBe('1;2,5;-3e-7\n0,4;5;60000\n')
    expect(await write('--decimal', ',', '--delimiter', 'tab')).toBe('1\t2,5\t-3e-7\n0,4\t5\t60000\n')
    expect(await write('--delimiter', '|')).toBe('1|2.5|-3e-7\n0.4|5|60000\n')
    expect(await write('--decimal', ',', '--delimiter', ',')).toMatch(/cannot be both/)
    await write('--decimal', ',')
    expect(await numbers(readFileSync(out, 'utf8'), '--decimal', ',')).toEqual(NUMBERS.flat())
    const ids = sandbox.file('bar.csv', 'id,v\na|b,1\nc,2\n')
    await collimate(['convert', ids, '--id', 'id', '-o', out])
    expect(readFileSync(out, 'utf8')).toBe('id,x0\na|b,1\nc,2\n')
    await collimate(['convert', sandbox.file('bar.jsonl', '{"id":"a|b","embedding":[1]}\n'), '--id', 'id', '--delimiter', '|', '-o', out]) // prettier-ignore
    expect(readFileSync(out, 'utf8')).toBe('id|x0\n"a|b"|1\n')
  })
})

describe('files of one axis', () => {
  const shapes = async (file: string, ...more: string[]) => {
    const done = await collimate(['convert', file, ...more, '-o', sandbox.path('shape.npy')])
    return done.code === 0 ? readNpy(readFileSync(sandbox.path('shape.npy'))).shape : done.stderr
  }

  it('are one row, or one column, if that is said', async () => {
    const data = Float64Array.of(1, 2, 4)
    for (const file of [
      sandbox.file('one.npy', writeNpy({ shape: [3], data })),
      sandbox.file('one.json', '[1, 2, 4]'),
      sandbox.file('one.safetensors', writeSafetensors({ tensors: [['x', { shape: [3], data }]] })),
    ]) {
      expect(await shapes(file)).toMatch(
        /one\.\w+ has one axis, of 3 numbers: --vector row takes it as one row, --vector column/,
      )
      expect(await shapes(file, '--vector', 'row')).toEqual([1, 3])
      expect(await shapes(file, '--vector', 'column')).toEqual([3, 1])
    }
    for (const i of [1, 2, 3]) sandbox.file(`axis${i}.npy`, writeNpy({ shape: [2], data: Float32Array.of(i, 2) }))
    expect(await shapes(sandbox.path('axis?.npy'), '--vector', 'row')).toEqual([3, 2])
    expect(await shapes(sandbox.path('axis?.npy'), '--vector', 'row', '--columns', '0:1')).toEqual([3, 1])
    expect(await shapes(sandbox.file('rows.jsonl', '[1,2]\n[3,4]\n'))).toEqual([2, 2])
  })
})
