import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import { main } from '../../src/cli/program.js'
import { Matrix } from '../../src/matrix.js'
import { collimate, pairedModalities, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const [A, B, short] = [...pairedModalities(30, [6, 5]), new Matrix(29, 4)]
const nan = new Matrix(30, 6, A.data.slice())
nan.set(7, 2, Number.NaN)
const fitted = new PerfectAlignment({ nComponents: 3, selection: 'last' }).fit([A, B]).toBytes()

sandbox.npy('a.npy', A)
sandbox.npy('b.npy', B)
sandbox.npy('short.npy', short)
sandbox.npy('nan.npy', nan)
sandbox.npy('empty.npy', new Matrix(0, 6))
sandbox.file('text.npy', 'this is no array\n')
sandbox.file('nothing.npy', '')
sandbox.file('cut.npy', readFileSync(sandbox.path('a.npy')).subarray(0, 500))
sandbox.file('model.safetensors', fitted)
sandbox.file('cut.safetensors', fitted.subarray(0, fitted.length - 9))
sandbox.file('zeros.safetensors', new Uint8Array(64))

const IN_SANDBOX = /\.(npy|safetensors)$|^folder|^missing/
/** The arguments of a command line in which bare file names mean files of the sandbox. */
const argvOf = (line: string) => line.split(' ').map((word) => (IN_SANDBOX.test(word) ? sandbox.path(word) : word))

const FIT = 'fit a.npy b.npy --components 3 --out model2.safetensors'

describe('bad input is one line on stderr, exit code 2, and no file written', () => {
  it.each([
    ['', /no command was given: 'collimate --help' lists the commands/],
    ['align', /unknown command 'align'/],
    ['evaluat a.npy', /unknown command 'evaluat' \(Did you mean evaluate\?\)/],
    ['help align', /'collimate --help' lists the commands/],
    ['--wrong', /unknown option '--wrong'/],
    [`${FIT} --wrong`, /unknown option '--wrong'/],
    [`${FIT} --component 4`, /unknown option '--component' \(Did you mean --components\?\)/],
    // A misspelt option says more than the one that is missing because of it.
    [
      'fit a.npy b.npy --component 4 --out x.safetensors',
      /unknown option '--component' \(Did you mean --components\?\)/,
    ],
    ['fit a.npy b.npy --components 3 --output x.safetensors', /unknown option '--output' \(Did you mean --out\?\)/],
    ['transform model.safetensors a.npy --modalty 0 --out z.npy', /unknown option '--modalty'/],
    [
      'fit a.npy b.npy --out x.safetensors',
      /required option '-k, --components <k>' not specified: perfect-alignment needs it/,
    ],
    ['fit a.npy b.npy --components 3', /required option '-o, --out <file>' not specified/],
    ['fit --components 3 --out x.safetensors', /missing required argument 'matrices'/],
    ['fit a.npy --components 3 --out x.safetensors', /two or more files, one per modality, got 1/],
    ['fit a.npy b.npy --components 0 --out x.safetensors', /--components must be an integer from 1 to \d+, got 0/],
    ['fit a.npy b.npy --components 2.5 --out x.safetensors', /--components must be an integer from 1 to \d+, got 2\.5/],
    ['fit a.npy b.npy --components three --out x.safetensors', /--components must be an integer, got 'three'/],
    [
      'fit a.npy b.npy --components 12 --out x.safetensors',
      /--components is 12, expected at most 11, the columns of all modalities/,
    ],
    [`${FIT} --selection best`, /--selection must be one of 'auto', 'balanced', 'informative', 'last', got 'best'/],
    [`${FIT} --precision f16`, /argument 'f16' is invalid/],
    [`${FIT} --tolerance -1`, /--tolerance must be from 0 to below 1, got -1/],
    [`${FIT} --tolerance tiny`, /--tolerance must be a number, got 'tiny'/],
    [`${FIT} --rows 0:31`, /--rows 0:31 goes beyond .*a\.npy, which has 30 rows/],
    [`${FIT} --rows 5`, /--rows must be slices/],
    [
      'fit a.npy missing.npy --components 3 --out x.safetensors',
      /cannot read .*missing\.npy: no such file or directory/,
    ],
    ['fit a.npy folder --components 3 --out x.safetensors', /cannot read .*folder: no such file/],
    ['fit a.npy . --components 3 --out x.safetensors', /cannot read \.: it is a directory/],
    ['fit a.npy text.npy --components 3 --out x.safetensors', /text\.npy: /],
    ['fit a.npy nothing.npy --components 3 --out x.safetensors', /nothing\.npy: /],
    ['fit a.npy cut.npy --components 3 --out x.safetensors', /cut\.npy: /],
    ['fit a.npy model.safetensors --components 3 --out x.safetensors', /model\.safetensors: /],
    ['fit a.npy short.npy --components 3 --out x.safetensors', /short\.npy has 29 rows, .*a\.npy has 30/],
    ['fit nan.npy b.npy --components 3 --out x.safetensors', /nan\.npy: entry \(7, 2\) is NaN/],
    ['fit empty.npy empty.npy --components 3 --out x.safetensors', /needs at least 2 rows, got 0/],
    ['fit a.npy b.npy --components 3 --out a.npy', /cannot write .*a\.npy: it is the input file .*a\.npy/],
    ['fit a.npy b.npy --components 3 --out .', /cannot write \.: it is a directory/],
    ['fit a.npy b.npy --components 3 --out missing/x.safetensors', /cannot write .*: no such file or directory/],
    ['transform model.safetensors a.npy --out z.npy', /required option '-m, --modality <index>' not specified/],
    ['transform model.safetensors a.npy --modality 2 --out z.npy', /--modality 2: the model has 2 modalities, 0 to 1/],
    ['transform model.safetensors a.npy --modality -1 --out z.npy', /argument '-1' is invalid/],
    [
      'transform model.safetensors a.npy --modality 1 --out z.npy',
      /a\.npy has 6 columns, modality 1 of the model has 5/,
    ],
    ['transform model.safetensors nan.npy --modality 0 --out z.npy', /nan\.npy: entry \(7, 2\) is NaN/],
    ['transform model.safetensors a.npy b.npy --modality 0 --out z.npy', /too many arguments/],
    ['transform model.safetensors a.npy --modality 0 --out model.safetensors', /it is the input file/],
    ['transform missing.safetensors a.npy --modality 0 --out z.npy', /missing\.safetensors: no such file/],
    ['transform cut.safetensors a.npy --modality 0 --out z.npy', /cut\.safetensors is no sound model: /],
    ['transform zeros.safetensors a.npy --modality 0 --out z.npy', /zeros\.safetensors is no sound model: /],
    ['transform a.npy a.npy --modality 0 --out z.npy', /a\.npy is no sound model: /],
    ['translate model.safetensors a.npy --from 0 --out y.npy', /required option '--to <index>' not specified/],
    ['translate model.safetensors a.npy --from 2 --to 1 --out y.npy', /--from 2: the model has 2 modalities/],
    ['translate model.safetensors a.npy --from 0 --to 5 --out y.npy', /--to 5: the model has 2 modalities/],
    ['translate model.safetensors a.npy --from 1 --to 0 --out y.npy', /a\.npy has 6 columns, modality 1/],
    ['evaluate model.safetensors a.npy', /has 2 modalities and needs as many files, got 1/],
    ['evaluate model.safetensors b.npy a.npy', /b\.npy has 5 columns, modality 0 of the model has 6/],
    ['evaluate model.safetensors a.npy short.npy', /short\.npy has 29 rows/],
    ['evaluate model.safetensors a.npy b.npy --metric manhattan', /argument 'manhattan' is invalid/],
    ['evaluate model.safetensors a.npy b.npy --rows 9:9', /--rows 9:9 selects none/],
    ['info text.npy', /text\.npy: expected a \.npy file/],
    ['info missing.safetensors', /cannot read .*missing\.safetensors/],
  ])('%s', async (line, message) => {
    const before = readdirSync(sandbox.folder)
    const { code, stdout, stderr } = await collimate(line === '' ? [] : argvOf(line))
    expect(stderr).toMatch(/^collimate: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect([code, stdout]).toEqual([2, ''])
    expect(readdirSync(sandbox.folder)).toEqual(before)
    expect(new Uint8Array(readFileSync(sandbox.path('model.safetensors')))).toEqual(fitted)
  })

  it('the same arguments without the mistake work', async () => {
    expect(await collimate(argvOf(FIT))).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('what is not the fault of the input', () => {
  it('is exit code 1, with the trace that a report of it needs', async () => {
    const texts: string[] = []
    const broken = () => {
      throw new Error('the terminal is on fire')
    }
    const code = await main(argvOf('info model.safetensors'), {
      stdout: { write: broken },
      stderr: { write: (text) => texts.push(text) },
      env: {},
      signal: new AbortController().signal,
    })
    expect(code).toBe(1)
    expect(texts.join('')).toMatch(/^collimate: the terminal is on fire\nError: [^]*bad-input\.test/)
  })
})
