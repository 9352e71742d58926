// The command in processes of its own, a migration for it to apply, and what has to come out.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearTimeout } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { EmbeddingMigration } from '../../../dist/migration.js'

const here = fileURLToPath(new URL('..', import.meta.url))
const command = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))

export const OLD = 24
export const NEW = 40

/** Random numbers that are the same in every run. */
export function randomNumbers(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Old vectors, as many rows of float32. */
export function oldVectors(rows, seed = 1) {
  const random = randomNumbers(seed)
  return Array.from({ length: rows }, () => Float32Array.from({ length: OLD }, () => random() + random() - 1))
}

const folder = mkdtempSync(join(tmpdir(), 'collimate-stores-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** A folder that is gone when the test ends. */
export const temporary = (name) => join(folder, name)

/** A migration of vectors that are stored, and the path of its file. */
export function migrationFile(seed = 2) {
  const random = randomNumbers(seed)
  const mixing = Array.from({ length: OLD }, () => Array.from({ length: NEW }, () => random() - 0.5))
  const olds = oldVectors(300, seed + 1).map((row) => [...row])
  const news = olds.map((row) =>
    mixing[0].map((_, j) => row.reduce((sum, x, i) => sum + x * mixing[i][j], 0.01 * random())),
  )
  const migration = EmbeddingMigration.fit([olds, news], { way: 'stored', method: 'ridge' })
  const path = temporary(`migration-${seed}.safetensors`)
  writeFileSync(path, migration.toBytes())
  return { path, migration, expected: (vectors) => migration.mapStored(vectors).toArray() }
}

/** The largest |got - expected| of two lists of vectors, beside the largest |expected|. */
export function largestError(got, expected) {
  let [error, size] = [0, 0]
  expected.forEach((row, i) => {
    row.forEach((x, j) => {
      error = Math.max(error, Math.abs(x - got[i][j]))
      size = Math.max(size, Math.abs(x))
    })
  })
  return error / size
}

function started(args, env) {
  const child = spawn(process.execPath, [command, 'migrate', ...args], { cwd: here, env: { ...process.env, NO_COLOR: '1', ...env } }) // prettier-ignore
  const outcome = { code: null, signal: null, stdout: '', stderr: '' }
  child.stdout.on('data', (text) => (outcome.stdout += text))
  child.stderr.on('data', (text) => (outcome.stderr += text))
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ ...outcome, code, signal }))
  })
  return { child, ended }
}

/** Runs `collimate migrate ...` to its end. */
export const migrate = (args, env = {}) => started(args, env).ended

/** The same, for what must not fail. */
export async function done(args, env) {
  const outcome = await migrate(args, env)
  if (outcome.code !== 0) throw new Error(`migrate ${args.join(' ')}: ${outcome.code}: ${outcome.stderr}`)
  return outcome
}

/**
 * Kills runs at random moments, until so many were killed between their first page and their last. One that comes to its end is checked, taken back and
 * begun again.
 *
 * @param progress - gives how many rows are written and noted
 * @param whole - checks that all is there, once each
 * @param again - takes it back
 * @returns how many runs there were in all
 */
export async function killedOften({ args, kills, progress, whole, again, seed = 7 }) {
  const random = randomNumbers(seed)
  let [killed, runs, span, before] = [0, 0, 800, 0]
  while (killed < kills) {
    if (++runs > 40 * kills) throw new Error(`only ${killed} of ${runs} runs were killed between two pages`)
    const { child, ended } = started(args)
    const timer = setTimeout(() => child.kill('SIGKILL'), 100 + span * random())
    const outcome = await ended
    clearTimeout(timer)
    if (outcome.signal === null && outcome.code !== 0) throw new Error(outcome.stderr)
    const now = await progress()
    if (outcome.code === 0) {
      await whole()
      await again()
      before = 0
      span *= 0.8
    } else {
      if (now < before) throw new Error(`${before} rows were noted, and after a kill ${now} are`)
      if (now > before) killed++
      else span *= 1.5
      before = now
    }
  }
  await done(args)
  await whole()
  return runs
}
