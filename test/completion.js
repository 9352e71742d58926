import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Asks bash, zsh and fish themselves what they complete by the scripts of the built command. A shell that is not installed is named, and fails where
 * everything has to be there.
 *
 *   npm run test:completion
 */
const strict = process.env.COLLIMATE_ALL_RUNTIMES === '1'
const folder = mkdtempSync(join(tmpdir(), 'collimate-completion-'))
const script = (shell) => execFileSync(process.execPath, ['dist/cli.js', 'completion', shell], { encoding: 'utf8' })

/** What is begun, and words among those that are offered, and that are not. */
const CASES = [
  { line: 'collimate cro', offered: ['cross-validate'], others: ['fit'] },
  { line: 'collimate fit --prec', offered: ['--precision'], others: ['--rows'] },
  { line: 'collimate fit --method can', offered: ['canonical-correlation'], others: ['least-squares'] },
  { line: 'collimate fit ', offered: ['a.npy', 'b.csv'], others: ['notes.md', '0.part'] },
  { line: 'collimate transform m', offered: ['model.safetensors'], others: ['a.npy'] },
  { line: 'collimate merge ', offered: ['0.part'], others: ['a.npy'] },
  { line: 'collimate fit --out n', offered: ['notes.md'], others: [] },
  { line: 'collimate completion z', offered: ['zsh'], others: ['bash'] },
]

/** zsh completes in its editor only: one that runs in a terminal of its own is typed to, and what it inserts or lists is read. */
const ZSH = (line) => `
zmodload zsh/zpty
zpty z zsh -f -i
expect() { local all='' piece; while zpty -r -t z piece 2>/dev/null || { sleep 0.05; (( n++ < $1 )) }; do all+=$piece; piece=''; done; print -r -- $all; n=0 }
n=0
zpty -w z 'PS1= ; TERM=dumb; autoload -Uz compinit; compinit -u -d ${folder}/dump; source ${folder}/script.zsh; LISTMAX=1000; setopt no_beep; echo re""ady'
expect 40
zpty -w -n z ${JSON.stringify(line)}$'\\t'
expect 40
zpty -d z
`

const SHELLS = {
  bash: (line) => {
    const words = line.split(' ').map((word) => `'${word}'`)
    const code = `source ${folder}/script.bash; COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _collimate; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['--norc', '-c', code], { cwd: folder, encoding: 'utf8' })
  },
  // A word, a tab, and what it is for.
  fish: (line) =>
    execFileSync('fish', ['--no-config', '-c', `source ${folder}/script.fish; complete -C '${line}'`], { cwd: folder, encoding: 'utf8' }) // prettier-ignore
      .split('\n')
      .map((one) => one.split('\t')[0])
      .join('\n'),
  zsh: (line) =>
    execFileSync('zsh', ['-f', '-c', ZSH(line)], { cwd: folder, encoding: 'utf8' })
      .split('ready')
      .at(-1),
}

const total = { passed: 0, failed: 0 }
try {
  for (const name of ['a.npy', 'b.csv', 'model.safetensors', '0.part', 'notes.md'])
    writeFileSync(join(folder, name), '')
  mkdirSync(join(folder, 'folder'))
  for (const [shell, complete] of Object.entries(SHELLS)) {
    if (spawnSync(shell, ['--version']).error !== undefined) {
      console.log(`${shell}: ${strict ? 'FAILED' : 'skipped'}, it is not installed`)
      if (strict) total.failed++
      continue
    }
    writeFileSync(join(folder, `script.${shell}`), script(shell))
    for (const { line, offered, others } of CASES) {
      const found = complete(line)
      const good = offered.every((word) => found.includes(word)) && !others.some((word) => found.includes(word))
      total[good ? 'passed' : 'failed']++
      if (!good) console.log(`${shell}: FAILED '${line}' gives ${JSON.stringify(found)}`)
    }
    console.log(`${shell}: ${CASES.length} lines`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`completion: ${total.passed} passed, ${total.failed} failed`)
if (total.failed > 0) process.exitCode = 1
