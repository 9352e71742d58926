import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { CanonicalCorrelation } from '../../src/align/canonical/canonical-correlation.js'
import { LinearContrastive } from '../../src/align/contrastive/linear-contrastive.js'
import type { LinearAlignment } from '../../src/align/model/linear-alignment.js'
import { LeastSquares } from '../../src/align/least-squares/least-squares.js'
import { loadAlignment } from '../../src/align/load-alignment.js'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { OrthogonalProcrustes } from '../../src/align/procrustes.js'
import { METHODS, methodOf } from '../../src/cli/methods.js'
import { npyToMatrix, readNpy } from '../../src/io/npy.js'
import { readSafetensors } from '../../src/io/safetensors.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'
import '../support/solvers.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B] = pairedModalities(40, [6, 5])
const [a, b] = [sandbox.npy('a.npy', A), sandbox.npy('b.npy', B)]
const out = sandbox.path('out.npy')
const written = () => npyToMatrix(readNpy(new Uint8Array(readFileSync(out))))

const MODELS = [
  new PerfectAlignment({ nComponents: 3 }),
  new CanonicalCorrelation({ nComponents: 3 }),
  new OrthogonalProcrustes({ nComponents: 3 }),
  new LeastSquares(),
  new LinearContrastive({ nComponents: 3 }),
]

describe.each(MODELS)('a file of $constructor.name', (model) => {
  const file = sandbox.file(`${model.constructor.name}.safetensors`, model.fit([A, B]).toBytes())

  it('is what transform and translate map by, and what evaluate measures', async () => {
    expect((await collimate(['transform', file, a, '-m', '0', '-o', out])).code).toBe(0)
    expect(written()).toEqual(model.transform(A, 0))
    expect((await collimate(['translate', file, a, '--from', '0', '--to', '1', '-o', out])).code).toBe(0)
    expect(written()).toEqual(model.translate(A, 0, 1))
    expect(await collimate(['evaluate', file, a, b])).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('fit --method', () => {
  const fitted = async (line: string) => {
    const out = sandbox.path('fitted.safetensors')
    const outcome = await collimate(['fit', a, b, ...line.split(' '), '-o', out])
    expect([outcome.code, outcome.stderr]).toEqual([0, ''])
    return { ...outcome, model: loadAlignment(new Uint8Array(readFileSync(out))) }
  }

  it.each<[string, LinearAlignment]>([
    [
      '--method perfect-alignment -k 2 --selection last --center --tolerance 1e-6',
      new PerfectAlignment({ nComponents: 2, selection: 'last', center: true, tolerance: 1e-6 }),
    ],
    ['-k 2 --no-center', new PerfectAlignment({ nComponents: 2, center: false })],
    ['--method canonical-correlation -k 2', new CanonicalCorrelation({ nComponents: 2 })],
    [
      '--method canonical-correlation -k 3 --regularization 0.25 --criterion sumcor',
      new CanonicalCorrelation({ nComponents: 3, regularization: 0.25, criterion: 'sumcor' }),
    ],
    [
      '--method canonical-correlation -k 2 --regularization oas --tolerance 1e-9',
      new CanonicalCorrelation({ nComponents: 2, regularization: 'oas', tolerance: 1e-9 }),
    ],
    [
      '--method orthogonal-procrustes -k 4 --scaling --no-center',
      new OrthogonalProcrustes({ nComponents: 4, scaling: true, center: false }),
    ],
    ['--method least-squares', new LeastSquares()],
    ['--method least-squares --ridge gcv', new LeastSquares({ ridge: 'gcv' })],
    ['--method least-squares --ridge 3 --scale true', new LeastSquares({ ridge: 3, scale: true })],
    ['-k 2 --scale false', new PerfectAlignment({ nComponents: 2, scale: false })],
    ['-k 2 --selection last --scale auto', new PerfectAlignment({ nComponents: 2, selection: 'last', scale: 'auto' })],
    ['--method least-squares --target 0 --ridge 1e2', new LeastSquares({ target: 0, ridge: 100 })],
    ['--method linear-contrastive -k 2', new LinearContrastive({ nComponents: 2 })],
    [
      '-k 2 --selection last --solver gradient --seed a --max-iterations 9 --gradient-tolerance 1e-3',
      new PerfectAlignment({
        nComponents: 2,
        selection: 'last',
        solver: 'gradient',
        seed: 'a',
        maxIterations: 9,
        gradientTolerance: 1e-3,
      }),
    ],
    [
      '--method linear-contrastive -k 2 --solver infonce --temperature 0.5 --epochs 3 --batch-size 20 --learning-rate 0.05 --seed 4',
      new LinearContrastive({
        nComponents: 2,
        solver: 'infonce',
        temperature: 0.5,
        epochs: 3,
        batchSize: 20,
        learningRate: 0.05,
        seed: '4',
      }),
    ],
    [
      '--method linear-contrastive -k 2 --solver infonce --no-normalize --regularization 2 --epochs 2',
      new LinearContrastive({ nComponents: 2, solver: 'infonce', normalize: false, regularization: 2, epochs: 2 }),
    ],
  ])('%s', async (line, expected) => {
    const { model, stdout } = await fitted(line)
    expect(model).toBeInstanceOf(expected.constructor)
    expected.fit([A, B])
    // The command reads it, and so it is in the file.
    if (expected instanceof PerfectAlignment) expect(expected.chanceStrength).toBeGreaterThan(0)
    expect(model.toBytes()).toEqual(expected.toBytes())
    expect(stdout).toMatch(/fitted\.safetensors: \d components of 6 \+ 5 columns, 40 rows, /)
  })

  it('says if a descent did not converge', async () => {
    const { stdout } = await fitted('-k 2 --selection last --solver gradient --max-iterations 2')
    expect(stdout).toMatch(/^note: the descent did not converge: allow more --max-iterations/m)
  })

  it('has a line in the help for every method, with its options', async () => {
    const { stdout } = await collimate(['fit', '--help'])
    for (const { name, options: own } of METHODS) {
      const [, options = ''] = new RegExp(`^  ${name}: .*\n((?: {6}--.*\n)+)`, 'm').exec(stdout) ?? []
      expect(options.trim().split(/\s+/)).toHaveLength(Object.keys(own).length)
    }
  })

  it('takes what the constructors take, no more and no less', () => {
    for (const { estimator, options } of METHODS) {
      let known = ''
      try {
        new estimator({ nonsense: true } as never)
      } catch (error) {
        known = (error as Error).message
      }
      const names = known.replace("there is no option 'nonsense' here; there are: ", '').split(', ')
      // --features is one option for all methods.
      expect(names.sort()).toEqual([...Object.keys(options), 'features'].sort())
    }
  })

  it('keeps every option in the file', () => {
    for (const model of MODELS) {
      const { metadata } = readSafetensors(model.toBytes())
      const asked = Object.keys(methodOf(model).options).filter((name) => Reflect.get(model, name) !== undefined)
      expect(Object.keys(JSON.parse(metadata.options) as object).sort()).toEqual(asked.sort())
    }
  })
})

describe('info of every method', () => {
  const describeModel = async (model: LinearAlignment) => {
    const file = sandbox.file('described.safetensors', model.fit([A, B]).toBytes())
    const [text, json] = [await collimate(['info', file]), await collimate(['info', file, '--json'])]
    expect([text.code, json.code, text.stderr, json.stderr]).toEqual([0, 0, '', ''])
    return { text: text.stdout, json: JSON.parse(json.stdout) as Record<string, unknown> }
  }

  it('names it, and what was asked of it and came out', async () => {
    const cca = new CanonicalCorrelation({ nComponents: 2, regularization: 'oas' })
    const one = await describeModel(cca)
    expect(one.json).toEqual({
      method: 'canonical-correlation',
      components: 2,
      columns: [6, 5],
      regularization: 'oas',
      shrinkage: [...cca.shrinkage],
      criterion: 'maxvar',
      scale: 'auto',
      tolerance: null,
      canonicalCorrelations: [...cca.canonicalCorrelations],
      centered: true,
      precision: 'F64',
      state: false,
    })
    expect(one.text).toMatch(/^canonical correlations +\d.* to /m)
    expect(one.text).toMatch(/^shrinkage +.*, from the data$/m)

    const procrustes = await describeModel(new OrthogonalProcrustes({ nComponents: 3, scaling: true }))
    expect(procrustes.json).toMatchObject({
      method: 'orthogonal-procrustes',
      components: 3,
      reduced: true,
      scaling: true,
    })
    expect(procrustes.text).toMatch(/^reduced +to 3 principal components each/m)

    const regression = await describeModel(new LeastSquares({ target: 0, ridge: 2 }))
    expect(regression.json).toMatchObject({ method: 'least-squares', target: 0, ridge: 2 })
    expect(regression.text).toMatch(/^target +modality 0, which is predicted/m)

    const contrastive = new LinearContrastive({ nComponents: 2 })
    const last = await describeModel(contrastive)
    expect(last.json).toMatchObject({
      method: 'linear-contrastive',
      solver: 'svd',
      singularValues: [...contrastive.singularValues],
    })

    const trained = new LinearContrastive({ nComponents: 2, solver: 'infonce', epochs: 3, seed: 5 })
    const infonce = await describeModel(trained)
    expect(infonce.json).toMatchObject({ solver: 'infonce', epochs: 3, seed: 5, lossHistory: [...trained.lossHistory] })
    expect(infonce.text).toMatch(/^solver +infonce, of cosines$/m)
    expect(infonce.text).toMatch(/^batch size +512$/m)
    expect(infonce.text).toMatch(/^loss +[\d.]+ in the first epoch, [\d.]+ in the last$/m)

    const gradient = new PerfectAlignment({ nComponents: 2, selection: 'last', solver: 'gradient', maxIterations: 2 })
    const descent = await describeModel(gradient)
    expect(descent.json).toMatchObject({ solver: 'gradient' })
    expect(descent.text).toMatch(/^solver +gradient, not converged after 2 steps$/m)
  })
})

describe('options that do not go together', () => {
  it.each([
    ['--method ridge -k 2', /argument 'ridge' is invalid\. Allowed choices are perfect-alignment, /],
    [
      '--method canonical-correlation',
      /required option '-k, --components <k>' not specified: canonical-correlation needs it/,
    ],
    ['--method least-squares -k 2', /least-squares takes no --components, which is an option of perfect-alignment, /],
    ['-k 2 --ridge 1', /perfect-alignment takes no --ridge, which is an option of least-squares$/m],
    ['--method linear-contrastive -k 2 --no-center', /linear-contrastive takes no --center, /],
    ['--method orthogonal-procrustes', /6 and 5 columns: give --components, to which both are reduced first/],
    ['--method canonical-correlation -k 6', /--components is 6, expected at most 5, the columns of the narrowest/],
    ['--method canonical-correlation -k 2 --regularization 2', /--regularization must be from 0 to 1, got 2/],
    ['--method canonical-correlation -k 2 --regularization some', /--regularization must be a number, got 'some'/],
    [
      '--method canonical-correlation -k 2 --criterion best',
      /--criterion must be one of 'maxvar', 'sumcor', got 'best'/,
    ],
    ['-k 2 --temperature 1', /perfect-alignment takes no --temperature, which is an option of linear-contrastive$/m],
    ['-k 2 --solver infonce', /--solver must be one of/],
    ['--method linear-contrastive -k 2 --solver adam', /--solver must be one of 'svd', 'infonce', got 'adam'/],
    ['--method linear-contrastive -k 2 --solver infonce --batch-size 1', /--batch-?[sS]ize must be an integer from 2/],
    [
      '-k 2 --selection last --solver gradient --gradient-tolerance 2',
      /--gradient-tolerance must be from 0 to below 1/,
    ],
    ['--method least-squares --ridge -1', /--ridge must be from 0/],
    ['--method least-squares --target 2', /--target must be an integer from 0 to 1, got 2/],
  ])('%s', async (line, message) => {
    const before = readdirSync(sandbox.folder)
    const { code, stdout, stderr } = await collimate(['fit', a, b, ...line.split(' '), '-o', sandbox.path('none')])
    expect(stderr).toMatch(/^collimate: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect([code, stdout]).toEqual([2, ''])
    expect(readdirSync(sandbox.folder)).toEqual(before)
  })
})
