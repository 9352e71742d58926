// The package as a user has it: packed, and installed from the tarball in an empty project elsewhere.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const here = fileURLToPath(new URL('.', import.meta.url))
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What is installed here. */
export const tool = (path) => join(here, 'node_modules', path)

/** Makes the project. @returns its folder, the tarball, and how to remove it */
export function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'collimate-runtimes-'))
  const npm = (...args) => execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  npm('pack', '--ignore-scripts', '--silent', '--pack-destination', folder, root)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n')
  npm('install', '--no-audit', '--no-fund', '--silent', `./${tarball}`)
  cpSync(join(here, 'suite'), join(folder, 'suite'), { recursive: true })
  return { folder, tarball: join(folder, tarball), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
