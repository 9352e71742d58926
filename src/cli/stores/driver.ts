import { createRequire } from 'node:module'
import { join } from 'node:path'
import { InputError } from '../errors.js'

/**
 * Loads a package that is not among our own: one that is installed beside this package, or in the folder where the command runs.
 *
 * @throws InputError that says what to install
 */
export function loadDriver(name: string, what: string, also: readonly string[] = []): unknown {
  const bases = [import.meta.url, join(process.cwd(), 'package.json')]
  for (const base of bases) {
    const require = createRequire(base)
    try {
      require.resolve(name)
    } catch {
      continue
    }
    try {
      return require(name)
    } catch (error) {
      throw new InputError(`${name}, which reaches ${what}, is installed but does not load: ${String(error)}`, { cause: error }) // prettier-ignore
    }
  }
  throw new InputError(`${what} is reached by the package ${name}: npm install ${[name, ...also].join(' ')}`)
}
