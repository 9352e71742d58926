// What must hold in every runtime. It runs unchanged in all of them: no file, no network, nothing but the language.

const SIDE_EFFECTS = ['setTimeout', 'setInterval', 'fetch', 'queueMicrotask', 'eval']
const CONSOLE = ['log', 'info', 'warn', 'error', 'debug']

const now = () => performance.now()
const encode = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

function check(condition, what) {
  if (!condition) throw new Error(what)
}

function sameBits(a, b, what) {
  check(a.length === b.length, `${what}: lengths ${a.length} and ${b.length}`)
  for (let i = 0; i < a.length; i++) check(Object.is(a[i], b[i]), `${what}: entry ${i} is ${a[i]}, expected ${b[i]}`)
}

/** Runs `work`, and says which of the things that no import may do it did. */
async function sideEffectsOf(work) {
  const seen = []
  const restore = []
  const spy = (object, name) => {
    const original = object[name]
    if (typeof original !== 'function') return
    const replaced = (...args) => (seen.push(name), original.apply(object, args))
    try {
      object[name] = replaced
      restore.push(() => (object[name] = original))
    } catch {
      // Some runtimes freeze a global; the others watch it.
    }
  }
  for (const name of SIDE_EFFECTS) spy(globalThis, name)
  for (const name of CONSOLE) spy(console, name)
  const compiled = watchInstances()
  const before = new Set(Object.getOwnPropertyNames(globalThis))
  const start = now()
  const result = await work()
  const ms = now() - start
  restore.forEach((undo) => undo())
  seen.push(...Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name)))
  if (compiled.length > 0) seen.push('WebAssembly.Instance')
  return { result, ms, seen, instances: compiled }
}

/** Every WebAssembly instance made from now on, for its memory. */
function watchInstances() {
  const made = []
  if (typeof WebAssembly === 'undefined') return made
  const Original = WebAssembly.Instance
  WebAssembly.Instance = function (...args) {
    const instance = new Original(...args)
    made.push({ memory: instance.exports.memory, initialBytes: instance.exports.memory.buffer.byteLength })
    return instance
  }
  WebAssembly.Instance.prototype = Original.prototype
  return made
}

function rademacher(rows, cols, seed) {
  // A linear congruential generator (Numerical Recipes), for numbers that are the same everywhere.
  let state = seed >>> 0
  const data = Float64Array.from({ length: rows * cols }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
  return { rows, cols, data }
}

const pairs = (n, d1, d2, seed) => {
  const Z = rademacher(n, 4, seed)
  const view = (d, s) => {
    const S = rademacher(4, d, s)
    const E = rademacher(n, d, s + 100)
    const data = Float64Array.from({ length: n * d }, (_, at) => {
      const [i, j] = [Math.floor(at / d), at % d]
      let sum = 0.1 * E.data[at]
      for (let l = 0; l < 4; l++) sum += Z.data[4 * i + l] * S.data[d * l + j]
      return sum
    })
    return { rows: n, cols: d, data }
  }
  return [view(d1, seed + 1), view(d2, seed + 2)]
}

function atUnitLength({ rows, cols, data }) {
  const lengths = Array.from({ length: rows }, (_, i) => Math.hypot(...data.subarray(i * cols, (i + 1) * cols)))
  return { rows, cols, data: data.map((x, at) => x / lengths[Math.floor(at / cols)]) }
}

const SELECTIONS = ['auto', 'balanced', 'informative', 'last']

function goldenCase(c, { svd, Matrix, matmul }) {
  const A = new Matrix(c.rows, c.cols, Float64Array.from(c.data))
  const { U, S, V, rank } = svd(A)
  const scale = 10 * Math.max(c.rows, c.cols) * Number.EPSILON
  check(rank === c.numericalRank, `rank ${rank}, expected ${c.numericalRank}`)
  c.singularValues.forEach((exact, i) => {
    const bound = c.accuracy === 'absolute' || exact === 0 ? scale * c.singularValues[0] : 1e-13 * exact + 2 ** -1072
    check(Math.abs(S[i] - exact) <= bound, `sigma ${i} = ${S[i]}, expected ${exact}`)
  })
  for (const Q of [U, V]) {
    const G = matmul(Q, Q, { transposeA: true })
    for (let i = 0; i < G.rows; i++) {
      for (let j = 0; j < G.cols; j++) check(Math.abs(G.get(i, j) - (i === j ? 1 : 0)) <= scale, 'not orthonormal')
    }
  }
}

function throwsAs(name, pattern, work) {
  try {
    work()
  } catch (error) {
    check(error.name === name && pattern.test(error.message), `expected ${name} ${pattern}, got ${error}`)
    return
  }
  throw new Error(`expected ${name}, nothing was thrown`)
}

async function rejectsWith(reason, promise) {
  const error = await promise.then(
    () => undefined,
    (e) => e,
  )
  check(error === reason, `expected the promise to reject with ${reason}, got ${error}`)
}

const fittedWith =
  (PerfectAlignment) =>
  (selection, data = pairs(80, 7, 6, 5)) =>
    new PerfectAlignment({ nComponents: 3, selection }).fit(data)

/** Models written elsewhere give here what a model fitted here gives. */
function* foreignModels({ PerfectAlignment }, models) {
  const mine = fittedWith(PerfectAlignment)('balanced')
  for (const { from, bytes } of models) {
    yield [
      `a model written in ${from} loads`,
      () => {
        const model = PerfectAlignment.fromBytes(decode(bytes))
        const [X1] = pairs(80, 7, 6, 5)
        const [theirs, ours] = [model, mine].map((one) => one.transform(X1, 0).data)
        theirs.forEach((z, i) => check(Math.abs(z - ours[i]) < 1e-9 * (1 + Math.abs(z)), `latent ${i}`))
        sameBits(PerfectAlignment.fromBytes(decode(bytes)).toBytes({ state: true }), decode(bytes), 'written again')
      },
    ]
  }
}

/** The cases, by name. `made` takes what is to be handed on. */
function* cases(api, { golden = [] }, { instances, made }) {
  const { PerfectAlignment, JointFactor, svd, cmae, ncmae, mlre, recallAtK } = api
  const fitted = fittedWith(PerfectAlignment)

  for (const c of golden) yield [`golden ${c.name}`, () => goldenCase(c, api)]

  for (const selection of ['last', 'informative', 'auto']) {
    yield [
      `reference experiment, ${selection}`,
      () => {
        for (let seed = 1; seed <= 8; seed++) {
          const { Z, modalities } = api.referenceExperiment({ seed })
          const model = new PerfectAlignment({ nComponents: 2, selection }).fit(modalities)
          const [Z1, Z2] = modalities.map((X, m) => model.transform(X, m))
          check(cmae(Z1, Z2) < 1e-12, `cmae ${cmae(Z1, Z2)}`)
          check(ncmae(Z1, Z2) < 1e-11, `ncmae ${ncmae(Z1, Z2)}`)
          const error = mlre(Z, [Z1, Z2])
          check(error > 0.5 && error < 40, `mlre ${error}`)
          check(recallAtK(Z1, Z2, 1, { metric: 'euclidean' }) > 0.99, 'recall@1')
        }
      },
    ]
  }

  for (const selection of SELECTIONS) {
    yield [
      `round trip of a model, ${selection}`,
      () => {
        const model = fitted(selection)
        const [X1] = pairs(80, 7, 6, 5)
        const again = PerfectAlignment.fromBytes(model.toBytes())
        sameBits(again.transform(X1, 0).data, model.transform(X1, 0).data, 'transform')
        sameBits(again.translate(X1, 0, 1).data, model.translate(X1, 0, 1).data, 'translate')
        const single = PerfectAlignment.fromBytes(model.toBytes({ precision: 'f32' })).transform(X1, 0).data
        model.transform(X1, 0).data.forEach((z, i) => check(Math.abs(z - single[i]) < 1e-5, 'float32 model'))
        const grown = PerfectAlignment.fromBytes(model.toBytes({ state: true })).partialFit(pairs(40, 7, 6, 9))
        sameBits(grown.toBytes(), model.partialFit(pairs(40, 7, 6, 9)).toBytes(), 'state')
      },
    ]
  }

  yield [
    'files: npy and safetensors',
    () => {
      const A = api.Matrix.from(rademacher(5, 4, 3))
      sameBits(api.readNpy(api.writeNpy(A)).data, A.data, 'npy')
      throwsAs('FileFormatError', /at byte \d+/, () => api.readNpy(api.writeNpy(A).subarray(0, 50)))
      throwsAs('FileFormatError', /at byte \d+/, () => PerfectAlignment.fromBytes(new Uint8Array(9)))
    },
  ]

  yield [
    'errors say what was got, and leave everything working',
    () => {
      throwsAs('TypeError', /null/, () => svd(null))
      throwsAs('TypeError', /row 1 must be an array of numbers, got undefined/, () => svd([[1], undefined]))
      throwsAs('RangeError', /row 1 has 1 entries, row 0 has 2/, () => svd([[1, 2], [3]]))
      throwsAs('RangeError', /\(1, 0\) is NaN/, () => svd([[1], [NaN]]))
      throwsAs('RangeError', /nComponents/, () => new PerfectAlignment({ nComponents: 0 }))
      throwsAs('NotFittedError', /fit/, () => new PerfectAlignment({ nComponents: 2 }).maps)
      throwsAs('RangeError', /rows/, () => fitted('last', [rademacher(5, 4, 1), rademacher(6, 4, 2)]))
      throwsAs('SingularMatrixError', /singular/, () => api.solve([[1, 2], [2, 4]], [1, 1])) // prettier-ignore
      check(Math.abs(svd([[3, 0], [0, 4]]).S[0] - 4) < 1e-14, 'svd after errors') // prettier-ignore
    },
  ]

  yield [
    'asynchronous fits, interleaved with each other and with synchronous calls, give what they give alone',
    async () => {
      const data = [11, 12].map((seed) => pairs(500, 60, 50, seed))
      const alone = data.map((X) => fitted('balanced', X).toBytes({ state: true }))
      const small = fitted('auto').toBytes()
      let steps = 0
      const onProgress = () => {
        if (++steps % 5 === 0) sameBits(fitted('auto').toBytes(), small, 'a synchronous fit in between')
      }
      const options = { nComponents: 3, selection: 'balanced' }
      const models = await Promise.all(data.map((X) => new PerfectAlignment(options).fitAsync(X, { onProgress })))
      models.forEach((model, i) => sameBits(model.toBytes({ state: true }), alone[i], `fit ${i}`))
      check(steps > 10, `${steps} steps`)
      const factor = await new JointFactor([60, 50]).updateAsync(data[0])
      sameBits(factor.R.data, new JointFactor([60, 50]).update(data[0]).R.data, 'joint factor')
      const reason = new Error('enough')
      await rejectsWith(reason, models[0].fitAsync(data[1], { signal: AbortSignal.abort(reason) }))
      const abort = new AbortController()
      const stop = { signal: abort.signal, onProgress: () => abort.abort(reason) }
      await rejectsWith(reason, models[0].fitAsync(data[1], stop))
      sameBits(models[0].toBytes({ state: true }), alone[0], 'after an abort')
    },
  ]

  yield [
    'the entries are of one package: a spectrum of one says how many components a model of another takes',
    () => {
      const found = api.spectrum(new JointFactor([7, 6]).update(pairs(200, 7, 6, 5)))
      check(found.suggested === 4, `suggested ${found.suggested} of 4 shared dimensions: ${found.reason}`)
      const model = new PerfectAlignment({ nComponents: found.suggested, selection: 'balanced' }).fit(
        pairs(200, 7, 6, 5),
      )
      model.sharedStrength.forEach((mu, i) => {
        const expected = found.components[i].sharedStrength
        check(Math.abs(mu - expected) < 1e-9 * expected, `strength ${i} is ${mu}, expected ${expected}`)
      })
    },
  ]

  yield [
    'one vector: the first time in a plain loop, then by a map in WebAssembly memory, which releaseMemory gives back',
    () => {
      const { loadAlignment, releaseMemory } = api
      const model = loadAlignment(fitted('balanced').toBytes())
      const [X1] = pairs(80, 7, 6, 5)
      const [Z, Y] = [model.transform(X1, 0), model.translate(X1, 0, 1)]
      releaseMemory()
      const other = loadAlignment(model.toBytes())
      for (let call = 0; call < 3; call++) {
        const x = X1.data.subarray(7 * call, 7 * call + 7)
        other
          .transformVector(x, 0)
          .forEach((z, j) => check(Math.abs(z - Z.get(call, j)) < 1e-12, `latent ${call}, ${j}`))
        const y = other.translateVector(x, 0, 1, new Float32Array(6))
        y.forEach((value, j) => check(Math.abs(value - Y.get(call, j)) < 1e-5, `translated ${call}, ${j}`))
        if (call === 0) check(releaseMemory() === 0, 'the first call took WebAssembly memory')
      }
      check(releaseMemory() > 0, 'no map was kept')
    },
  ]

  yield [
    'serving: a model and an index give what the library gives, from a file each',
    () => {
      const { FlatIndex, loadAlignment } = api.serve
      const model = fitted('balanced')
      const [X1, X2] = pairs(80, 7, 6, 5)
      const map = loadAlignment(model.toBytes())
      const [Z1, Z2] = [map.transform(X1, 0), map.transform(X2, 1)]
      model.transform(X1, 0).data.forEach((z, i) => check(Math.abs(z - Z1.data[i]) < 1e-12, `latent ${i}`))
      model.translate(X1, 0, 1).data.forEach((y, i) => check(Math.abs(y - map.translate(X1, 0, 1).data[i]) < 1e-12, `translated ${i}`)) // prettier-ignore
      sameBits(map.transformVector(X1.data.subarray(0, 7), 0), Z1.data.subarray(0, 3), 'one vector')
      const expected = api.nearest(Z1, Z2, 3)
      for (const storage of ['f32', 'i8', 'binary']) {
        const index = new FlatIndex({ dimensions: 3, storage })
        index.add(Z2)
        const { ids, scores } = FlatIndex.fromBytes(index.toBytes()).search(Z1, 3, { oversampling: 80 })
        ids.forEach((id, at) => check(id === expected.indices[at], `${storage}: neighbour ${at} is ${id}`))
        scores.forEach((score, at) => check(Math.abs(score - expected.scores[at]) < 1e-6, `${storage}: score ${at}`))
        index.close()
        throwsAs('CollimateError', /closed/, () => index.search(Z1, 1))
      }
      map.close()
    },
  ]

  yield [
    'feature maps: the same from their files, and of one row as of many',
    () => {
      const [X] = pairs(80, 7, 6, 5)
      for (const features of [api.fourierFeatures({ dimensions: 40 }), api.nystroemFeatures({ landmarks: 20 })]) {
        const map = features.fit(X)
        const F = map.transform(X)
        sameBits(api.FeatureMap.fromBytes(map.toBytes()).transform(X).data, F.data, 'features')
        const one = map.transform({ rows: 1, cols: 7, data: X.data.subarray(7, 14) })
        one.data.forEach((x, j) => check(Math.abs(x - F.get(1, j)) < 1e-12, `feature ${j}`))
      }
    },
  ]

  yield [
    'feature maps in front of a model: the same from its file, and served',
    () => {
      const data = pairs(80, 7, 6, 5)
      const features = [api.fourierFeatures({ dimensions: 40 }), null]
      const model = new PerfectAlignment({ nComponents: 3, features }).fit(data)
      api.registerFeatures()
      const bytes = model.toBytes()
      const [Z, Y] = [model.transform(data[0], 0).data, model.translate(data[1], 1, 0).data]
      sameBits(api.loadAlignment(bytes).transform(data[0], 0).data, Z, 'latents')
      sameBits(api.loadAlignment(bytes).translate(data[1], 1, 0).data, Y, 'rows')
      const map = api.serve.loadAlignment(bytes)
      map.transform(data[0], 0).data.forEach((z, i) => check(Math.abs(z - Z[i]) < 1e-9, `served latent ${i}`))
      map.translate(data[1], 1, 0).data.forEach((y, i) => check(Math.abs(y - Y[i]) < 1e-9, `served entry ${i}`))
      map.close()
    },
  ]

  yield [
    'a migration between embedding models: judged, the same from its file, and served',
    async () => {
      const data = pairs(120, 7, 6, 5).map(atUnitLength)
      const migration = await api.EmbeddingMigration.fitAsync(data, { way: 'queries', curve: [], date: '2026-11-30' })
      const { verdict, rows } = migration.evaluation
      check(verdict.isAdvised && rows.every(({ retention }) => retention > 0.3), String(migration.evaluation))
      const again = api.EmbeddingMigration.fromBytes(migration.toBytes())
      const Q = migration.mapQueries(data[1])
      sameBits(again.mapQueries(data[1]).data, Q.data, 'queries')
      check(again.calibrate(0.5) === migration.calibrate(0.5), 'calibration')
      throwsAs('RangeError', /got vectors of 7/, () => migration.mapQueries(data[0]))
      const map = api.serve.loadAlignment(migration.toBytes())
      const served = atUnitLength(map.translate(data[1], 1, 0)).data
      served.forEach((q, i) => check(Math.abs(q - Q.data[i]) < 1e-9, `served entry ${i}`))
      map.close()
    },
  ]

  yield [
    'memory: at most 1 MiB at first, and flat under repeated work',
    () => {
      check(instances.length > 0, 'no WebAssembly instance was seen')
      for (const { initialBytes } of instances) check(initialBytes <= 2 ** 20, `begins with ${initialBytes} bytes`)
      const model = fitted('auto')
      const work = () => model.transform(rademacher(50, 7, 1), 0)
      const held = () => instances.reduce((sum, { memory }) => Math.max(sum, memory.buffer.byteLength), 0)
      work()
      const before = held()
      for (let i = 0; i < 1000; i++) work()
      check(held() === before, `memory grew from ${before} to ${held()} bytes`)
    },
  ]

  made.model = encode(fitted('balanced').toBytes({ state: true }))
}

/**
 * Runs the suite.
 *
 * @param {() => Promise<object>} load - the package: everything its entries export
 * @param {{ golden?: object[], models?: { from: string, bytes: string }[], unsupported?: string }} input - with `unsupported`,
 *   a runtime that cannot run the package: the error has to say this, and what needs no WebAssembly has to work
 * @returns what happened, as JSON
 */
export async function conformance(load, input) {
  const outcome = { binary: 'none', passed: 0, failed: [], importMs: 0, firstCallMs: 0 }
  const attempt = async (name, work) => {
    try {
      await work()
      outcome.passed++
    } catch (error) {
      outcome.failed.push(`${name}: ${error?.message ?? error}`)
    }
  }
  const imported = await sideEffectsOf(load)
  const api = imported.result
  outcome.importMs = imported.ms
  await attempt('import does nothing but import', () => check(imported.seen.length === 0, imported.seen.join()))
  if (input.unsupported !== undefined) {
    const text = new RegExp(input.unsupported)
    await attempt('the error names cause and cure', () =>
      throwsAs('UnsupportedRuntimeError', text, () => api.svd([[1]])),
    )
    await attempt('so it does again', () => throwsAs('UnsupportedRuntimeError', text, () => api.svd([[1]])))
    await attempt('metrics need no WebAssembly', () => check(api.cmae([[1, 2]], [[1, 2]]) === 0, 'cmae'))
    return outcome
  }
  const start = now()
  await attempt('first call', () => {
    check(Math.abs(api.svd([[2]]).S[0] - 2) < 1e-15, 'svd of [[2]]')
    outcome.binary = api.binaryName()
  })
  outcome.firstCallMs = now() - start
  const { models } = input
  const all =
    models === undefined
      ? cases(api, input, { instances: imported.instances, made: outcome })
      : foreignModels(api, models)
  for (const [name, work] of all) await attempt(name, work)
  return outcome
}
