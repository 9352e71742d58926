import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../../test/runtimes/serving.js', import.meta.url))

/** Requests to workerd, and searches in browsers: measured by test/runtimes/serving.js, which has what that takes. */
export const runtimes = {
  name: 'serve-runtimes',
  group: 'serve',
  /** @param {import('../../worker.js').Context} _context @param {boolean} short */
  figures(_context, short) {
    if (short) return []
    const { stdout, status } = spawnSync(process.execPath, [script, '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (status !== 0) throw new Error(`${script} ended with ${status}`)
    return stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  },
}
