// Runs examples/NAME/test.js for every example that has one, on the packed tarball, and prints a line for each.
//   node test/runtimes/examples.js [part of a name]
//
// A test.js exports
//   needs   files that have to be there (see tool() and the drivers' `missing`); what is not is named and the test skipped
//   test    ({ folder, example }) => what to print; throws if it does not hold. The project is made anew for each run of this
//           file: the package from its tarball in folder/node_modules, all examples as they are in folder/examples, of which
//           `example` is this one's folder.
import { cpSync, existsSync, readdirSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeProject, root } from './project.js'

const [filter = ''] = process.argv.slice(2)
const strict = process.env.COLLIMATE_ALL_RUNTIMES === '1'
const examples = join(root, 'examples')
const total = { passed: 0, failed: 0, skipped: 0 }

/** What examples import beside the package; a clone has it. */
const BESIDE = ['seedrandom', 'workerpool', 'esbuild']

function projectWithExamples() {
  const project = makeProject()
  for (const name of BESIDE) symlinkSync(join(root, 'node_modules', name), join(project.folder, 'node_modules', name))
  cpSync(examples, join(project.folder, 'examples'), { recursive: true })
  return project
}

async function outcome(name, { folder }) {
  const { needs, test } = await import(pathToFileURL(join(examples, name, 'test.js')))
  const missing = needs.find((path) => !existsSync(path))
  if (missing !== undefined) {
    total[strict ? 'failed' : 'skipped']++
    return `${strict ? 'FAILED' : 'skipped'}, ${relative(root, missing).replace(/^(\.\.\/)+/, '/')} is not installed`
  }
  try {
    const said = await test({ folder, example: join(folder, 'examples', name) })
    total.passed++
    return said
  } catch (error) {
    total.failed++
    return `FAILED ${error?.stack ?? error}`
  }
}

const project = projectWithExamples()
try {
  const names = readdirSync(examples).filter((name) => name.includes(filter))
  for (const name of names.filter((name) => existsSync(join(examples, name, 'test.js')))) {
    console.log(`${name}: ${await outcome(name, project)}`)
  }
} finally {
  project.remove()
}
console.log(`examples: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
if (total.failed > 0) process.exitCode = 1
