import { spawn } from 'node:child_process'

/** Runs a command to its end. @returns what it printed; on stderr too if `warnings` are asked for @throws with what it printed if it fails, or takes too long */
export function run(command, args, { cwd, env, timeout = 180_000, warnings = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) child[name].on('data', (data) => (output[name] += data))
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve(output.stdout + (warnings ? output.stderr : ''))
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${output.stdout}\n${output.stderr}`))
    })
  })
}
