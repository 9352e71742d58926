// What an import must not do: touch files or the network, compile, set timers, print, or change what all share. See sandbox.js.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './process.js'
import { here } from './project.js'

const CONDITIONS = ['import', 'require', 'workerd', 'edge-light']

async function imported(file) {
  const args = ['--no-warnings', '--experimental-vm-modules', join(here, 'sandbox.js'), file]
  return JSON.parse(await run(process.execPath, args))
}

/** Imports every entry of a package, each in a process of its own, under every condition. @returns how many @throws if one does more */
export async function importsDoNothing(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const entries = Object.entries(exports).filter(([, conditions]) => conditions.require !== undefined)
  const done = []
  for (const [entry, conditions] of entries) {
    for (const condition of CONDITIONS) {
      const { exports: names, effects, error } = await imported(join(folder, conditions[condition].default))
      if (error !== undefined || effects.length > 0)
        throw new Error(`${entry}, ${condition}: ${error ?? effects.join()}`)
      if (names.length < ({ './solvers': 1, './score': 3, './features': 3, './migration': 2 }[entry] ?? 5))
        throw new Error(`${entry}, ${condition}: exports ${names.join() || 'nothing'}`)
      done.push(entry)
    }
  }
  return `${new Set(done).size} entries, each by ${CONDITIONS.join(', ')}`
}

/** Modules that do what no import may do, and what that is. Whether the module gets to hear of it is of no account: all catch what is thrown. */
const OFFENDERS = [
  ["import { readFileSync } from 'node:fs'\ntry { readFileSync('x') } catch {}", 'fs.readFileSync'],
  ["import fs from 'fs/promises'\ntry { fs.open('x') } catch {}", 'fs/promises.default.open'],
  ["import 'node:http'", 'import of node:http'],
  ["import('node:net').then((net) => net.connect(1)).catch(() => {})", 'net.connect'],
  ["try { process.getBuiltinModule('fs') } catch {}", 'process.getBuiltinModule'],
  ["try { process.binding('fs') } catch {}", 'process.binding'],
  ["try { fetch('data:,') } catch {}", 'fetch'],
  ['Promise.resolve().then(() => fetch("data:,")).catch(() => {})', 'fetch'],
  ['try { new XMLHttpRequest() } catch {}', 'XMLHttpRequest'],
  ["try { new WebSocket('ws://x') } catch {}", 'WebSocket'],
  ["try { Deno.readFileSync('x') } catch {}", 'Deno.readFileSync'],
  ["try { document.createElement('p') } catch {}", 'document.createElement'],
  ["try { (0, eval)('1') } catch {}", 'eval'],
  ["try { eval('1') } catch {}", 'eval'],
  ["try { new Function('1') } catch {}", 'Function'],
  ["try { (() => {}).constructor('1') } catch {}", 'Function'],
  ["try { (async () => {}).constructor('1') } catch {}", 'AsyncFunction'],
  ['try { setTimeout(() => {}) } catch {}', 'setTimeout'],
  ['try { globalThis.setInterval(() => {}, 1e6) } catch {}', 'setInterval'],
  ['try { setImmediate(() => {}) } catch {}', 'setImmediate'],
  ['try { queueMicrotask(() => {}) } catch {}', 'queueMicrotask'],
  ["try { console.warn('old') } catch {}", 'console.warn'],
  ["try { process.stdout.write('') } catch {}", 'process.stdout.write'],
  ['process.exitCode = 0', 'process.exitCode ='],
  ['try { new WebAssembly.Module(new Uint8Array(8)) } catch {}', 'WebAssembly.Module'],
  ['try { WebAssembly.validate(new Uint8Array(8)) } catch {}', 'WebAssembly.validate'],
  ['try { WebAssembly.instantiate(new Uint8Array(8)) } catch {}', 'WebAssembly.instantiate'],
  ['globalThis.collimate = 1', 'collimate ='],
  ["globalThis[Symbol.for('collimate')] = 1", 'Symbol(collimate) ='],
  ['Array.prototype.last = function () {}', 'Array.prototype.last ='],
  ['Math.random = () => 0', 'Math.random ='],
]
const COMMON_OFFENDERS = [
  ["require('fs').existsSync('x')", 'fs.existsSync'],
  ["try { module.constructor.constructor('1') } catch {}", 'Function'],
  ["import('node:dns').catch(() => {})", 'import of node:dns'],
  ['globalThis.collimate = 1', 'collimate ='],
]

/** That the sandbox sees each of them. @returns how many there are */
export async function offendersAreSeen() {
  const folder = mkdtempSync(join(tmpdir(), 'collimate-offenders-'))
  try {
    const innocent = join(folder, 'innocent.js')
    const exemplary = [
      'export const a = typeof fetch + typeof process',
      'new TextDecoder()',
      'export default class extends Error {}',
    ]
    writeFileSync(innocent, exemplary.join('\n'))
    const { effects, error } = await imported(innocent)
    if (error !== undefined || effects.length > 0)
      throw new Error(`nothing was done, and yet: ${error ?? effects.join()}`)
    const all = [...OFFENDERS.map((one) => [...one, 'js']), ...COMMON_OFFENDERS.map((one) => [...one, 'cjs'])]
    for (const [code, effect, extension] of all) {
      const file = join(folder, `offender.${extension}`)
      writeFileSync(file, code)
      const seen = (await imported(file)).effects
      if (!seen.includes(effect)) throw new Error(`${effect} is not seen, but ${seen.join() || 'nothing'}: ${code}`)
    }
    return `${all.length} that do something`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
