// workerd by itself: one isolate in one process, whose memory can be told from that of everything else.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tool } from '../project.js'

const workerd = tool('workerd/bin/workerd')

/** Files that have to be there. */
export const workerdTools = [workerd, tool('ws')].filter((path) => !existsSync(path))

const KINDS = { js: 'esModule', wasm: 'wasm' }

/** The configuration of a bundle: `main` first, then what it imports. */
function configuration(out, main, data, flags) {
  const files = readdirSync(out).filter((name) => name !== main && name.endsWith('.wasm'))
  const module = (name) => `(name = "${name}", ${KINDS[name.split('.').at(-1)]} = embed "${name}")`
  const binding = ([name, file]) => `(name = "${name}", data = embed "${file}")`
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(['--expose-gc', ...flags])},
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [${[main, ...files].map(module).join(', ')}],
  bindings = [${Object.entries(data).map(binding).join(', ')}],
  compatibilityDate = "2026-07-01"
);
`
}

/** The ports that it says it listens on, on its control channel. */
function listening(child) {
  return new Promise((resolve, reject) => {
    const ports = {}
    child.on('exit', (code) => reject(new Error(`workerd ended with ${code}`)))
    child.stdio[3].on('data', (lines) => {
      for (const line of String(lines).trim().split('\n')) {
        const { event, port } = JSON.parse(line)
        ports[event] = port
      }
      if ('listen' in ports && 'listen-inspector' in ports) resolve(ports)
    })
  })
}

/** Asks the isolate's inspector. */
async function inspector(port) {
  const [{ webSocketDebuggerUrl }] = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()
  const { default: WebSocket } = await import('ws')
  const socket = new WebSocket(webSocketDebuggerUrl)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  let count = 0
  const ask = (method) =>
    new Promise((resolve, reject) => {
      const id = ++count
      const answer = (data) => {
        const message = JSON.parse(data)
        if (message.id !== id) return
        socket.off('message', answer)
        if (message.error === undefined) resolve(message.result)
        else reject(new Error(`${method}: ${message.error.message}`))
      }
      socket.on('message', answer).send(JSON.stringify({ id, method }))
    })
  return { ask, close: () => socket.terminate() }
}

/**
 * Starts one isolate.
 *
 * @param {string} out - the folder of a bundle
 * @param {string} main - its script there
 * @param {Record<string, string>} data - bindings of files in that folder, by name
 * @param {string[]} flags - of V8
 * @returns where it listens; `heap()`, bytes that V8 holds, and has in use, with all that array buffers hold; `resident()`, bytes of the
 *   process
 */
export async function startIsolate(out, main, data, flags = []) {
  writeFileSync(join(out, 'config.capnp'), configuration(out, main, data, flags))
  const args = ['serve', 'config.capnp', '--control-fd=3', '--inspector-addr=127.0.0.1:0']
  const child = spawn(workerd, args, { cwd: out, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  const ports = await listening(child)
  const inspecting = await inspector(ports['listen-inspector'])
  return {
    url: `http://127.0.0.1:${ports.listen}/`,
    async heap() {
      const { usedSize, totalSize, embedderHeapUsedSize, backingStorageSize } =
        await inspecting.ask('Runtime.getHeapUsage')
      const outside = embedderHeapUsedSize + backingStorageSize
      return { held: totalSize + outside, used: usedSize + outside }
    },
    resident() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(status)[1])
    },
    stop() {
      inspecting.close()
      child.kill()
    },
  }
}
