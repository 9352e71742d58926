import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet'
import { parquetSchema } from 'hyparquet/src/metadata.js'
import type { NamedColumn } from './named-columns.js'

/** A column as it is stored: where its values are, and what their levels mean. */
export interface StoredColumn extends NamedColumn {
  /** Among all stored columns of a row group. */
  readonly index: number
  readonly element: SchemaElement
  readonly schemaPath: SchemaTree[]
  /** The level of a value that is there: less is missing. */
  readonly maxDefinition: number
  readonly maxRepetition: number
  /** The level from which on a list has an element. */
  readonly listDefinition: number
  readonly isSingle: boolean
  /** Where numbers take one byte each. */
  readonly bytes: 'int8' | 'uint8' | undefined
}

/** What is stored in a file, in its order. @throws RangeError if its schema is none */
export function storedColumns(metadata: FileMetaData): StoredColumn[] {
  const columns: StoredColumn[] = []
  const visit = (path: SchemaTree[]): void => {
    const { children } = path[path.length - 1]
    if (children.length > 0) for (const child of children) visit([...path, child])
    else columns.push(storedColumn(path, columns.length))
  }
  for (const child of parquetSchema(metadata).children) visit([child])
  return columns
}

const isAnnotated = ({ converted_type: converted, logical_type: logical }: SchemaElement, as: 'LIST'): boolean =>
  converted === as || logical?.type === as

function storedColumn(path: SchemaTree[], index: number): StoredColumn {
  const { element } = path[path.length - 1]
  const repeated = path.findIndex((node) => node.element.repetition_type === 'REPEATED')
  const count = (types: readonly string[], nodes: readonly SchemaTree[]) =>
    nodes.filter((node) => types.includes(node.element.repetition_type ?? '')).length
  const maxRepetition = count(['REPEATED'], path)
  // What is around the elements of a list has names that say nothing; of lists of several fields they are all there is.
  const isList = repeated >= 0 && path.slice(repeated, -1).every(({ children }) => children.length === 1)
  const isWrapped = isList && repeated > 0 && isAnnotated(path[repeated - 1].element, 'LIST')
  const named = isList ? path.slice(0, isWrapped ? repeated : repeated + 1) : path
  const isNumber = isNumeric(element)
  const isVector = isList && maxRepetition === 1
  return {
    name: named.map((node) => node.element.name).join('.'),
    holds: !isNumber || (maxRepetition > 0 && !isVector) ? 'other' : isVector ? 'vector' : 'number',
    isFloat: isFloating(element),
    isSingle: isFloating(element) && element.type !== 'DOUBLE',
    bytes: bytesOf(element),
    index,
    element,
    schemaPath: path,
    maxDefinition: count(['REPEATED', 'OPTIONAL'], path),
    maxRepetition,
    listDefinition: count(['REPEATED', 'OPTIONAL'], path.slice(0, repeated + 1)),
  }
}

function isFloating({ type, logical_type: logical, type_length: length }: SchemaElement): boolean {
  if (type === 'FLOAT' || type === 'DOUBLE') return true
  return type === 'FIXED_LEN_BYTE_ARRAY' && logical?.type === 'FLOAT16' && length === 2
}

function isNumeric(element: SchemaElement): boolean {
  const { type, converted_type: converted, logical_type: logical } = element
  if (isFloating(element) || type === 'BOOLEAN' || converted === 'DECIMAL') return true
  if (type !== 'INT32' && type !== 'INT64') return false
  return /^(U?INT_(8|16|32|64)|)$/.test(converted ?? '') && (logical === undefined || logical.type === 'INTEGER')
}

function bytesOf({ converted_type: converted, logical_type: logical }: SchemaElement): 'int8' | 'uint8' | undefined {
  if (logical?.type === 'INTEGER' && logical.bitWidth === 8) return logical.isSigned ? 'int8' : 'uint8'
  return converted === 'INT_8' ? 'int8' : converted === 'UINT_8' ? 'uint8' : undefined
}
