// Where a driver is not installed: what to install is said. In a folder without any, with a copy of the package.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { migrationFile, temporary } from './support/migrating.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

for (const [address, message] of [
  ['postgres://me:secret@127.0.0.1/db?table=t&to=n', /PostgreSQL is reached by the package pg: npm install pg/],
  [
    'sqlite:x.db?table=t&to=n',
    /SQLite is reached by the package better-sqlite3: npm install better-sqlite3 sqlite-vec/,
  ],
  ['lancedb:x?table=t&into=n', /LanceDB is reached by the package @lancedb\/lancedb: npm install @lancedb\/lancedb/],
]) {
  test(`not installed: ${address.replace(/:.*/, '')}`, () => {
    const folder = temporary('alone')
    mkdirSync(join(folder, 'dist'), { recursive: true })
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
    cpSync(join(root, 'package.json'), join(folder, 'package.json'))
    const { status, stderr } = spawnSync(
      process.execPath,
      ['dist/cli.js', 'migrate', 'run', migrationFile().path, address],
      { cwd: folder, encoding: 'utf8' },
    )
    assert.equal(status, 2, stderr)
    assert.match(stderr, message)
    assert.doesNotMatch(stderr, /secret/)
  })
}
