import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { METHODS } from '../../src/cli/methods.js'
import { collimate } from './harness.js'

const COMMANDS = ['fit', 'spectrum', 'cross-validate', 'evaluate', 'transform', 'translate', 'nearest', 'info']

describe('collimate --help', () => {
  it('names every command, an example of the main ones, and the exit codes', async () => {
    const { code, stdout, stderr } = await collimate(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    for (const command of COMMANDS.slice(0, 7)) expect(stdout).toContain(`$ collimate ${command} `)
    for (const exitCode of [0, 1, 2, 130]) expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} +\\w`, 'm'))
  })

  it.each(COMMANDS)('%s: arguments with shapes, options with defaults, an example', async (command) => {
    const { code, stdout, stderr } = await collimate([command, '--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`Usage: collimate ${command} `)
    expect(stdout).toContain('Arguments:')
    expect(stdout).toContain(`$ collimate ${command} `)
    expect(await collimate(['help', command])).toEqual({ code, stdout, stderr })
  })

  it('states the defaults that matter', async () => {
    const { stdout } = await collimate(['fit', '--help'])
    const options = stdout.replace(/\s+/g, ' ')
    for (const [option, value] of [
      ['selection <name>', '"auto"'],
      ['precision <type>', '"f64"'],
      ['rows <slices>', 'all rows'],
    ]) {
      expect(options).toMatch(new RegExp(`--${option}((?! --).)*default: ${value}\\)`))
    }
  })

  it("states the methods' own defaults", async () => {
    const { stdout } = await collimate(['fit', '--help'])
    /** What an option's help has after 'default:', once or for different methods, or undefined if it names no value. */
    const stated = (option: string) => {
      const start = stdout.search(new RegExp(`^ {2,}(-\\w, )?--${option}\\b`, 'm'))
      expect(start, option).toBeGreaterThan(0)
      const help = stdout
        .slice(start)
        .split(/\n {2,6}-/)[0]
        .replace(/\s+/g, ' ')
      return [...help.matchAll(/default: ([^)]*)\)/g)].map(([, text]) => text).join('; ')
    }
    const kebab = (name: string) => (name === 'nComponents' ? 'components' : name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)) // prettier-ignore
    let compared = 0
    for (const { name: method, estimator, options } of METHODS) {
      const takes = Object.keys(options)
      const make = (more = {}) =>
        new estimator({ ...(takes.includes('nComponents') && { nComponents: 1 }), ...more } as never) as unknown as Record<string, unknown> // prettier-ignore
      for (const name of takes) {
        const value = make()[name]
        if (name === 'nComponents' || value === undefined || typeof value === 'boolean') continue
        const words = stated(kebab(name))
          .replace(/"/g, '')
          .split(/[;,]? /)
        const plain = words.map((word) => (Number.isNaN(Number(word)) ? word : String(Number(word))))
        expect(plain, `${method} --${kebab(name)}`).toContain(String(value as string | number))
        compared++
      }
      if (!takes.includes('normalize')) continue
      const products = make({ normalize: false })
      for (const name of ['temperature', 'regularization']) {
        expect(stated(kebab(name))).toContain(`${String(products[name])} for inner products`)
      }
    }
    expect(compared).toBeGreaterThan(14)
  })

  it.each([
    ['batch-size', 'batchSize', 'linear-contrastive'],
    ['epochs', 'epochs', 'linear-contrastive'],
    ['components', 'nComponents', 'linear-contrastive'],
    ['components', 'nComponents', 'perfect-alignment'],
    ['max-iterations', 'maxIterations', 'perfect-alignment'],
  ])('--%s takes what the constructor takes for %s: %s', async (flag, name, method) => {
    const { estimator } = METHODS.find((m) => m.name === method) ?? METHODS[0]
    for (const value of [-1, 0, 1, 2, 3, 1.5]) {
      let accepted = true
      try {
        new estimator({ nComponents: 1, [name]: value } as never)
      } catch {
        accepted = false
      }
      const solver = name === 'batchSize' || name === 'epochs' ? ['--solver', 'infonce'] : []
      const argv = ['fit', 'a.npy', 'b.npy', '--method', method, '--components', '1', ...solver, `--${flag}`, String(value), '--out', 'no/such'] // prettier-ignore
      const { stderr } = await collimate(argv)
      expect(stderr.includes(`--${flag}`), `--${flag} ${value}: ${stderr}`).toBe(!accepted)
    }
  })

  it('fits a terminal of 80 columns', async () => {
    for (const argv of [['--help'], ...COMMANDS.map((command) => [command, '--help'])]) {
      const lines = (await collimate(argv)).stdout.split('\n')
      expect(lines.filter((line) => line.length > 80)).toEqual([])
    }
  })

  it('is plain in a pipe', async () => {
    const escape = String.fromCharCode(27)
    expect((await collimate(['--help'])).stdout).not.toContain(escape)
    expect((await collimate(['--help'], { isTTY: true })).stdout).toContain(`${escape}[1mUsage:`)
  })
})

describe('collimate --version', () => {
  it.each(['--version', '-V'])('%s prints the version of the package', async (option) => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(await collimate([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})
