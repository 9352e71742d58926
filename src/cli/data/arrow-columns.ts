import { Type, type Batch, type DataType, type Field } from '@uwdata/flechette'
import { widened, widenHalf } from '../../half.js'
import type { MatrixData } from '../../matrix.js'
import { InputError } from '../errors.js'
import type { ColumnPiece } from './column-pieces.js'
import { cellNumber, type NamedColumn } from './named-columns.js'

/** A column of a table of Arrow. */
export interface ArrowColumn extends NamedColumn {
  /** Whether float32 holds its numbers. */
  readonly isSingle: boolean
  /** Where numbers take one byte each. */
  readonly bytes: 'int8' | 'uint8' | undefined
}

type AnyType = DataType & {
  readonly children?: readonly Field[]
  readonly precision?: number
  readonly stride?: number
  readonly bitWidth?: number
  readonly signed?: boolean
}

const LISTS: readonly number[] = [Type.List, Type.LargeList, Type.FixedSizeList, Type.ListView, Type.LargeListView]
const NUMBERS: readonly number[] = [Type.Int, Type.Float, Type.Decimal, Type.Bool]

/** What a column holds. */
export function arrowColumn({ name, type }: Field): ArrowColumn {
  const { typeId, children = [] } = type as AnyType
  const isList = LISTS.includes(typeId)
  const element = (isList ? children[0].type : type) as AnyType
  const isNumeric = isList ? element.typeId === Type.Int || element.typeId === Type.Float : NUMBERS.includes(typeId)
  const isFloat = element.typeId === Type.Float
  return {
    name,
    holds: !isNumeric ? 'other' : isList ? 'vector' : 'number',
    isFloat,
    isSingle: isFloat && element.precision !== 2,
    bytes: element.typeId !== Type.Int || element.bitWidth !== 8 ? undefined : element.signed ? 'int8' : 'uint8',
  }
}

/** The cells of a batch, null where one is missing. */
export function cellPiece(batch: Batch<unknown>): ColumnPiece {
  return { rows: batch.length, cells: Array.from({ length: batch.length }, (_, i) => batch.at(i)) }
}

/**
 * The vectors of a batch, each as long as the first.
 *
 * @param shape.width - how long that is: found out from the first batch
 * @throws InputError if one is missing, has no number in a place, or another length
 */
export function vectorPiece(
  batch: Batch<unknown>,
  shape: { width?: number },
  name: string,
  path: string,
  first: number,
): ColumnPiece {
  const { length: rows, nullCount } = batch
  const [child] = batch.children as unknown as [Batch<unknown>]
  const bounds = boundsOf(batch)
  const width = (shape.width ??= rows === 0 ? 0 : bounds(0)[1] - bounds(0)[0])
  const where = (i: number) => `${path}: row ${first + i}`
  let isInOrder = true
  for (let i = 0, expected = rows === 0 ? 0 : bounds(0)[0]; i < rows; i++, expected += width) {
    if (nullCount > 0 && !batch.isValid(i)) throw new InputError(`${where(i)} has no vector in '${name}': drop such rows first, in all files`) // prettier-ignore
    const [start, end] = bounds(i)
    if (end - start !== width) throw new InputError(`${where(i)} has a vector of ${end - start} numbers, the first has ${width}`) // prettier-ignore
    if (start < 0 || end > child.length) throw new RangeError(`row ${first + i} begins or ends beyond its column`)
    isInOrder &&= start === expected
  }
  if (child.nullCount > 0) {
    for (let i = 0; i < rows; i++) {
      const [start] = bounds(i)
      for (let j = 0; j < width; j++) if (!child.isValid(start + j)) throw new InputError(`${where(i)}: entry ${j} of '${name}' is null`) // prettier-ignore
    }
  }
  const values = numbersOf(child)
  if (rows === 0) return { rows, numbers: values.subarray(0, 0) }
  const [start] = bounds(0)
  if (isInOrder) return { rows, numbers: values.subarray(start, start + rows * width) }
  const numbers = values.slice(0, 0).constructor === Float32Array ? new Float32Array(rows * width) : new Float64Array(rows * width) // prettier-ignore
  for (let i = 0; i < rows; i++) numbers.set(values.subarray(...bounds(i)), i * width)
  return { rows, numbers }
}

/** Where the numbers of a row begin and end among all. */
/** A batch of lists has offsets, one of list views sizes as well. */
type Bounds = Partial<Pick<Batch<unknown>, 'offsets' | 'sizes'>>

function boundsOf(batch: Batch<unknown>): (i: number) => [number, number] {
  const { type } = batch
  const { offsets = new Int32Array(0), sizes } = batch as Bounds
  const { stride = 0, typeId } = type as AnyType
  if (typeId === Type.FixedSizeList) return (i) => [i * stride, (i + 1) * stride]
  if (sizes !== undefined) return (i) => [Number(offsets[i]), Number(offsets[i]) + Number(sizes[i])]
  return (i) => [Number(offsets[i]), Number(offsets[i + 1])]
}

/** The numbers of a batch, those in place of missing ones too. */
function numbersOf({ type, values, length }: Batch<unknown>): MatrixData {
  const { typeId, precision } = type as AnyType
  const all = (values as Float32Array).subarray(0, length)
  if (all.length < length) throw new RangeError(`${length} numbers were expected, ${all.length} are there`)
  if (typeId !== Type.Float) return Float64Array.from(all, cellNumber)
  if (precision === 0) return widened(all, widenHalf)
  return all
}
