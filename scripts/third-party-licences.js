import { readFileSync } from 'node:fs'

const read = (path) => readFileSync(new URL(`../node_modules/${path}`, import.meta.url), 'utf8')

/** Where the licence text is, for packages that do not bring a licence file of their own. */
const ELSEWHERE = {
  '@assemblyscript/loader': () => `${read('assemblyscript/NOTICE')}\n${read('assemblyscript/LICENSE')}`,
  seedrandom: () => read('seedrandom/README.md').split(/^LICENSE \(MIT\)\n-+\n/m)[1],
}

/**
 * The texts of the licences of everything that is bundled.
 *
 * @param {{ name: string | null, version: string | null, license: string | null, licenseText: string | null }[]} dependencies
 */
export function thirdPartyLicences(dependencies) {
  return dependencies
    .map(({ name, version, license, licenseText }) => {
      const text = licenseText ?? ELSEWHERE[name]?.()
      if (!text) throw new Error(`no licence text found for ${name}, which is bundled`)
      return `${name} ${version} (${license})\n\n${text.trim()}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
}
