// npm run fuzz:files [-- --count N --seed S]: N mutated files of each kind (a million) for their readers, by test/io/mutated-files.test.ts.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } } }) // prettier-ignore
for (const [name, text] of Object.entries(values)) {
  if (/^[1-9]\d*$/.test(text)) continue
  console.error(`--${name} must be an integer from 1 on, got '${text}'`)
  process.exit(2)
}
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', 'test/io/mutated-files.test.ts', '--disable-console-intercept'],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, COLLIMATE_MUTATIONS: values.count, COLLIMATE_SEED: values.seed },
    stdio: 'inherit',
  },
)
process.exitCode = status ?? 1
