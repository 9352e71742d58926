// What a module does while it is imported, seen from a sandbox that has the language and nothing else: all that a host adds is there to be
// found and watched. Says it as JSON.
//   node --experimental-vm-modules test/runtimes/sandbox.js FILE
import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'

/** Values that a module may make at once: they reach nothing outside. */
const HARMLESS = ['TextEncoder', 'TextDecoder', 'URL', 'URLSearchParams', 'AbortController', 'performance']
/** Of the language, and yet never at import. */
const COMPILERS = ['eval', 'WebAssembly']
/** What other hosts have, taken to have every property. */
const FOREIGN = ['XMLHttpRequest', 'WebSocket', 'Worker', 'importScripts', 'document', 'window', 'self', 'caches', 'indexedDB', 'localStorage', 'requestAnimationFrame', 'Deno', 'Bun'] // prettier-ignore

const anything = new Proxy(function () {}, { get: () => anything })

const effects = new Set()
const isObject = (value) => typeof value === 'function' || (typeof value === 'object' && value !== null)

/** The same thing, which may be looked at; calling it, or anything that it holds, is an effect and throws. */
function watched(value, name) {
  if (!isObject(value)) return value
  const effect = () => {
    effects.add(name)
    throw new Error(`${name}() at import`)
  }
  return new Proxy(typeof value === 'function' ? function () {} : {}, {
    get: (_, key) => (typeof key === 'symbol' ? undefined : watched(value[key], `${name}.${key}`)),
    has: (_, key) => key in value,
    set: (_, key) => effects.add(`${name}.${String(key)} =`),
    apply: effect,
    construct: effect,
  })
}

/** Functions made from text. The constructors are reached by any function, so they change places. */
function watchFunctionConstructors(context) {
  const kinds = ['() => {}', 'async () => {}', 'function* () {}', 'async function* () {}']
  for (const kind of kinds) {
    const { constructor } = vm.runInContext(`(${kind})`, context)
    const replaced = watched(constructor, constructor.name)
    Object.defineProperty(constructor.prototype, 'constructor', { value: replaced })
    // The others have no name among the globals.
    if (constructor.name === 'Function') context.Function = replaced
  }
}

/** Everything that is reached by name from the globals, with what it is now: `Array.prototype.map` ... */
function surroundings(context) {
  const found = new Map()
  const seen = new Set()
  const visit = (holder, path) => {
    seen.add(holder)
    for (const key of Reflect.ownKeys(holder)) {
      const { value } = Reflect.getOwnPropertyDescriptor(holder, key)
      const name = `${path}${String(key)}`
      found.set(name, value)
      if (isObject(value) && !seen.has(value)) visit(value, `${name}.`)
    }
  }
  visit(vm.runInContext('globalThis', context), '')
  return found
}

function sandbox() {
  const language = new Set(vm.runInNewContext('Object.getOwnPropertyNames(globalThis)'))
  const context = vm.createContext({})
  // console is V8's own there, and prints to the inspector.
  const host = Object.getOwnPropertyNames(globalThis).filter((name) => !language.has(name) || name === 'console')
  for (const name of FOREIGN) context[name] = watched(anything, name)
  for (const name of host) {
    if (!isObject(globalThis[name])) continue
    context[name] = HARMLESS.includes(name) ? globalThis[name] : watched(globalThis[name], name)
  }
  for (const name of COMPILERS) context[name] = watched(globalThis[name], name)
  watchFunctionConstructors(context)
  return context
}

const builtin = (specifier) => specifier.replace(/^node:/, '')

/** A module that is there already. */
function synthetic(exports, context) {
  const names = Object.keys(exports)
  return new vm.SyntheticModule(names, function () { names.forEach((name) => this.setExport(name, exports[name])) }, { context }) // prettier-ignore
}

/** A module that is not a file of the package. To ask for it is an effect; what is done with it another. */
async function outside(specifier, context) {
  effects.add(`import of ${specifier}`)
  if (!builtinModules.includes(builtin(specifier))) throw new Error(`there is no ${specifier}`)
  const names = Object.entries(await import(specifier))
  const exports = names.map(([name, value]) => [name, watched(value, `${builtin(specifier)}.${name}`)])
  const module = synthetic(Object.fromEntries(exports), context)
  await module.link(() => {})
  await module.evaluate()
  return module
}

const isRelative = (specifier) => /^\.\.?\//.test(specifier)

async function importModule(file, context) {
  const modules = new Map()
  const load = (path) => {
    if (!modules.has(path)) {
      // A bundler compiles this one, and hands it over.
      const made = path.endsWith('.wasm')
        ? synthetic({ default: watched({}, 'module') }, context)
        : new vm.SourceTextModule(readFileSync(path, 'utf8'), {
            context,
            identifier: path,
            importModuleDynamically: (specifier) => outside(specifier, context),
            initializeImportMeta: (meta) => Object.assign(meta, { url: pathToFileURL(path).href }),
          })
      modules.set(path, made)
    }
    return modules.get(path)
  }
  const link = async (specifier, { identifier }) => {
    if (isRelative(specifier)) return load(resolve(dirname(identifier), specifier.replace(/\?module$/, '')))
    return outside(specifier, context)
  }
  const main = load(file)
  await main.link(link)
  await main.evaluate()
  return Object.keys(main.namespace)
}

function requireModule(file, context) {
  const modules = new Map()
  // Made inside, since what is made outside has constructors of its own.
  const [newModule, own] = vm.runInContext('[() => ({ exports: {} }), (f) => (specifier) => f(specifier)]', context)
  const load = (path) => {
    if (!modules.has(path)) {
      const module = newModule()
      modules.set(path, module)
      const require = own((specifier) => {
        if (isRelative(specifier)) return load(resolve(dirname(path), specifier))
        effects.add(`import of ${specifier}`)
        return watched(process.getBuiltinModule(specifier), builtin(specifier))
      })
      vm.compileFunction(readFileSync(path, 'utf8'), ['exports', 'require', 'module', '__filename', '__dirname'], {
        parsingContext: context,
        filename: path,
        importModuleDynamically: (specifier) => outside(specifier, context),
      })(module.exports, require, module, path, dirname(path))
    }
    return modules.get(path).exports
  }
  return Object.keys(load(file))
}

const file = resolve(process.argv[2])
if (!existsSync(file)) throw new Error(`there is no ${file}`)
const context = sandbox()
const before = surroundings(context)
const outcome = { exports: [], error: undefined }
try {
  outcome.exports = await (file.endsWith('.cjs') ? requireModule : importModule)(file, context)
} catch (error) {
  outcome.error = String(error?.message ?? error)
}
// What a promise puts off happens now.
await new Promise((resolve) => setTimeout(resolve, 20))
const after = surroundings(context)
for (const [name, value] of after) if (!Object.is(value, before.get(name))) effects.add(`${name} =`)
for (const name of before.keys()) if (!after.has(name)) effects.add(`delete ${name}`)
console.log(JSON.stringify({ ...outcome, effects: Array.from(effects) }))
