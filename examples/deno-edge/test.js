import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { run } from '../../test/runtimes/process.js'
import { tool } from '../../test/runtimes/project.js'
import { conversation, queries } from '../edge-service/conversation.js'
import { load, loadText, quantile } from '../edge-service/load.js'

const deno = tool('.bin/deno')

export const needs = [deno]

/** Deno with the permissions that it needs, and no others. */
const flags = (folder) => ['run', '--no-prompt', `--allow-read=${folder}`, '--node-modules-dir=manual']

/** The server, on a port of its choice. */
function started(folder, example) {
  const child = spawn(deno, [...flags(folder), '--allow-net', join(example, 'main.js'), '0'], { stdio: 'pipe' })
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (data) => {
      said += data
      const address = /http:\/\/\S+:\d+/.exec(said)?.[0].replace('0.0.0.0', '127.0.0.1')
      if (address !== undefined) resolve({ url: new URL(address), stop: () => child.kill() })
    }
    for (const stream of [child.stdout, child.stderr]) stream.on('data', listen)
    child.on('exit', (code) => reject(new Error(`ended with ${code}\n${said}`)))
  })
}

async function mapping(folder, example) {
  const times = JSON.parse(await run(deno, [...flags(folder), join(example, 'measure.js')]))
  return `mapping alone p50 ${quantile(times, 0.5).toFixed(1)} us, p99 ${quantile(times, 0.99).toFixed(1)} us (one by one)`
}

export async function test({ folder, example }) {
  await run(process.execPath, [join(example, '../edge-service/build.js')])
  const server = await started(folder, example)
  try {
    const { count, share } = await conversation(server.url)
    const bodies = queries().map(({ query }) => JSON.stringify(query))
    return [
      `${count} requests, sound and unsound, ${share.toFixed(3)} of the sound ones found first`,
      `under load ${loadText(await load(server.url, bodies, 200))}`,
      await mapping(folder, example),
    ].join('\n    ')
  } finally {
    server.stop()
  }
}
