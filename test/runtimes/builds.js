// What the packed builds do beside each other, and in the hands of a library that wraps objects.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { tool } from './project.js'

const rows = [
  [1, 2],
  [3, 5],
  [5, 7],
  [9, 8],
]

function holds(what, condition) {
  if (!condition) throw new Error(`${what}: no`)
}

const bothBuilds = async (folder) => [
  await import(pathToFileURL(join(folder, 'node_modules/collimate/dist/index.js'))),
  createRequire(join(folder, 'user.cjs'))('collimate'),
]

function thrown(work) {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

/** Errors of either build are instances of the classes of the other. */
export async function errorsAcrossBuilds(folder) {
  const [es, cjs] = await bothBuilds(folder)
  for (const [one, other] of [
    [es, cjs],
    [cjs, es],
  ]) {
    const singular = thrown(() => one.inv([[0]]))
    const unfitted = thrown(() => new one.LeastSquares().maps)
    holds('a class of its own', one.SingularMatrixError !== other.SingularMatrixError)
    holds('SingularMatrixError', singular instanceof other.SingularMatrixError)
    holds('CollimateError', singular instanceof other.CollimateError)
    holds('no NotFittedError', !(singular instanceof other.NotFittedError))
    holds('NotFittedError', unfitted instanceof other.NotFittedError)
    holds('none of an Error', !(new Error('x') instanceof other.CollimateError))
  }
  return 'instanceof holds'
}

/** Vue's proxies, deep ones, leave models, factors and matrices as they are. */
export async function vueKeepsThem(folder) {
  const { reactive, ref, isProxy } = createRequire(tool('vue/index.js'))('vue')
  const [{ JointFactor, Matrix, PerfectAlignment, svd }] = await bothBuilds(folder)
  const model = ref(new PerfectAlignment({ nComponents: 1 }).fit([rows, rows]))
  const state = reactive({ factor: new JointFactor([2]).update([rows]), deep: [Matrix.from(rows)], result: svd(rows) })
  for (const value of [model.value, state.factor, state.deep[0], state.result.U]) holds('no proxy', !isProxy(value))
  holds('plain objects are', isProxy(state.deep))
  holds('a model maps', model.value.transform(state.deep[0], 0).rows === 4)
  holds('a model is fitted anew', model.value.fit([rows, rows]).maps.length === 2)
  holds('a factor takes rows', state.factor.update([rows]).rows === 8)
  holds('a matrix is read', state.deep[0].get(1, 1) === 5)
  return 'ref and reactive'
}
