import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { npyToMatrix, readNpy } from '../../src/io/npy.js'
import { Matrix } from '../../src/matrix.js'
import { EmbeddingMigration } from '../../src/migration/index.js'
import { rowRanges, toFloat32 } from '../align/support.js'
import { twoModels } from '../migration/support.js'
import { gaussian } from '../support/random.js'
import { collimate, Sandbox } from './harness.js'

const sandbox = new Sandbox()
afterAll(() => {
  sandbox.remove()
})

const all = twoModels(500, [10, 14], 8, 0.15)
const [trainOld, trainNew] = rowRanges(all, 0, 200)
const old = sandbox.npy('old.npy', trainOld)
const renewed = sandbox.npy('new.npy', trainNew)
const collection = sandbox.npy('all.npy', toFloat32(all[0]))
const truth = sandbox.npy('truth.npy', rowRanges(all, 0, 60)[1])
const model = sandbox.path('m.safetensors')
const moved = sandbox.path('moved.npy')
const load = (path: string) => npyToMatrix(readNpy(new Uint8Array(readFileSync(path))))
const plan = (...more: string[]) =>
  collimate(['migrate', 'plan', old, renewed, '--curve', 'none', '-o', model, ...more])
const migration = () => EmbeddingMigration.fromBytes(new Uint8Array(readFileSync(model)))

describe('collimate migrate plan', () => {
  it('prints what each way keeps, and writes what is recommended', async () => {
    const { code, stdout, stderr } = await collimate(['migrate', 'plan', old, renewed, '--old-model', 'small-1', '--new-model', 'large-2', '-o', model]) // prettier-ignore
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^small-1 \(10\) to large-2 \(14\): 200 pairs, 160 of them fitted; 20 held-out queries among 40 rows\n/) // prettier-ignore
    expect(stdout).toMatch(/\nretention@10 with +20 pairs +40 pairs +80 pairs +160 pairs\n/)
    expect(stdout).toContain(`\n${model}: ${migration().way} by ${migration().method}, fitted to all 200 pairs\n`)
    expect(migration().models.new).toEqual({ model: 'large-2', dimensions: 14 })
  })

  it('prints JSON, takes a way and a curve, and writes the report as a page', async () => {
    const html = sandbox.path('report.html')
    const { code, stdout } = await collimate(['migrate', 'plan', old, renewed, '--way', 'stored', '--method', 'ridge', '--curve', '40,80', '--held-out', '50', '--json', '--html', html, '-o', model]) // prettier-ignore
    expect(code).toBe(0)
    const evaluation = JSON.parse(stdout) as { curve: { pairs: number }[]; gallery: number }
    expect(evaluation.curve.map(({ pairs }) => pairs)).toEqual([40, 80, 150])
    expect(evaluation.gallery).toBe(50)
    const page = readFileSync(html, 'utf8')
    expect(page.match(/<svg/g)).toHaveLength(2)
    expect(page).toContain('Recommended')
    expect(page).toContain(migration().evaluation.verdict.reason)
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/)
  })

  it('takes one file with both vectors', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => JSON.stringify({ before: [...trainOld.row(i)], after: [...trainNew.row(i)] })) // prettier-ignore
    const both = sandbox.file('both.jsonl', lines.join('\n'))
    const common = ['--way', 'stored', '--curve', 'none', '--json', '-o', model]
    const one = await collimate(['migrate', 'plan', both, '--field', 'before', '--field', 'after', ...common])
    const two = await plan('--way', 'stored', '--json')
    expect(one).toEqual(two)
    const { code, stderr } = await collimate(['migrate', 'plan', both, ...common])
    expect([code, stderr]).toEqual([2, 'collimate: one file has to hold both vectors of a row: say where by two --field, or by two --columns, of the old model first\n']) // prettier-ignore
  })

  it('exits with 3, without a model, below --min-retention and where the models share nothing', async () => {
    const out = sandbox.path('none.safetensors')
    const low = await collimate(['migrate', 'plan', old, renewed, '--curve', 'none', '--min-retention', '1', '-o', out])
    expect(low.code).toBe(3)
    expect(low.stdout).toContain('stored')
    expect(low.stderr).toMatch(/^collimate: do not move by a map: the best, .* below 1\.0000\. Take more pairs, or embed again\n$/) // prettier-ignore
    const other = sandbox.npy('other.npy', gaussian(200, 14, 77))
    const unrelated = await collimate(['migrate', 'plan', old, other, '--curve', 'none', '-o', out])
    expect(unrelated.code).toBe(3)
    expect(unrelated.stderr).toContain('row i of both is not the same item')
    expect(existsSync(out)).toBe(false)
  })

  it.each([
    [['migrate', 'plan', old, '-o', model], 'one file has to hold both vectors'],
    [['migrate', 'plan', old, renewed, old, '-o', model], 'takes two files, old and new, got 3'],
    [['migrate', 'plan', old, renewed], "required option '-o, --out <file>' not specified"],
    [['migrate', 'plan', old, renewed, '-o', old], 'it is the input file'],
    [['migrate', 'plan', old, renewed, '-o', model, '--min-retention', '2'], 'It must be from 0 to 1.'],
    [['migrate', 'plan', old, renewed, '-o', model, '--held-out', '199'], 'heldOut must be an integer from 4 to 192'],
    [['migrate', 'plan', old, collection, '-o', model], 'has 500 rows'],
    [['migrate', 'plan', old, renewed, '-o', model, '--way', 'none'], 'these have 10 and 14 columns'],
    [['migrate'], "'collimate --help' lists the commands"],
    [['migrate', 'fly'], "unknown command 'fly'"],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr } = await collimate(argv)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('collimate migrate run, verify and rollback', () => {
  it('maps what is stored as the library does, checks it and takes it back', async () => {
    await plan('--way', 'stored', '--old-model', 'small-1')
    const run = await collimate(['migrate', 'run', model, collection, '-o', moved])
    expect([run.code, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(/moved\.npy: 500 x 14, stored vectors of small-1 mapped by [\w-]+; \d+\.\d s, [\d,]+ a minute\n$/) // prettier-ignore
    const written = load(moved)
    expect(written.data).toBeInstanceOf(Float32Array)
    const expected = migration().mapStored(all[0])
    expect(Math.max(...written.data.map((x, at) => Math.abs(x - expected.data[at])))).toBeLessThan(1e-5)

    const verify = await collimate(['migrate', 'verify', model, collection, moved, '--truth', truth, '--min-retention', '0.5', '--sample', '100']) // prettier-ignore
    expect([verify.code, verify.stderr]).toEqual([0, ''])
    expect(verify.stdout).toMatch(/^rows 500 of 500, columns 14 of 14\nof 100 rows the most that one differs from its map is \S+ of its length; lengths 1\.000 to 1\.000\nretention@10 0\.\d{4} \(0\.\d{4} to [01]\.\d{4}\) among 60 rows; the plan said 0\.\d{4} among 40\n$/) // prettier-ignore

    const rollback = await collimate(['migrate', 'rollback', moved])
    expect(rollback).toEqual({ code: 0, stdout: `${moved}: removed, 500 x 14; ${collection} is as it was\n`, stderr: '' }) // prettier-ignore
    expect([existsSync(moved), existsSync(`${moved}.migration.json`), existsSync(collection)]).toEqual([false, false, true]) // prettier-ignore
  })

  it('finds rows that are missing, another width, a wrong row, and retention that is too low', async () => {
    await plan('--way', 'stored')
    await collimate(['migrate', 'run', model, collection, '-o', moved])
    const good = load(moved)
    const verify = (matrix: Matrix, ...more: string[]) =>
      collimate(['migrate', 'verify', model, collection, sandbox.npy('bad.npy', matrix), ...more])
    const short = await verify(new Matrix(499, 14, good.data.slice(14)))
    expect([short.code, short.stderr]).toEqual([3, expect.stringContaining('bad.npy has 499 rows, ')])
    const narrow = await verify(new Matrix(500, 10, all[0].data))
    expect([narrow.code, narrow.stderr]).toEqual([3, expect.stringContaining('has 10 columns, the migration gives 14')])
    const wrong = good.data.slice()
    wrong[14 * 7 + 3] += 0.5
    const odd = await verify(new Matrix(500, 14, wrong))
    expect([odd.code, odd.stderr]).toEqual([3, expect.stringMatching(/row 7 of .*bad\.npy differs from its map/)])
    const strict = await verify(good, '--truth', truth, '--min-retention', '1')
    expect([strict.code, strict.stderr]).toEqual([3, expect.stringMatching(/retention is 0\.\d{4}, below 1\.0000/)])
  })

  it('maps queries by a migration that leaves the index as it is', async () => {
    await plan('--way', 'queries')
    const stored = await collimate(['migrate', 'run', model, collection, '-o', moved])
    expect([stored.code, stored.stderr]).toEqual([2, expect.stringContaining('maps queries alone, what is stored stays as it is: --side queries maps a file of queries')]) // prettier-ignore
    const out = sandbox.path('q.csv')
    const { code } = await collimate(['migrate', 'run', model, renewed, '--side', 'queries', '-o', out])
    expect(code).toBe(0)
    expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(200)
    const verify = await collimate(['migrate', 'verify', model, collection, moved])
    expect([verify.code, verify.stderr]).toEqual([2, expect.stringContaining('leaves what is stored as it is')])
  })

  it('says what it would do and writes nothing with --dry-run; refuses vectors of another model', async () => {
    await plan('--way', 'stored', '--old-model', 'small-1', '--new-model', 'large-2')
    const out = sandbox.path('dry.npy')
    const { code, stdout } = await collimate(['migrate', 'run', model, collection, '-o', out, '--dry-run'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/dry\.npy would be 500 x 14, 0\.0 MB in f32, about \d+ s; nothing was written\n$/)]) // prettier-ignore
    expect(existsSync(out)).toBe(false)
    const wide = await collimate(['migrate', 'run', model, renewed, '-o', out])
    expect(wide.code).toBe(2)
    expect(wide.stderr).toContain("mapStored takes vectors of 'small-1' (10 dimensions), got a model without a name (14 dimensions)") // prettier-ignore
    const named = await collimate(['migrate', 'run', model, collection, '-o', out, '--model', 'large-2'])
    expect(named.stderr).toContain("got 'large-2' (10 dimensions): the migration is from 'small-1'")
    const none = await collimate(['migrate', 'run', old, collection, '-o', out])
    expect(none.stderr).toContain('old.npy is no sound migration')
  })

  it('rollback removes nothing that it did not write, or that was changed since', async () => {
    const foreign = await collimate(['migrate', 'rollback', old])
    expect([foreign.code, foreign.stderr]).toEqual([2, expect.stringContaining("was not written by 'collimate migrate run'")]) // prettier-ignore
    await plan('--way', 'stored')
    await collimate(['migrate', 'run', model, collection, '-o', moved])
    writeFileSync(moved, 'changed')
    const changed = await collimate(['migrate', 'rollback', moved])
    expect([changed.code, changed.stderr]).toEqual([2, expect.stringContaining('says that it was written: it stays')])
    writeFileSync(`${moved}.migration.json`, '{')
    expect((await collimate(['migrate', 'rollback', moved])).stderr).toContain('is no receipt')
    expect(existsSync(moved)).toBe(true)
  })

  it.each(['plan', 'run', 'verify', 'rollback'])('%s has help, with an example', async (name) => {
    const { code, stdout } = await collimate(['migrate', name, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`Usage: collimate migrate ${name} `)
    expect(stdout).toContain(`$ collimate migrate ${name} `)
  })
})
