import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { npyToMatrix, readNpy, readSafetensors, writeSafetensors } from '../../src/io/index.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B] = pairedModalities(90, [6, 5])
const [a, b] = [sandbox.npy('a.npy', A), sandbox.npy('b.npy', B)]
const bytes = (name: string) => new Uint8Array(readFileSync(sandbox.path(name)))
const path = (name: string) => sandbox.path(name)

describe('parts of a fit', () => {
  const part = (name: string, rows: string, ...more: string[]) =>
    collimate(['factor', a, b, '--rows', rows, ...more, '--out', path(name)])

  it('merged are what a fit of all rows has seen', async () => {
    expect(await part('0.part', '0:50', '--source', 'x:0-50')).toEqual({ code: 0, stderr: '', stdout: `${path('0.part')}: 50 rows of 6 + 5 columns\n` }) // prettier-ignore
    await part('1.part', '50:', '--source', 'x:50-90')
    expect(await collimate(['merge', path('1.part'), path('0.part'), '--out', path('all.part')])).toMatchObject({ code: 0, stdout: `${path('all.part')}: 90 rows of 6 + 5 columns\n` }) // prettier-ignore
    expect(JSON.parse(readSafetensors(bytes('all.part')).metadata.sources)).toEqual([{ name: 'x', from: 0, to: 90 }])
    expect(JointFactor.fromBytes(bytes('all.part')).rows).toBe(90)
    const fit = (...inputs: string[]) => collimate(['fit', ...inputs, '-k', '3', '--selection', 'balanced', '-o', path('m.safetensors')]) // prettier-ignore
    await fit(a, b)
    const expected = loadAlignment(bytes('m.safetensors')).maps
    for (const inputs of [[path('all.part')], [path('0.part'), path('1.part')]]) {
      expect((await fit('--parts', ...inputs)).stdout).toMatch(/3 components of 6 \+ 5 columns, 90 rows/)
      loadAlignment(bytes('m.safetensors')).maps.forEach((map, m) => {
        map.data.forEach((entry, i) => {
          expect(entry).toBeCloseTo(expected[m].data[i], 9)
        })
      })
    }
  })

  it('take no row twice, and no other columns', async () => {
    await part('0.part', '0:50', '--source', 'x:0-50')
    await part('over.part', '40:60', '--source', 'x:40-60')
    await part('other.part', '0:50', '--source', 'y:0-50')
    const merge = async (...parts: string[]) => (await collimate(['merge', ...parts.map(path), '--out', path('never')])).stderr // prettier-ignore
    expect(await merge('0.part', 'over.part')).toMatch(/over\.part has rows 40 to 60 of x, of which .*0\.part has 0 to 50: rows count once/) // prettier-ignore
    expect(await merge('0.part', '0.part')).toMatch(/rows count once/)
    expect(await merge('0.part', 'other.part')).toBe('')
    await collimate(['factor', a, '--out', path('narrow.part')])
    expect(await merge('0.part', 'narrow.part')).toMatch(/narrow\.part: cannot merge a factor of widths 6 into/)
    expect(await merge('a.npy')).toMatch(/a\.npy is no sound part/)
    expect((await collimate(['fit', '--parts', path('narrow.part'), '-k', '1', '-o', path('never')])).stderr).toMatch(/a factor of 1 modalities, expected at least 2/) // prettier-ignore
  })

  it('leave out what comes again, where that is asked for', async () => {
    await part('0.part', '0:50', '--source', 'x:0-50')
    await part('1.part', '50:', '--source', 'x:50-90')
    await part('over.part', '40:60', '--source', 'x:40-60')
    const ignoring = (command: string[], ...parts: string[]) =>
      collimate([...command, ...parts.map(path), '--on-repeat', 'ignore', '--out', path('all.part')])
    expect(await ignoring(['merge'], '0.part', '1.part', '0.part')).toMatchObject({ code: 0, stdout: expect.stringMatching(/: 90 rows/) as string }) // prettier-ignore
    expect((await ignoring(['fit', '--parts', '-k', '2'], '0.part', '0.part', '1.part')).stdout).toMatch(/, 90 rows/)
    expect((await ignoring(['merge'], '0.part', 'over.part')).stderr).toMatch(/over\.part: rows 40 to 60 of x have some of 0 to 50, .* only what is there as a whole can be ignored/) // prettier-ignore
  })

  it('whose sources are in no known form are refused', async () => {
    await part('0.part', '0:50')
    const { tensors, metadata } = readSafetensors(bytes('0.part'))
    sandbox.file('odd.part', writeSafetensors({ tensors, metadata: { ...metadata, sources: '[1]' } }))
    expect((await collimate(['info', path('odd.part')])).stderr).toMatch(/odd\.part is no sound part.*'sources'/)
  })

  it.each([
    ['x', /must be NAME:FROM-TO/],
    ['x:5-5', /must be NAME:FROM-TO/],
    ['x:0-40', /are 40 rows, there are 50/],
  ])('--source %s is refused', async (source, message) => {
    expect((await part('never', '0:50', '--source', source)).stderr).toMatch(message)
  })
})

describe('collimate convert', () => {
  it('writes rows and columns in another format', async () => {
    await collimate(['convert', a, '--rows', '10:20', '--columns', '4,1', '--out', path('c.jsonl')])
    await collimate(['convert', path('c.jsonl'), '--out', path('c.npy')])
    const { rows, cols, data } = npyToMatrix(readNpy(bytes('c.npy')))
    expect([rows, cols]).toEqual([10, 2])
    expect(Array.from(data)).toEqual(Array.from({ length: 10 }, (_, i) => [A.get(10 + i, 4), A.get(10 + i, 1)]).flat())
  })
})

describe('collimate info of rows', () => {
  it('says what they are, and what is wrong with them', async () => {
    const x = new Matrix(5, 2, Float32Array.of(3, 4, 0, 0, 3, 4, NaN, 1, Infinity, 1))
    const file = sandbox.npy('x.npy', x)
    const found = JSON.parse((await collimate(['info', file, '--json'])).stdout) as object
    expect(found).toEqual({
      rows: 5,
      columns: 2,
      precision: 'f32',
      norms: { least: 0, mean: 10 / 3, most: 5 },
      notANumber: 1,
      infinite: 1,
      zeroRows: 1,
      duplicates: 1,
    })
    expect((await collimate(['info', file])).stdout).toMatch(/^rows +5\ncolumns +2\nnumbers +float32 or less\nlengths +0.000, 3.333, 5.000/) // prettier-ignore
  })

  it('of a table, of a part and of what is neither', async () => {
    const table = sandbox.file('t.csv', 'p,q\n1,2\n3,4\n')
    expect((await collimate(['info', table])).stdout).toMatch(/^names +p, q$/m)
    const ids = sandbox.file('ids.csv', 'sku,p\nu,1\nv,2\nu,3\n')
    expect(JSON.parse((await collimate(['info', ids, '--id', 'sku', '--json'])).stdout)).toMatchObject({
      rows: 3,
      ids: 2,
      columns: 1,
    })
    expect((await collimate(['info', ids])).stderr).toMatch(/--id \S+ takes such a column as ids/)
    await collimate(['factor', a, b, '--source', 'x:0-90', '--out', path('a.part')])
    expect(JSON.parse((await collimate(['info', path('a.part'), '--json'])).stdout)).toEqual({ rows: 90, columns: [6, 5], sources: [{ name: 'x', from: 0, to: 90 }] }) // prettier-ignore
    expect((await collimate(['info', sandbox.file('x.bin', 'what')])).stderr).toMatch(/x\.bin: expected a .npy file/)
  })
})
