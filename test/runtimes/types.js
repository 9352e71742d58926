// What the packed types are worth to those who compile against them: by several versions of TypeScript, with and without the types of the
// DOM and of Node, and with one half of a program in ES modules and the other in CommonJS.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './process.js'
import { root, tool } from './project.js'

/** By which name each version is installed here. */
export const COMPILERS = { 5.7: 'typescript57', 5.9: 'typescript59', 6: 'typescript6', 7: 'typescript7' }

const EVERY_ENTRY = [
  '',
  '/adapters',
  '/features',
  '/io',
  '/metrics',
  '/migration',
  '/model-selection',
  '/score',
  '/serve',
  '/solvers',
  '/synthetic',
]
  .map((entry, i) => `import * as entry${i} from 'collimate${entry}'\nvoid entry${i}`)
  .join('\n')

/** Programs, by what they show: the libraries and packages of types that they have, and their files. */
const PROGRAMS = {
  'with no types but those of the language': {
    lib: ['es2022'],
    types: [],
    files: {
      'bare.ts': `${EVERY_ENTRY}
        import { PerfectAlignment, svdAsync, type AsyncOptions } from 'collimate'
        const options: AsyncOptions = { copy: false, signal: { throwIfAborted() {} } }
        export const fitted: Promise<PerfectAlignment> = new PerfectAlignment({ nComponents: 1 }).fitAsync([[[1]], [[2]]], options)
        export const values: Promise<Float64Array> = svdAsync([[1]], { vectors: 'none', ...options }).then(({ S }) => S)`,
    },
  },
  'in a page': {
    lib: ['es2022', 'dom'],
    types: [],
    files: {
      'page.ts': `import { eigh, JointFactor, Matrix, PerfectAlignment } from 'collimate'
        import { writeNpy, writeSafetensors } from 'collimate/io'
        const model = new PerfectAlignment({ nComponents: 1 })
        void model.fitAsync([[[1]], [[2]]], { signal: new AbortController().signal })
        export const blob = new Blob([model.toBytes({ state: true }), new JointFactor([1]).toBytes()])
        export const response = new Response(writeNpy(new Matrix(1, 1)))
        export const digest = crypto.subtle.digest('SHA-256', writeSafetensors({ tensors: [] }))
        export const buffer: ArrayBuffer | ArrayBufferLike = model.toBytes().buffer
        export const none: undefined = eigh([[1]], { vectors: false }).vectors
        export const some: Matrix = eigh([[1]]).vectors
        export const perhaps: Matrix | undefined = eigh([[1]], { vectors: Math.random() > 0.5 }).vectors`,
    },
  },
  'in Node': {
    lib: ['es2022'],
    types: ['node'],
    files: {
      'node.ts': `import { writeFileSync } from 'node:fs'
        import { PerfectAlignment } from 'collimate'
        const model = new PerfectAlignment({ nComponents: 1 })
        void model.fitAsync([[[1]], [[2]]], { signal: AbortSignal.timeout(10) })
        writeFileSync('model', model.toBytes())`,
    },
  },
  'in a library before disposal': {
    lib: ['es2022'],
    types: [],
    files: {
      'closing.ts': `import { FlatIndex, loadAlignment, prepare, type FlatMetric } from 'collimate/serve'
        const index = new FlatIndex({ dimensions: 2 })
        index.close()
        export const any: FlatIndex<FlatMetric> = FlatIndex.fromBytes(index.toBytes())
        export const scores: Float64Array = index.search([1, 2], 1).scores
        export const ready: Promise<void> = prepare(2).then(() => { loadAlignment(new Uint8Array()).close() })`,
    },
  },
  'in a library with disposal': {
    lib: ['es2022', 'esnext.disposable'],
    types: [],
    files: {
      'using.ts': `import { FlatIndex, loadAlignment } from 'collimate/serve'
        export function near(query: Float32Array, model: Uint8Array) {
          using map = loadAlignment(model)
          using index = new FlatIndex({ dimensions: map.nComponents, metric: 'euclidean' })
          const disposables: Disposable[] = [map, index]
          return [index.search(map.transformVector(query, 0), 1).distances, disposables]
        }`,
    },
  },
  'half of it CommonJS': {
    lib: ['es2022'],
    types: [],
    files: {
      'maker.cts': `import collimate = require('collimate')
        const rows = [[1, 2], [3, 4], [5, 7]]
        export const model = new collimate.PerfectAlignment({ nComponents: 1 })
        export const others = [new collimate.CanonicalCorrelation({ nComponents: 1 }), new collimate.LeastSquares()] as const
        export const contrastive = new collimate.LinearContrastive({ nComponents: 1 })
        export const rotation = new collimate.OrthogonalProcrustes()
        export const factor = new collimate.JointFactor([2, 2]).update([rows, rows])
        export const matrix = collimate.Matrix.from(rows)
        export const fault = new collimate.NotFittedError('none')
        export const take = (given: typeof model) => given.nComponents`,
      'taker.mts': `import * as collimate from 'collimate'
        import { contrastive, factor, fault, matrix, model, others, rotation, take } from './maker.cjs'
        const own: collimate.PerfectAlignment = model.fit(factor)
        const all: collimate.LinearAlignment[] = [model, ...others, contrastive, rotation]
        export const [first, second]: [collimate.CanonicalCorrelation, collimate.LeastSquares] = [...others]
        export const third: collimate.LinearContrastive = contrastive
        export const fourth: collimate.OrthogonalProcrustes = rotation
        export const here: collimate.JointFactor = factor
        export const error: collimate.NotFittedError = fault
        export const read: collimate.Matrix = matrix
        export const there = take(new collimate.PerfectAlignment({ nComponents: 1 }).merge(own))
        export const scores = all.map((one) => collimate.evaluate(one, [matrix, matrix]))`,
    },
  },
}

/** Compiles all programs. @throws with what the compiler says */
export async function typesCompile(folder, compiler) {
  const names = Object.keys(PROGRAMS)
  for (const [i, name] of names.entries()) {
    const { lib, types, files } = PROGRAMS[name]
    const directory = join(folder, `types-${compiler}-${i}`)
    mkdirSync(directory, { recursive: true })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text)
    const compilerOptions = {
      lib,
      types,
      typeRoots: [join(root, 'node_modules/@types')],
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }))
    try {
      await run(process.execPath, [tool(`${compiler}/bin/tsc`), '-p', directory], { cwd: folder })
    } catch (error) {
      throw new Error(`${name}: ${error.message}`, { cause: error })
    }
  }
  return names.join(', ')
}
