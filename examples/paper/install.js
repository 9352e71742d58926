// Installs this example's own libraries, from its own lock file, when they are missing or older than the lock.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const installed = here('node_modules/.package-lock.json')
const age = (path) => statSync(path).mtimeMs

if (!existsSync(here('../../dist/index.js'))) {
  console.error("dist/ is missing: 'npm ci' in the repository's root makes it")
  process.exit(1)
}
if (!existsSync(installed) || age(installed) < age(here('package-lock.json'))) {
  console.log('installing the libraries of examples/paper')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  execFileSync(npm, ['ci', '--no-audit', '--no-fund'], {
    cwd: here('.'),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}
