import { describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import { JointFactor } from '../../src/align/factor/joint-factor.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import '../support/scores.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { FileFormatError, NotFittedError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors, type Safetensors } from '../../src/io/safetensors.js'
import { Matrix } from '../../src/matrix.js'
import { maxDifference, rowRanges, sharedLatents, subspaceDistance, beside, toFloat32 } from './support.js'

const SELECTIONS = ['auto', 'balanced', 'informative', 'last'] as const
const modalities = sharedLatents(40, [4, 3, 5], 2, 0.2, 140)
const fit = (options = {}) => new PerfectAlignment({ nComponents: 2, ...options }).fit(modalities)

/** The file with something about it changed. */
function edited(bytes: Uint8Array, edit: (file: Safetensors) => void): Uint8Array {
  const file = readSafetensors(bytes)
  edit(file)
  return writeSafetensors(file)
}

function setTensor({ tensors }: Safetensors, name: string, change: (X: Matrix) => Matrix): void {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw new Error(`no tensor ${name}`)
  const [rows, cols = 1] = tensor.shape
  const { rows: newRows, cols: newCols, data } = change(new Matrix(rows, cols, Float64Array.from(tensor.data, Number)))
  const shape = tensor.shape.length === 1 && newCols === 1 ? [newRows] : [newRows, newCols]
  tensors.set(name, { shape, data, dtype: data instanceof Float32Array ? 'F32' : 'F64' })
}

describe('PerfectAlignment files', () => {
  it.each(SELECTIONS)('hold all that mapping needs, exactly: %s', (selection) => {
    const model = fit({ selection })
    for (const state of [false, true]) {
      const loaded = PerfectAlignment.fromBytes(model.toBytes({ state }))
      expect(loaded).toBeInstanceOf(PerfectAlignment)
      expect(loaded.maps).toEqual(model.maps)
      expect(loaded.means).toEqual(model.means)
      expect(loaded.sharedStrength).toEqual(model.sharedStrength)
      expect([loaded.selected, loaded.centered, loaded.selection]).toEqual([model.selected, model.centered, selection])
      expect(loaded.transform(modalities[1], 1)).toEqual(model.transform(modalities[1], 1))
      expect(loaded.translate(modalities[2], 2, 0)).toEqual(model.translate(modalities[2], 2, 0))
      expect(loaded.score(modalities)).toBe(model.score(modalities))
      expect(loaded.toBytes({ state })).toEqual(model.toBytes({ state }))
    }
  })

  it('hold singular values that were read before, and otherwise the state that they come from', () => {
    const model = fit()
    const [without, state] = [model.toBytes(), model.toBytes({ state: true })]
    const { singularValues } = model
    const restored = PerfectAlignment.fromBytes(model.toBytes())
    expect(restored.singularValues).toEqual(singularValues)
    expect(restored.toBytes()).toEqual(model.toBytes())
    expect(PerfectAlignment.fromBytes(state).singularValues).toEqual(singularValues)
    expect(() => PerfectAlignment.fromBytes(without).singularValues).toThrow(NotFittedError)
    expect(() => PerfectAlignment.fromBytes(without).singularValues).toThrow(/singular values.* if they were read/)
    model.partialFit(modalities)
    expect(readSafetensors(model.toBytes()).tensors.has('singularValues')).toBe(false)
  })

  it.each([
    { center: true, tolerance: 1e-7, selection: 'last' },
    { center: false, tolerance: 0, selection: 'informative' },
    {},
  ] as const)('keep what was asked for: %j', (options) => {
    const { center, tolerance, selection } = PerfectAlignment.fromBytes(fit(options).toBytes())
    expect({ center, tolerance, selection }).toEqual({
      center: undefined,
      tolerance: undefined,
      selection: 'auto',
      ...options,
    })
  })

  it('go on with the state: partialFit, merge and fit', () => {
    const half = new PerfectAlignment({ nComponents: 2 }).fit(rowRanges(modalities, 0, 25))
    const rest = new PerfectAlignment({ nComponents: 2 }).partialFit(rowRanges(modalities, 25, 40))
    const whole = beside(...fit().maps)
    const [a, b] = [half, rest].map((model) => PerfectAlignment.fromBytes(model.toBytes({ state: true })))
    expect(subspaceDistance(beside(...a.merge(b).maps), whole)).toBeLessThan(1e-12)
    const c = PerfectAlignment.fromBytes(half.toBytes({ state: true })).partialFit(rowRanges(modalities, 25, 40))
    expect(subspaceDistance(beside(...c.maps), whole)).toBeLessThan(1e-12)
    expect(PerfectAlignment.fromBytes(half.toBytes()).fit(modalities).maps).toEqual(fit().maps)
  })

  it('keep in mind that data came as float32', () => {
    const exact = sharedLatents(60, [4, 4], 2, 0, 141).map(toFloat32)
    const model = new PerfectAlignment({ nComponents: 2, selection: 'informative' }).partialFit(rowRanges(exact, 0, 30))
    const loaded = PerfectAlignment.fromBytes(model.toBytes({ state: true })).partialFit(rowRanges(exact, 30, 60))
    expect(loaded.selected).toBe('informative')
  })

  it('need the state for that', () => {
    const loaded = PerfectAlignment.fromBytes(fit().toBytes())
    for (const work of [
      () => loaded.partialFit(modalities),
      () => loaded.merge(fit()),
      () => fit().merge(loaded),
      () => loaded.toBytes({ state: true }),
    ]) {
      expect(work).toThrow(NotFittedError)
      expect(work).toThrow('toBytes({ state: true })')
    }
    expect(loaded.transform(modalities[0], 0).rows).toBe(40)
  })

  it('are half as large in float32, and as accurate as that', () => {
    const large = new PerfectAlignment({ nComponents: 16 }).fit(sharedLatents(200, [64, 48], 20, 0.3, 142))
    const [f64, f32] = (['f64', 'f32'] as const).map((precision) => large.toBytes({ precision }))
    expect(f32.length).toBeLessThan(0.6 * f64.length)
    const loaded = PerfectAlignment.fromBytes(f32)
    loaded.maps.forEach((map, m) => {
      expect(map).toEqual(new Matrix(map.rows, map.cols, Float64Array.from(Float32Array.from(large.maps[m].data))))
    })
    expect(loaded.toBytes({ precision: 'f32' })).toEqual(f32)
    expect(maxDifference(loaded.means[0], large.means[0])).toBe(0)
  })

  it('go without decoders if asked to, which follow from the state', () => {
    const model = fit()
    const [bare, state] = [model.toBytes({ decoders: false }), model.toBytes({ decoders: false, state: true })]
    expect([...readSafetensors(bare).tensors.keys()].filter((name) => name.startsWith('decoders'))).toEqual([])
    expect(readSafetensors(bare).metadata.version).toBe('2')
    const [loaded, growing] = [PerfectAlignment.fromBytes(bare), PerfectAlignment.fromBytes(state)]
    expect(loaded.transform(modalities[1], 1)).toEqual(model.transform(modalities[1], 1))
    expect(() => loaded.translate(modalities[1], 1, 0)).toThrow(NotFittedError)
    expect(() => loaded.toBytes()).toThrow('without its decoders')
    expect(loaded.toBytes({ decoders: false })).toEqual(bare)
    expect(growing.translate(modalities[1], 1, 0)).toEqual(model.translate(modalities[1], 1, 0))
    expect(growing.toBytes({ state: true })).toEqual(model.toBytes({ state: true }))
    expect(() => model.toBytes({ decoders: 0 as never })).toThrow(TypeError)
  })

  it('of a regression need no decoder for what it predicts', () => {
    const model = new LeastSquares({ ridge: 2, target: 0 }).fit(modalities.slice(0, 2))
    const loaded = LeastSquares.fromBytes(model.toBytes({ decoders: false }))
    expect(loaded.translate(modalities[1], 1, 0)).toEqual(model.translate(modalities[1], 1, 0))
    expect(() => loaded.translate(modalities[0], 0, 1)).toThrow(NotFittedError)
  })

  it('have the decoders of the samples seen last', () => {
    const [first, second] = [rowRanges(modalities, 0, 25), rowRanges(modalities, 25, 40)]
    const model = new PerfectAlignment({ nComponents: 2 }).fit(first)
    const before = model.translate(modalities[0], 0, 1)
    model.partialFit(second)
    // What was asked in between decides in which blocks rows were taken in, and so how they are rounded.
    const after = new PerfectAlignment({ nComponents: 2 }).partialFit(first).partialFit(second)
    expect(
      maxDifference(model.translate(modalities[0], 0, 1).data, after.translate(modalities[0], 0, 1).data),
    ).toBeLessThan(1e-11)
    expect(model.translate(modalities[0], 0, 1)).not.toEqual(before)
  })

  it('are safetensors with the names and shapes that other programs see', () => {
    const { tensors, metadata } = readSafetensors(fit().toBytes({ precision: 'f32', state: true }))
    const listed = [...tensors].map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape.join('x')}`).sort()
    expect(listed).toEqual([
      'R F64 91',
      'decoders.0.1 F32 2x3',
      'decoders.0.2 F32 2x5',
      'decoders.1.0 F32 2x4',
      'decoders.1.2 F32 2x5',
      'decoders.2.0 F32 2x4',
      'decoders.2.1 F32 2x3',
      'deviations F64 3x2',
      'maps.0 F32 2x4',
      'maps.1 F32 2x3',
      'maps.2 F32 2x5',
      'means.0 F64 4',
      'means.1 F64 3',
      'means.2 F64 5',
      'rho F64 3x2',
      'scales.0 F64 4',
      'scales.1 F64 3',
      'scales.2 F64 5',
      'sharedStrength F64 2',
    ])
    expect(metadata).toMatchObject({ collimate: 'PerfectAlignment', version: '1', nComponents: '2', widths: '4,3,5' })
  })

  const complete = fit()
  expect(complete.singularValues).toHaveLength(12)
  const bytes = complete.toBytes({ state: true })
  const metadata = (name: string, value: string) =>
    edited(bytes, (file) => {
      file.metadata[name] = value
    })
  const option = (name: string, value: unknown) =>
    edited(bytes, (file) => {
      file.metadata.options = JSON.stringify({ ...(JSON.parse(file.metadata.options) as object), [name]: value })
    })
  const tensor = (name: string, change: (X: Matrix) => Matrix) =>
    edited(bytes, (file) => {
      setTensor(file, name, change)
    })
  const entry = (i: number, j: number, value: number) => (X: Matrix) => X.set(i, j, value)
  it.each<[string, () => Uint8Array, new (...args: never[]) => Error, string]>([
    ['no bytes', () => 'model' as never, TypeError, 'Uint8Array'],
    ['nothing', () => new Uint8Array(0), FileFormatError, 'the file ends'],
    ['a part', () => bytes.slice(0, bytes.length - 1), FileFormatError, 'without holes'],
    ['another file', () => writeSafetensors({ tensors: [] }), FileFormatError, 'some other safetensors file'],
    [
      'a factor',
      () => new JointFactor([1, 1]).toBytes(),
      FileFormatError,
      'this is a JointFactor, expected a PerfectAlignment',
    ],
    [
      'a later version',
      () => metadata('version', '4'),
      FileFormatError,
      'version 4, this release reads 1, 2, 3: update',
    ],
    ['widths that are no numbers', () => metadata('widths', '4,x,5'), FileFormatError, "'widths' has 'x'"],
    ['a width of zero', () => metadata('widths', '4,0,5'), FileFormatError, "'widths' has '0'"],
    ['one width', () => metadata('widths', '12'), FileFormatError, 'expected two widths or more'],
    ['other widths', () => metadata('widths', '4,4,4'), FileFormatError, 'has shape [2, 3], expected [2, 4]'],
    ['gigantic widths', () => metadata('widths', '9007199254740991,9,9'), FileFormatError, 'expected'],
    ['too many components', () => metadata('nComponents', '13'), FileFormatError, 'k at most their sum'],
    ['no components', () => metadata('nComponents', '0'), FileFormatError, "'nComponents' has '0'"],
    ['no options', () => metadata('options', ''), FileFormatError, "metadata 'options' is"],
    ['an unknown option', () => option('width', 1), FileFormatError, "there is no option 'width'"],
    ['an unknown selection', () => option('selection', 'best'), FileFormatError, "got 'best'"],
    ['a selection that selects nothing', () => metadata('selected', 'auto'), FileFormatError, "'selected' is 'auto'"],
    ['a center that is no switch', () => option('center', 1), FileFormatError, 'center must be true or false, got 1'],
    ['a tolerance of one', () => option('tolerance', 1), FileFormatError, 'tolerance must be from 0 to below 1, got 1'],
    ['an empty tolerance', () => option('tolerance', ' '), FileFormatError, 'tolerance must be a number'],
    ['negative rows', () => metadata('rows', '-1'), FileFormatError, "'rows' has '-1'"],
    ['other rows', () => metadata('rows', '41'), RangeError, 'expected the root of 41 rows'],
    ['a flag too few', () => metadata('float32', '0,0'), FileFormatError, 'expected 3 times 0 or 1'],
    ['a flag of two', () => metadata('float32', '0,2,0'), FileFormatError, 'expected 3 times 0 or 1'],
    ['NaN', () => tensor('maps.1', entry(1, 2, NaN)), RangeError, "'maps.1' has the entry NaN at index 5"],
    ['infinite means', () => tensor('means.0', entry(2, 0, Infinity)), RangeError, "'means.0' has the entry Infinity"],
    ['a square R', () => tensor('R', () => new Matrix(13, 7)), FileFormatError, 'has shape [13, 7], expected [91]'],
    ['a shorter R', () => tensor('R', () => new Matrix(90, 1)), FileFormatError, 'has shape [90], expected [91]'],
    [
      'too few singular values',
      () => tensor('singularValues', () => new Matrix(3, 1)),
      FileFormatError,
      'expected [12]',
    ],
  ])('refuse %s', (_, damaged, kind, message) => {
    const read = () => PerfectAlignment.fromBytes(damaged())
    expect(read).toThrow(kind)
    expect(read).toThrow(message)
  })

  it.each([LeastSquares, OrthogonalProcrustes, LinearContrastive])(
    'of a method for two modalities refuse a third: %o',
    (Method) => {
      const pair = [modalities[0], modalities[0]]
      const model = Method === LinearContrastive ? new LinearContrastive({ nComponents: 2 }) : new Method({} as never)
      const damaged = edited(model.fit(pair).toBytes(), (file) => {
        file.metadata.widths = '4,4,4'
        for (const [name, tensor] of [...file.tensors]) {
          if (/^(maps|means|scales)[.]1$/.test(name)) file.tensors.set(name.replace('1', '2'), tensor)
          // As each leads to the other, so both to the third, and the third to both.
          if (!name.startsWith('decoders')) continue
          for (const between of ['0.2', '1.2', '2.0', '2.1']) file.tensors.set(`decoders.${between}`, tensor)
        }
      })
      for (const read of [() => Method.fromBytes(damaged), () => loadAlignment(damaged)]) {
        expect(read).toThrow(FileFormatError)
        expect(read).toThrow(`${Method.name} aligns two modalities, got 3`)
      }
    },
  )

  it('refuse more components than the method can have for its widths', () => {
    const cca = new CanonicalCorrelation({ nComponents: 2 }).fit(modalities)
    const damaged = edited(cca.toBytes({ decoders: false }), (file) => {
      file.metadata.widths = '1,3,5'
      for (const name of ['maps.0', 'means.0', 'scales.0']) {
        const [k] = name === 'maps.0' ? [2] : [1]
        if (file.tensors.has(name)) setTensor(file, name, ({ data }) => new Matrix(k, 1, data.slice(0, k)))
      }
    })
    const read = () => CanonicalCorrelation.fromBytes(damaged)
    expect(read).toThrow(FileFormatError)
    expect(read).toThrow('expected at most 1, the columns of the narrowest modality')
  })

  it('refuse a file without any one of its parts, and integers for numbers', () => {
    const { tensors, metadata: texts } = readSafetensors(bytes)
    for (const name of tensors.keys()) {
      if (name === 'R' || name === 'singularValues' || name === 'rho') continue
      const without = edited(bytes, (file) => file.tensors.delete(name))
      expect(() => PerfectAlignment.fromBytes(without)).toThrow(`tensor '${name}' is missing`)
    }
    for (const name of Object.keys(texts)) {
      const without = edited(bytes, (file) => Reflect.deleteProperty(file.metadata, name))
      expect(() => PerfectAlignment.fromBytes(without)).toThrow(FileFormatError)
    }
    const integers = edited(bytes, (file) => {
      file.tensors.set('maps.0', { shape: [2, 4], data: new Int32Array(8), dtype: 'I32' })
    })
    expect(() => PerfectAlignment.fromBytes(integers)).toThrow("tensor 'maps.0' has type I32, expected F64 or F32")
  })
})
