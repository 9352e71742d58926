import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROW_ENDINGS } from '../../src/cli/completion-tables.js'
import { formatOf } from '../../src/cli/formats.js'
import { collimate, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const script = async (shell: string) => (await collimate(['completion', shell])).stdout
const scripts: Record<string, string> = {}
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) scripts[shell] = await script(shell)
  for (const name of ['a.npy', 'b.npz.gz', 'model.safetensors', '0.part', 'notes.md', 'it has blanks.csv']) sandbox.file(name, '') // prettier-ignore
  mkdirSync(sandbox.path('folder'))
})

const help = async (...command: string[]) => (await collimate([...command, '--help'])).stdout

/** What bash makes of a line whose last word is to be completed, in the sandbox. */
function completed(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const code = `${scripts.bash}\nCOMP_WORDS=(collimate ${line}); COMP_CWORD=${words.length}; _collimate; printf '%s\\n' "\${COMPREPLY[@]}"`
  const done = execFileSync('bash', ['--norc', '-u', '-c', code], { cwd: sandbox.folder, encoding: 'utf8' })
  return done.split('\n').filter(Boolean).sort()
}

describe('collimate completion', () => {
  it('takes the three shells', async () => {
    expect(await collimate(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/Allowed choices are bash, zsh, fish/) as string }) // prettier-ignore
    expect(await collimate(['completion'])).toMatchObject({ code: 2 })
  })

  it('knows every command and option that help has, in every shell', async () => {
    const [listed] = /Commands:\n([^]*?)\n\n/.exec(await help()) ?? ['']
    const names = Array.from(listed.matchAll(/^ {2}([a-z-]+) /gm), ([, name]) => name)
    expect(names.length).toBeGreaterThan(10)
    expect(completed('')).toEqual([...names].sort())
    // Whose help is that of the program.
    for (const name of names.filter((one) => one !== 'help')) {
      // A command of several steps takes the options of all.
      const steps = Array.from(/Commands:\n([^]*?)\n\n/.exec(await help(name))?.[1].matchAll(/^ {2}([a-z-]+) /gm) ?? [], ([, step]) => step) // prettier-ignore
      const texts = [await help(name)]
      for (const step of steps.filter((one) => one !== 'help')) texts.push(await help(name, step))
      const flags = Array.from(texts.join('\n').matchAll(/^ {2,6}(?:(-\w), )?(--[a-z-]+)/gm), ([, short, long]): [string | undefined, string] => [short, long]) // prettier-ignore
      const all = flags.flat().filter((flag) => flag !== undefined)
      expect(all.length).toBeGreaterThan(0)
      expect(completed(name, '-')).toEqual([...new Set(all)].sort())
      expect(scripts.zsh).toContain(`    (${name})\n`)
      for (const [, long] of flags) {
        expect(scripts.zsh.split(`    (${name})\n`)[1].split('      ;;')[0]).toContain(`${long}[`)
        expect(scripts.fish).toMatch(new RegExp(`seen_subcommand_from ${name}' .*-l ${long.slice(2)} `))
      }
    }
  })

  it('completes what is begun, values that are known, and files of the kind that is wanted', () => {
    expect(completed('cro')).toEqual(['cross-validate'])
    expect(completed('--ver')).toEqual(['--version'])
    expect(completed('fit', '--meth')).toEqual(['--method'])
    expect(completed('fit', '--method', 'c')).toEqual(['canonical-correlation'])
    expect(completed('fit', '--method', '=', 'c')).toEqual(['canonical-correlation'])
    expect(completed('fit', '--method', '=')).toContain('least-squares')
    expect(completed('fit', '--rows', '')).toEqual([])
    const rows = ['a.npy', 'b.npz.gz', 'folder', 'it has blanks.csv', 'model.safetensors']
    expect(completed('fit', '')).toEqual(rows)
    expect(completed('fit', '-k', '3', '--state', 'a.npy', '')).toEqual(rows)
    expect(completed('fit', 'it')).toEqual(['it has blanks.csv'])
    expect(completed('transform', '')).toEqual(['folder', 'model.safetensors'])
    expect(completed('transform', 'model.safetensors', '')).toEqual(rows)
    expect(completed('transform', 'model.safetensors', 'a.npy', '')).toEqual([])
    expect(completed('merge', '0.part', '')).toEqual(['0.part', 'folder', 'model.safetensors'])
    expect(completed('fit', '--out', 'n')).toEqual(['notes.md'])
    expect(completed('evaluate', '--labels', '')).toEqual(rows)
    expect(completed('completion', '')).toEqual(['bash', 'fish', 'zsh'])
    expect(completed('help', 'inf')).toEqual(['info'])
    expect(completed('nothing', '')).toEqual([])
  })

  it('offers the files that are read, as the help lists them', async () => {
    const [listed] = /^Formats, [^]*?\n {2}Written are/m.exec(await help()) ?? ['']
    const named = Array.from(listed.matchAll(/(?<=\s)\.([a-z0-9]+)\b/g), ([, ending]) => ending)
    expect(named.filter((ending) => !ROW_ENDINGS.includes(ending))).toEqual([])
    const unknown = formatOf('x.unknown')
    for (const ending of ROW_ENDINGS) {
      // Of .bin files what is in them decides, and what is of no known name is taken for .npy.
      if (!['npy', 'bin'].includes(ending)) expect(formatOf(`x.${ending}`), ending).not.toBe(unknown)
    }
  })

  it.each([
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ])('is a script that %s reads, where that is installed', (shell, args) => {
    const file = sandbox.file(`script.${shell}`, scripts[shell])
    const { error, status, stderr } = spawnSync(shell, [...args, file], { encoding: 'utf8' })
    // Where it has to be there, test/completion.js runs it.
    if (error === undefined) expect([status, stderr]).toEqual([0, ''])
  })
})
