import { readChoice, readInteger, readText } from '../io/tensor-file.js'
import type { FileBytes } from '../io/file-bytes.js'
import { decodeUtf8, encodeUtf8 } from '../io/utf8.js'
import type { MatrixData } from '../matrix.js'
import { METRICS, STORAGES, type FlatIndexOptions, type FlatStorage } from './flat-options.js'
import type { Gallery } from './gallery.js'
import { checkedId, type Id } from './ids.js'
import {
  contentError,
  finiteFloats,
  part,
  readTensors,
  tensorBytes,
  tensorFloats,
  writeParts,
  type Dtype,
  type Part,
} from '../io/tensors.js'

const KIND = 'FlatIndex'
const VERSION = '1'

/** The tensor of what rows are compared by, or of the rows: its name, its type, and its columns. */
function bodyOf(storage: FlatStorage, keepsRows: boolean, dimensions: number): [string, Dtype, number] {
  if (keepsRows) return ['rows', 'F32', dimensions]
  return storage === 'i8' ? ['codes', 'I8', dimensions] : ['signs', 'U8', Math.ceil(dimensions / 8)]
}

/**
 * The ids as tensors: none for 0, 1, 2 ...; numbers as float64, NaN for what is a string; strings as their bytes, one after the other, and where
 * each ends.
 */
function idParts(ids: readonly Id[]): Part[] {
  if (ids.every((id, i) => id === i)) return []
  const numbers = Float64Array.from(ids, (id) => (typeof id === 'number' ? id : NaN))
  const parts = [part('ids.numbers', 'F64', [ids.length], numbers)]
  if (!ids.some((id) => typeof id === 'string')) return parts
  const texts = ids.map((id) => encodeUtf8(typeof id === 'string' ? id : ''))
  const ends = new Float64Array(ids.length)
  let end = 0
  texts.forEach((text, i) => (ends[i] = end += text.length))
  const bytes = new Uint8Array(end)
  texts.forEach((text, i) => {
    bytes.set(text, ends[i] - text.length)
  })
  return [...parts, part('ids.ends', 'F64', [ids.length], ends), part('ids.bytes', 'U8', [end], bytes)]
}

/** The rows of these places as a file. */
export function writeIndex(gallery: Gallery, places: readonly number[], ids: readonly Id[], next: number): Uint8Array {
  const { dimensions, metric, storage, keepsRows, storedBytes, centredAt, scale, instance } = gallery
  const n = places.length
  const biases = Float64Array.from(places, (place) => gallery.bias(place))
  const coded = (key: 'scale' | 'offset') =>
    part(
      `${key}s`,
      'F32',
      [n],
      Float32Array.from(places, (place) => gallery.stored(place)[key][0]),
    )
  const [name, dtype, columns] = bodyOf(storage, keepsRows, dimensions)
  const body: Part = {
    name,
    dtype,
    shape: [n, columns],
    fill(out) {
      places.forEach((place, i) => {
        out.set(gallery.stored(place).body, i * storedBytes)
      })
    },
  }
  const parts = [
    ...(biases.some((bias) => bias !== 0) ? [part('biases', 'F64', [n], biases)] : []),
    ...idParts(ids),
    body,
    ...(keepsRows ? [] : [coded('scale'), coded('offset')]),
    ...(centredAt === 0 ? [] : [part('mean', 'F32', [dimensions], instance.floats(gallery.mean, dimensions))]),
  ]
  const texts = { dimensions, metric, storage, rescore: keepsRows, scale: scale === undefined ? 'none' : Math.log2(scale), centredAt, next } // prettier-ignore
  const metadata = Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, String(value)]))
  return writeParts(parts, { collimate: KIND, version: VERSION, ...metadata })
}

/** What a file says, and how its rows come into a gallery. */
export interface IndexFile {
  readonly options: Required<FlatIndexOptions>
  readonly rows: number
  readonly ids: readonly Id[]
  readonly next: number
  /** @throws RangeError if an entry is not finite */
  readonly fill: (gallery: Gallery) => void
}

/** @throws TypeError if `bytes` are no bytes, FileFormatError or RangeError if they hold no sound index */
export function readIndex(bytes: FileBytes): IndexFile {
  const file = readTensors(bytes)
  const { collimate, version } = file.metadata as Partial<Record<string, string>>
  if (collimate !== KIND) {
    const found = collimate === undefined ? 'some other safetensors file' : `a ${collimate}`
    throw contentError(`this is ${found}, expected a FlatIndex of collimate`)
  }
  if (version !== VERSION) {
    throw contentError(`this FlatIndex has format version ${version}, this release reads ${VERSION}: update collimate`)
  }
  const dimensions = readInteger(file, 'dimensions', 1)
  const metric = readChoice(file, 'metric', METRICS)
  const storage = readChoice(file, 'storage', STORAGES)
  const rescore = readChoice(file, 'rescore', ['true', 'false']) === 'true'
  const centredAt = readInteger(file, 'centredAt', 0)
  const exponent = readText(file, 'scale')
  if (exponent !== 'none' && !(/^-?\d{1,4}$/.test(exponent) && Math.abs(Number(exponent)) <= 1000)) {
    throw contentError(`metadata 'scale' is '${exponent}', expected 'none' or an exponent from -1000 to 1000`)
  }
  const keeps = rescore || storage === 'f32'
  const [name, dtype, columns] = bodyOf(storage, keeps, dimensions)
  const rows = file.tensors.get(name)?.shape[0] ?? 0
  const body = tensorBytes(file, name, [dtype], [rows, columns])
  const floats = (of: string, length = rows) => finiteFloats(file, of, [length], ['F32'])
  const numbers = file.tensors.has('ids.numbers')
    ? tensorFloats(file, 'ids.numbers', ['F64'], [rows])
    : Float64Array.from({ length: rows }, (_, i) => i)
  const ends = file.tensors.has('ids.ends') ? tensorFloats(file, 'ids.ends', ['F64'], [rows]) : undefined
  return {
    options: { dimensions, metric, storage, rescore: keeps },
    rows,
    ids: readIds(numbers, ends, (length) => tensorBytes(file, 'ids.bytes', ['U8'], [length])),
    next: readInteger(file, 'next', 0),
    fill(gallery) {
      const biases = file.tensors.has('biases') ? finiteFloats(file, 'biases', [rows], ['F64']) : undefined
      const [scales, offsets] = keeps ? [] : [floats('scales'), floats('offsets')]
      if (exponent !== 'none') gallery.scale = 2 ** Number(exponent)
      if (storage !== 'f32' && centredAt > 0) {
        gallery.reserveMean()
        gallery.instance.floats(gallery.mean, dimensions).set(floats('mean', dimensions))
        gallery.centredAt = centredAt
      } else if (storage !== 'f32' && rows > 0) throw contentError('the mean that codes are relative to is missing')
      const { storedBytes } = gallery
      for (let place = 0; place < rows; place++) {
        const stored = gallery.stored(place)
        stored.body.set(body.subarray(place * storedBytes, (place + 1) * storedBytes))
        gallery.setBias(place, biases?.[place] ?? 0)
        if (keeps) gallery.adopt(place)
        else {
          stored.scale[0] = scales?.[place] ?? 0
          stored.offset[0] = offsets?.[place] ?? 0
        }
      }
    },
  }
}

function readIds(numbers: MatrixData, ends: MatrixData | undefined, text: (length: number) => Uint8Array): Id[] {
  const bytes = ends === undefined ? undefined : text(ends.length === 0 ? 0 : ends[ends.length - 1])
  let from = 0
  return Array.from(numbers, (number, i) => {
    const end = ends?.[i] ?? 0
    if (ends !== undefined && !(Number.isInteger(end) && end >= from)) throw contentError(`ids.ends[${i}] is ${end}, expected an integer from ${from} on`) // prettier-ignore
    const part = bytes?.subarray(from, end)
    from = end
    if (part === undefined || !Number.isNaN(number)) return checkedId(number, `ids.numbers[${i}]`)
    const decoded = decodeUtf8(part)
    if (decoded === undefined) throw contentError(`id ${i} is not valid UTF-8`)
    return decoded
  })
}
