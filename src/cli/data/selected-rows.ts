import { selectedRowsSteps } from '../../dense/slices.js'
import { Matrix } from '../../matrix.js'
import { run } from '../../steps.js'
import { InputError } from '../errors.js'
import { checkList, isList, selectedTotal, sliceRange, type RowSelection, type Slice } from '../rows.js'
import { chunkRows, stacked, type RowChunk, type RowStream, type Span } from './row-stream.js'

/** How many rows a selection has, if that is known. @throws InputError if it goes beyond the file */
export function selectedCount({ rows, path }: RowStream, selection: RowSelection | undefined): number | undefined {
  return rows === undefined ? rows : selectedTotal(selection, rows, path)
}

/**
 * The selected rows of a stream, in chunks of up to `rows` rows: those of two streams of as many rows have the same bounds. Rows that come once are
 * put aside where the selection goes back, or counts from an end that is not known.
 *
 * @throws InputError if a slice is empty, or the selection goes beyond the rows
 */
export async function* selectedChunks(
  stream: RowStream,
  selection: RowSelection | undefined,
  rows: number,
): AsyncGenerator<RowChunk> {
  if (selection === undefined) yield* stream.chunks({ from: 0, rows })
  else if (stream.isForward && goesForward(selection, stream.rows)) yield* forwardChunks(stream, selection, rows)
  else if (stream.isForward) {
    const { spilled } = await import('./spilled.js')
    const aside = await spilled(stream, stream.chunks({ from: 0, rows }))
    try {
      yield* anyChunks(aside, selection, rows)
    } finally {
      await aside.close()
    }
  } else yield* anyChunks(stream, selection, rows)
}

/** Selected rows of what is read in any order. */
async function* anyChunks(stream: RowStream, selection: RowSelection, rows: number): AsyncGenerator<RowChunk> {
  const { path, rows: total = 0 } = stream
  if (isList(selection)) {
    checkList(selection, total, path)
    const { numbers } = selection
    for (let at = 0; at < numbers.length; at += rows) yield rowsAt(stream, numbers.subarray(at, at + rows))
    return
  }
  const ranges = selection.map((slice) => sliceRange(slice, total, path))
  for (const { start, stop, step } of ranges) yield* strided(stream, { from: start, to: stop, rows }, step)
}

/** Whether rows are selected in their order, and none by its distance from an end that is not known. */
function goesForward(selection: RowSelection, total: number | undefined): boolean {
  if (isList(selection)) return selection.numbers.every((row, i) => i === 0 || row > selection.numbers[i - 1])
  const place = (end: number | null, otherwise: number) =>
    end === null ? otherwise : end >= 0 ? end : total === undefined ? NaN : end + total
  return selection.every(({ start, stop }, i) => {
    const before = i === 0 ? 0 : place(selection[i - 1].stop, Infinity)
    return place(start, 0) >= before && !Number.isNaN(place(stop, Infinity))
  })
}

async function* forwardChunks(stream: RowStream, selection: RowSelection, rows: number): AsyncGenerator<RowChunk> {
  let seen = 0
  if (isList(selection)) {
    if (stream.rows !== undefined) checkList(selection, stream.rows, stream.path)
    const { numbers } = selection
    for (let at = 0; at < numbers.length; at += rows) {
      const wanted = numbers.subarray(at, at + rows)
      const to = wanted[wanted.length - 1] + 1
      const found = await pickedOnTheWay(stream, wanted, { from: seen, to, rows })
      // The end came first: all that is left is to say so.
      if (found === undefined) break
      seen = to
      yield found
    }
  } else {
    for (const { start, stop, step } of rangesSoFar(selection, stream)) {
      yield* strided(stream, { from: start, to: stop, rows }, step)
      seen = stop ?? start
    }
  }
  // To the end: what is wrong further down is said whatever is selected, and it tells how many rows there are.
  for await (const { matrix } of stream.chunks({ from: seen, rows })) seen += matrix.rows
  selectedTotal(selection, stream.rows ?? seen, stream.path)
}

/** Slices of what may not know its end yet. */
function rangesSoFar(selection: readonly Slice[], { rows, path }: RowStream) {
  if (rows !== undefined) return selection.map((slice) => sliceRange(slice, rows, path))
  return selection.map(({ start, stop, step }) => ({ start: start ?? 0, stop: stop ?? undefined, step }))
}

/** Rows by ascending numbers of what comes in its order; undefined if it ends before them. */
async function pickedOnTheWay(stream: RowStream, wanted: Uint32Array, span: Span): Promise<RowChunk | undefined> {
  const parts: RowChunk[] = []
  let [first, at] = [span.from, 0]
  for await (const chunk of stream.chunks(span)) {
    const indices: number[] = []
    for (; at < wanted.length && wanted[at] < first + chunk.matrix.rows; at++) indices.push(wanted[at] - first)
    first += chunk.matrix.rows
    if (indices.length > 0) parts.push(rowsOf(chunk, indices))
  }
  return at < wanted.length ? undefined : stacked(parts)
}

// Reading what lies between two rows costs less than another read.
const GAP_BYTES = 2 ** 15

/** Rows by their numbers, in any order, of a stream that is read so; one that comes twice is there twice. */
export async function rowsAt(stream: RowStream, numbers: ArrayLike<number>): Promise<RowChunk> {
  if (stream.at !== undefined) return stream.at(numbers)
  const { cols, precision } = stream
  const count = numbers.length
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  const isSorted = Array.prototype.every.call(numbers, (row, i) => i === 0 || row > numbers[i - 1])
  if (!isSorted) order.sort((i, j) => numbers[i] - numbers[j])
  const data = precision === 'f32' ? new Float32Array(count * cols) : new Float64Array(count * cols)
  const ids = new Array<string>(count)
  const lines = new Array<number>(count)
  let [hasIds, hasLines] = [false, false]
  const gap = Math.floor(GAP_BYTES / (8 * Math.max(1, cols)))
  for (let start = 0; start < count;) {
    const from = numbers[order[start]]
    let end = start + 1
    const most = from + chunkRows(cols)
    while (end < count && numbers[order[end]] - numbers[order[end - 1]] <= gap + 1 && numbers[order[end]] < most) end++
    const to = numbers[order[end - 1]] + 1
    for await (const chunk of stream.chunks({ from, to, rows: to - from })) {
      for (; start < end; start++) {
        const [place, row] = [order[start], numbers[order[start]] - from]
        data.set(chunk.matrix.data.subarray(row * cols, (row + 1) * cols), place * cols)
        if (chunk.ids) ids[place] = chunk.ids[row]
        if (chunk.lines) lines[place] = chunk.lines[row]
      }
      hasIds ||= chunk.ids !== undefined
      hasLines ||= chunk.lines !== undefined
    }
    if (start < end) throw new InputError(`${stream.path} ends before its row ${numbers[order[start]]}`)
  }
  return { matrix: new Matrix(count, cols, data), ids: hasIds ? ids : undefined, lines: hasLines ? lines : undefined }
}

async function* strided(stream: RowStream, span: Span, step: number): AsyncGenerator<RowChunk> {
  let row = 0
  for await (const chunk of stream.chunks(span)) {
    if (step === 1) yield chunk
    else {
      const first = (step - (row % step)) % step
      const indices = Array.from({ length: Math.max(0, Math.ceil((chunk.matrix.rows - first) / step)) }, (_, i) => first + i * step) // prettier-ignore
      row += chunk.matrix.rows
      yield rowsOf(chunk, indices)
    }
  }
}

function rowsOf({ matrix, ids, lines }: RowChunk, indices: readonly number[]): RowChunk {
  return {
    matrix: run(selectedRowsSteps(matrix, indices)),
    ids: ids && indices.map((i) => ids[i]),
    lines: lines && indices.map((i) => lines[i]),
  }
}
