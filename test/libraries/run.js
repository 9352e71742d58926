// Objects of the libraries themselves, as their users hand them over: read right, or refused in words. `npm ci --ignore-scripts --prefix test/libraries`
// installs them; inference engines, image codecs and other native parts that no tensor needs are left out by overrides.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as arrow from 'apache-arrow'
import * as jax from '@jax-js/jax'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { Tensor as TransformersTensor } from '@huggingface/transformers'
import * as math from 'mathjs'
import { Matrix as MlMatrix, MatrixTransposeView, SymmetricMatrix, wrap } from 'ml-matrix'
import ndarray from 'ndarray'
import * as np from 'numpy-ts'
import { Tensor as OnnxTensor } from 'onnxruntime-common'
import { Matrix, solve } from '../../dist/index.js'
import { ADAPTER_TYPES, ADAPTERS } from './adapters.js'
import { compilerOptions, TYPES } from './types.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const require = createRequire(import.meta.url)
// These three are CommonJS without named exports.
const nj = require('numjs')
const StdlibNdarray = require('@stdlib/ndarray-ctor')
const vectorious = require('vectorious')

const ROWS = [
  [1, 2, 3],
  [4, 5, 6],
]
const TRANSPOSE = [
  [1, 4],
  [2, 5],
  [3, 6],
]
const FLAT = ROWS.flat()
const REVERSED = [...ROWS].reverse()
const HALVES = Uint16Array.of(15360, 16384, 16896, 17408, 17664, 17920)

const listOf = (type) => new arrow.FixedSizeList(3, new arrow.Field('item', type, true))
const column = (type) => arrow.vectorFromArray(ROWS, listOf(type))
const table = new arrow.Table({ embedding: column(new arrow.Float32()) })
const onnx = (type, data) => new OnnxTensor(type, data, [2, 3])
const transformers = (type, data) => new TransformersTensor(type, data, [2, 3])

/** What is handed over, the rows that must be read, and whether they are float32. */
const ACCEPTED = {
  'transformers.js': [transformers('float32', Float32Array.from(FLAT)), ROWS, true],
  'transformers.js, transposed': [transformers('float32', Float32Array.from(FLAT)).transpose(1, 0), TRANSPOSE, true],
  'transformers.js, float16': [transformers('float16', HALVES), ROWS, true],
  'transformers.js, int64': [transformers('int64', BigInt64Array.from(FLAT.map(BigInt))), ROWS],
  'transformers.js, a list of tensors of one row': [
    ROWS.map((row) => new TransformersTensor('float32', Float32Array.from(row), [1, 3])),
    ROWS,
    true,
  ],
  'transformers.js, its rows': [[...transformers('float32', Float32Array.from(FLAT))], ROWS, true],
  stdlib: [new StdlibNdarray('float64', Float64Array.from(FLAT), [2, 3], [3, 1], 0, 'row-major'), ROWS],
  'stdlib, column order': [
    new StdlibNdarray('float64', Float64Array.of(1, 4, 2, 5, 3, 6), [2, 3], [1, 2], 0, 'column-major'),
    ROWS,
  ],
  'stdlib, transposed': [
    new StdlibNdarray('float32', Float32Array.from(FLAT), [3, 2], [1, 3], 0, 'row-major'),
    TRANSPOSE,
    true,
  ],
  'stdlib, reversed rows': [
    new StdlibNdarray('float64', Float64Array.from(FLAT), [2, 3], [-3, 1], 3, 'row-major'),
    REVERSED,
  ],
  'ONNX Runtime': [onnx('float32', Float32Array.from(FLAT)), ROWS, true],
  'ONNX Runtime, float16': [onnx('float16', HALVES), ROWS, true],
  'ONNX Runtime, int64': [onnx('int64', BigInt64Array.from(FLAT.map(BigInt))), ROWS],
  'numpy-ts': [np.array(ROWS), ROWS],
  'numpy-ts, .T': [np.array(ROWS).T, TRANSPOSE],
  'numpy-ts, [::-1]': [np.array(ROWS).slice('::-1'), REVERSED],
  'numpy-ts, a corner': [np.array(ROWS).slice('1:', '1:'), [[5, 6]]],
  'numpy-ts, float32 .T': [np.array(ROWS, 'float32').T, TRANSPOSE, true],
  'numpy-ts, int64': [np.array(ROWS, 'int64'), ROWS],
  'numpy-ts, int64 .T': [np.array(ROWS, 'int64').T, TRANSPOSE],
  'numpy-ts, float16': [np.array(ROWS, 'float16'), ROWS, true],
  vectorious: [vectorious.array(ROWS), ROWS],
  'vectorious, .T': [vectorious.array(ROWS).T, TRANSPOSE],
  'vectorious, a row': [vectorious.array(ROWS).slice(1, 2), [[4, 5, 6]]],
  ndarray: [ndarray(Float32Array.from(FLAT), [2, 3]), ROWS, true],
  'ndarray, transposed': [ndarray(Float32Array.from(FLAT), [2, 3]).transpose(1, 0), TRANSPOSE, true],
  'ndarray, reversed': [ndarray(FLAT, [2, 3]).step(-1, 1), REVERSED],
  'ndarray, its rows': [[ndarray(FLAT, [2, 3]).pick(0, null), ndarray(FLAT, [2, 3]).pick(1, null)], ROWS],
  'ml-matrix': [new MlMatrix(ROWS), ROWS],
  'ml-matrix, a transposed view': [new MatrixTransposeView(new MlMatrix(ROWS)), TRANSPOSE],
  'ml-matrix, a selection': [new MlMatrix(ROWS).selection([1], [2, 0]), [[6, 4]]],
  'ml-matrix, a wrapped list': [wrap(FLAT, { rows: 2 }), ROWS],
  'ml-matrix, symmetric': [new SymmetricMatrix([[1, 2], [2, 3]]), [[1, 2], [2, 3]]], // prettier-ignore
  'math.js': [math.matrix(ROWS), ROWS],
  'math.js, transposed': [math.transpose(math.matrix(ROWS)), TRANSPOSE],
  'math.js, sparse': [math.sparse(ROWS), ROWS],
  numjs: [nj.array(ROWS), ROWS],
  'numjs, .T': [nj.array(ROWS).T, TRANSPOSE],
  'TensorFlow.js': [tf.tensor2d(ROWS), ROWS, true],
  'TensorFlow.js, transposed': [tf.transpose(tf.tensor2d(ROWS)), TRANSPOSE, true],
  'TensorFlow.js, int32': [tf.tensor2d(ROWS, [2, 3], 'int32'), ROWS],
  'jax-js': [jax.numpy.array(ROWS), ROWS, true],
  'jax-js, transposed': [jax.numpy.transpose(jax.numpy.array(ROWS)), TRANSPOSE, true],
  'Arrow, a column of lists': [column(new arrow.Float32()), ROWS, true],
  'Arrow, a column of a table': [table.getChild('embedding'), ROWS, true],
  'Arrow, a slice of a column': [column(new arrow.Float32()).slice(1), [ROWS[1]], true],
  'Arrow, float16': [column(new arrow.Float16()), ROWS],
  'Arrow, int64': [
    arrow.vectorFromArray(
      ROWS.map((row) => row.map(BigInt)),
      listOf(new arrow.Int64()),
    ),
    ROWS,
  ],
  'Arrow, lists of any length': [
    arrow.vectorFromArray(ROWS, new arrow.List(new arrow.Field('item', new arrow.Float64(), true))),
    ROWS,
  ],
}

/** What is refused, and what the message must say. */
const REFUSED = {
  'TensorFlow.js, complex numbers': [tf.complex([[1, 2]], [[3, 4]]), 'needs 2 numbers, got 4'],
  'TensorFlow.js, three dimensions': [tf.zeros([1, 2, 3]), 'two dimensions, [n, d], got shape [1, 2, 3]'],
  'numpy-ts, complex numbers': [np.array(ROWS, 'complex128'), 'entry (0, 0) must be a number'],
  'ONNX Runtime, strings': [new OnnxTensor('string', ['a', 'b'], [1, 2]), 'entry 0 must be a number, got a string'],
  'ONNX Runtime, packed int4': [new OnnxTensor('uint4', Uint8Array.of(1, 2, 3), [2, 3]), 'needs 6 numbers, got 3'],
  'math.js, fractions': [math.matrix([[math.fraction(1, 3)]]), 'entry (0, 0) must be a number'],
  'Arrow, a table': [table, 'class Table: give a column of lists, table.getChild(name)'],
  'Arrow, nulls': [
    arrow.vectorFromArray([[1, null, 3]], listOf(new arrow.Float32())),
    '(0, 1) must be a number, got null',
  ],
  'Arrow, a column of numbers': [arrow.vectorFromArray([1, 2], new arrow.Float32()), '[vector]'],
  'numbers that are on their way': [tf.tensor2d(ROWS).array(), 'class Promise: await it'],
}

const total = { passed: 0, failed: 0 }
async function check(name, work) {
  try {
    await work()
    total.passed++
  } catch (error) {
    total.failed++
    console.log(`${name}: FAILED ${error.message}`)
  }
}

function equal(got, expected) {
  const [a, b] = [got, expected].map((value) => JSON.stringify(value))
  if (a !== b) throw new Error(`got ${a}, expected ${b}`)
}

for (const [name, [value, rows, float32 = false]] of Object.entries(ACCEPTED)) {
  // Twice: reading uses nothing up.
  for (let time = 0; time < 2; time++) {
    await check(name, () => {
      const matrix = Matrix.from(value)
      equal(matrix.toArray(), rows)
      equal(matrix.data instanceof Float32Array, float32)
    })
  }
}

for (const [name, [value, text]] of Object.entries(REFUSED)) {
  await check(name, () => {
    let message = 'nothing was thrown'
    try {
      Matrix.from(value)
    } catch (error) {
      message = error.message
    }
    if (!message.includes(text)) throw new Error(`"${message}" does not say "${text}"`)
  })
}

await check('a tensor as a right-hand side', () => equal(solve([[2]], tf.tensor2d([[4]])).toArray(), [[2]]))

await check('a tensor of one dimension as a right-hand side', () => equal([...solve([[2]], tf.tensor1d([4]))], [2]))

for (const [name, work] of Object.entries(ADAPTERS)) await check(name, work)

await check('types', () => {
  const folder = mkdtempSync(join(tmpdir(), 'collimate-libraries-'))
  try {
    symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'types.ts'), TYPES)
    writeFileSync(join(folder, 'adapters.ts'), ADAPTER_TYPES)
    const options = compilerOptions(join(root, 'dist'))
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['types.ts', 'adapters.ts'] }),
    )
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', folder])
  } catch (error) {
    throw new Error(String(error.stdout ?? error), { cause: error })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

console.log(`libraries: ${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed > 0 ? 1 : 0)
