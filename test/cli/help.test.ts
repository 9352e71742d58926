import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { collimate } from './harness.js'

const COMMANDS = ['fit', 'spectrum', 'cross-validate', 'evaluate', 'transform', 'translate', 'info']

describe('collimate --help', () => {
  it('names every command, an example of the main ones, and the exit codes', async () => {
    const { code, stdout, stderr } = await collimate(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    for (const command of COMMANDS.slice(0, 6)) expect(stdout).toContain(`$ collimate ${command} `)
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
