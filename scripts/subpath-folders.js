import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Each subpath of the package as a folder with a package.json, by its name: for what resolves `collimate/io` and does not read
 * `exports` (Parcel without a setting, webpack 4, eslint-plugin-import, TypeScript's old resolution).
 *
 * @param {Record<string, unknown>} exports - of package.json
 * @returns {Record<string, object>}
 */
export function subpathPackages(exports) {
  const subpaths = Object.entries(exports).filter(([path, target]) => path !== '.' && target.require !== undefined)
  return Object.fromEntries(
    subpaths.map(
      ([
        path,
        {
          import: { types, default: module },
          require,
        },
      ]) => {
        const [main, ...others] = [require.default, module, types].map((file) => `../${file.replace('./', '')}`)
        return [path.replace('./', ''), { main, module: others[0], types: others[1], sideEffects: false }]
      },
    ),
  )
}

/** Rollup plugin: writes them where they have to be, beside package.json. */
export function subpathFolders() {
  return {
    name: 'subpath-folders',
    writeBundle() {
      const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
      for (const [name, content] of Object.entries(subpathPackages(exports))) {
        mkdirSync(join(root, name), { recursive: true })
        writeFileSync(join(root, name, 'package.json'), `${JSON.stringify(content, null, 2)}\n`)
      }
    },
  }
}

/** Removes them, those of subpaths that there were once too. */
export function removeSubpathFolders() {
  for (const { name } of readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const file = join(root, name, 'package.json')
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).main?.startsWith('../dist/')) {
      rmSync(join(root, name), { recursive: true })
    }
  }
}
