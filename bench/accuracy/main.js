// npm run compare: prints the table of docs/numerics.md; with --write, puts it there.
import { readFile, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import * as collimate from '../../dist/index.js'
import { beyond, goldenCases, published } from './cases.js'
import { table } from './compare.js'
import { collimateLibrary, mlMatrix, numpyTs, svdJs } from './libraries.js'

const docs = new URL('../../docs/numerics.md', import.meta.url)
const golden = new URL('../../test/golden/svd.json', import.meta.url)

const { cases } = JSON.parse(await readFile(golden, 'utf8'))
const libraries = [collimateLibrary(/** @type {any} */ (collimate)), mlMatrix, numpyTs, svdJs]
const text = table([...published, ...beyond], goldenCases(cases), libraries)

if (process.argv.includes('--write')) {
  const before = await readFile(docs, 'utf8')
  const after = before.replace(/(<!-- compare -->\n)[\s\S]*?(<!-- \/compare -->)/, `$1\n${text}\n\n$2`)
  await writeFile(docs, await format(after, { ...(await resolveConfig(docs)), filepath: docs.pathname }))
} else console.log(text)
