import { selectedRowsSteps } from '../dense/slices.js'
import { Matrix } from '../matrix.js'
import { run } from '../steps.js'
import { isFloat32 } from '../typed-arrays.js'
import { InputError } from './errors.js'

/** What becomes of rows that have one id. */
export const DUPLICATES = ['error', 'first', 'mean'] as const

/** One of {@link DUPLICATES}. */
export type OnDuplicate = (typeof DUPLICATES)[number]

/** Rows of a file, and what names them. */
export interface IdRows {
  readonly path: string
  readonly matrix: Matrix
  readonly ids: readonly string[]
  /** The line of each row, n x 1, in a file of text. */
  readonly lines?: Matrix | undefined
  readonly onDuplicate: OnDuplicate
}

/** Rows that were found in all files, in the order of the first. */
export interface Joined {
  readonly ids: readonly string[]
  readonly matrices: readonly Matrix[]
  /** The line of each row in each file of text. */
  readonly lines: readonly (Matrix | undefined)[]
}

/**
 * Joins files on their ids.
 *
 * @param note - told what was left out of each file, and why
 * @throws InputError if an id comes twice in a file and nothing else was asked for, or no id is in all of them
 */
export function joinOnIds(files: readonly IdRows[], note: (text: string) => void): Joined {
  const distinct = files.map((file) => withoutDuplicates(file, note))
  const rowOf = distinct.map(({ ids }) => new Map(ids.map((id, row) => [id, row])))
  const ids = distinct[0].ids.filter((id) => rowOf.every((rows) => rows.has(id)))
  if (ids.length === 0) throw new InputError(nothingShared(distinct))
  for (const [f, { path, ids: own }] of distinct.entries()) {
    if (own.length > ids.length) note(leftOut(path, own, rowOf, distinct.map((file) => file.path), f)) // prettier-ignore
  }
  const rows = rowOf.map((map) => ids.map((id) => map.get(id) as number))
  return {
    ids,
    matrices: distinct.map(({ matrix }, f) => run(selectedRowsSteps(matrix, rows[f]))),
    lines: distinct.map(({ lines }, f) => lines && run(selectedRowsSteps(lines, rows[f]))),
  }
}

function leftOut(
  path: string,
  own: readonly string[],
  rowOf: readonly ReadonlyMap<string, number>[],
  paths: readonly string[],
  self: number,
): string {
  const missing = paths.map(() => 0)
  let total = 0
  for (const id of own) {
    const where = rowOf.findIndex((rows) => !rows.has(id))
    if (where < 0) continue
    missing[where]++
    total++
  }
  const why = paths.flatMap((other, f) => (f !== self && missing[f] > 0 ? [`${missing[f]} not in ${other}`] : []))
  return `${total} of ${own.length} rows of ${path} are left out: ${why.join(', ')}`
}

function nothingShared(files: readonly IdRows[]): string {
  const shown = files.map(({ path, ids }) => `${path} has '${ids.slice(0, 2).join("', '")}'`)
  return `no id is in all files (they are compared as text): ${shown.join(', ')}`
}

function withoutDuplicates(file: IdRows, note: (text: string) => void): IdRows {
  const { path, matrix, ids, lines, onDuplicate } = file
  const place = (row: number) => (lines === undefined ? `row ${row}` : `line ${lines.data[row]}`)
  const groups = new Map<string, number[]>()
  for (const [row, id] of ids.entries()) {
    if (id === '') throw new InputError(`${path}: ${place(row)} has no id`)
    const before = groups.get(id)
    if (before === undefined) groups.set(id, [row])
    else if (onDuplicate !== 'error') before.push(row)
    else {
      throw new InputError(
        `${path}: id '${id}' stands in ${place(before[0])} and in ${place(row)}: --on-duplicate first or mean says which counts`,
      )
    }
  }
  if (groups.size === ids.length) return file
  note(`${ids.length - groups.size} rows of ${path} have an id that came before: ${onDuplicate === 'first' ? 'left out' : 'each id has the mean of its rows'}`) // prettier-ignore
  const rows = [...groups.values()]
  const firsts = rows.map(([row]) => row)
  return {
    ...file,
    ids: [...groups.keys()],
    matrix: onDuplicate === 'first' ? run(selectedRowsSteps(matrix, firsts)) : meanRows(matrix, rows),
    ...(lines && { lines: run(selectedRowsSteps(lines, firsts)) }),
  }
}

/** The mean of each group of rows, in the precision of the rows; divided before it is summed, so that nothing overflows. */
function meanRows({ cols, data }: Matrix, groups: readonly (readonly number[])[]): Matrix {
  const length = groups.length * cols
  const out = new Matrix(groups.length, cols, isFloat32(data) ? new Float32Array(length) : new Float64Array(length))
  for (const [i, rows] of groups.entries()) {
    for (const row of rows) {
      for (let j = 0; j < cols; j++) out.data[i * cols + j] += data[row * cols + j] / rows.length
    }
  }
  return out
}
