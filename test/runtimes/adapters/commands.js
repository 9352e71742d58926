// Runtimes that are a command: Node, Deno, Bun.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../process.js'
import { tool } from '../project.js'

const node22 = tool('node22/bin/node')
const node24 = tool('node24/bin/node')
const node26 = tool('node26/bin/node')
const deno = tool('.bin/deno')
const bun = tool('.bin/bun')

const nodeMajor = Number(process.versions.node.split('.')[0])
const ofThisNode = nodeMajor < 22 ? 'simd' : 'relaxed'

function command(name, program, flags, expected, { script = 'suite/command.js', env } = {}) {
  return {
    name,
    expected,
    missing: existsSync(program) ? undefined : program,
    async start({ folder }) {
      const version = (await run(program, ['--version'])).match(/\d+\.\d+\.\d+/)?.[0]
      return {
        version,
        async run(input) {
          const file = join(folder, 'input.json')
          writeFileSync(file, JSON.stringify(input))
          return JSON.parse(await run(program, [...flags, script, file], { cwd: folder, env }))
        },
        stop: () => Promise.resolve(),
      }
    },
  }
}

const relaxed = { binary: 'relaxed' }
const simd = { binary: 'simd' }
const noSimd = { unsupported: 'lacks SIMD.*use Chrome 93' }
const noWasm = { unsupported: 'has no WebAssembly.*use an engine' }

const current = process.execPath
const common = { script: 'suite/command.cjs' }
// Deno may read the input and nothing else: the package needs no permission.
const denoRun = (...flags) => ['run', '--no-prompt', '--allow-read', '--node-modules-dir=manual', ...flags]

export const commands = [
  command('Node', current, [], { binary: ofThisNode }),
  command('Node, require', current, [], { binary: ofThisNode }, common),
  command('Node, no SIMD', current, ['--no-enable-ssse3'], noSimd),
  command('Node, no WebAssembly', current, ['--jitless'], noWasm),
  command('Node 22', node22, [], relaxed),
  command('Node 24', node24, [], relaxed),
  command('Node 24, require', node24, [], relaxed, common),
  command('Node 24, not fused', node24, ['--no-enable-fma3'], relaxed),
  command('Node 26', node26, [], relaxed),
  command('Deno', deno, denoRun(), relaxed),
  command('Deno, no SIMD', deno, denoRun('--v8-flags=--no-enable-ssse3'), noSimd),
  command('Bun', bun, ['run'], relaxed),
  command('Bun, no relaxed SIMD', bun, ['run'], simd, { env: { BUN_JSC_useWasmRelaxedSIMD: '0' } }),
  command('Bun, no SIMD', bun, ['run'], noSimd, { env: { BUN_JSC_useWasmSIMD: '0' } }),
]
