import { contentError, readChoice, readInteger, readText } from '../align/tensor-file.js'
import { requireBytes, type FileBytes } from '../io/file-bytes.js'
import { readSafetensorsHeader, type SafetensorsDtype, type TensorInfo } from '../io/safetensors-header.js'
import { decodeUtf8, encodeUtf8 } from '../io/utf8.js'
import type { FlatIndexOptions, FlatMetric, FlatStorage } from './flat-options.js'
import type { Gallery } from './gallery.js'
import { checkedId, type Id } from './ids.js'

const KIND = 'FlatIndex'
const VERSION = '1'

/** A tensor to be written: `fill` is given the bytes for it. */
interface Part {
  readonly name: string
  readonly dtype: SafetensorsDtype
  readonly shape: readonly number[]
  readonly bytes: number
  readonly fill: (out: Uint8Array) => void
}

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

function part(name: string, dtype: SafetensorsDtype, shape: readonly number[], data: ArrayBufferView): Part {
  return { name, dtype, shape, bytes: data.byteLength, fill: (out) => { out.set(bytesOf(data)) } } // prettier-ignore
}

/** A safetensors file, written once: all names are plain, and the parts come by falling size of their elements. */
function writeParts(parts: readonly Part[], metadata: Readonly<Record<string, string>>): Uint8Array {
  let end = 0
  const entries = parts.map(({ name, dtype, shape, bytes }) => {
    const begin = end
    end += bytes
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const
  })
  const json = encodeUtf8(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }))
  const start = 8 + Math.ceil(json.length / 8) * 8
  const out = new Uint8Array(start + end)
  new DataView(out.buffer).setBigUint64(0, BigInt(start - 8), true)
  out.fill(0x20, 8, start)
  out.set(json, 8)
  let at = start
  for (const { bytes, fill } of parts) {
    fill(out.subarray(at, at + bytes))
    at += bytes
  }
  return out
}

/** The ids as tensors: numbers as float64, NaN for what is a string; strings as their bytes, one after the other, and where each ends. */
function idParts(ids: readonly Id[]): Part[] {
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
  const each = (of: (place: number) => Float32Array) => Float32Array.from(places, (place) => of(place)[0])
  const [name, dtype, columns] = keepsRows
    ? (['rows', 'F32', dimensions] as const)
    : storage === 'i8'
      ? (['codes', 'I8', dimensions] as const)
      : (['signs', 'U8', storedBytes] as const)
  const body: Part = {
    name,
    dtype,
    shape: [n, columns],
    bytes: n * storedBytes,
    fill(out) {
      places.forEach((place, i) => {
        out.set(gallery.stored(place).body, i * storedBytes)
      })
    },
  }
  const coded = keepsRows
    ? []
    : [
        part(
          'scales',
          'F32',
          [n],
          each((place) => gallery.stored(place).scale),
        ),
        part(
          'offsets',
          'F32',
          [n],
          each((place) => gallery.stored(place).offset),
        ),
      ]
  const mean = centredAt === 0 ? [] : [part('mean', 'F32', [dimensions], instance.floats(gallery.mean, dimensions).slice())] // prettier-ignore
  const sizes: Partial<Record<SafetensorsDtype, number>> = { F64: 0, F32: 1, I8: 2, U8: 2 }
  const parts = [
    ...(biases.some((bias) => bias !== 0) ? [part('biases', 'F64', [n], biases)] : []),
    ...idParts(ids),
    body,
    ...coded,
    ...mean,
  ].sort((a, b) => (sizes[a.dtype] ?? 0) - (sizes[b.dtype] ?? 0))
  return writeParts(parts, {
    collimate: KIND,
    version: VERSION,
    dimensions: String(dimensions),
    metric,
    storage,
    rescore: String(keepsRows),
    scale: scale === undefined ? 'none' : String(Math.log2(scale)),
    centredAt: String(centredAt),
    next: String(next),
  })
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
  const file = requireBytes(bytes)
  const { tensors, metadata, dataStart } = readSafetensorsHeader(file)
  // What the helpers of model files read is metadata alone.
  const header = { metadata, tensors: new Map<string, never>() }
  if (metadata.collimate !== KIND) {
    const found = Object.hasOwn(metadata, 'collimate') ? `a ${metadata.collimate}` : 'some other safetensors file'
    throw contentError(`this is ${found}, expected a FlatIndex of collimate`)
  }
  if (metadata.version !== VERSION) {
    throw contentError(`this FlatIndex has format version ${metadata.version}, this release reads ${VERSION}: update collimate`) // prettier-ignore
  }
  const dimensions = readInteger(header, 'dimensions', 1)
  const metric = readChoice<FlatMetric>(header, 'metric', ['cosine', 'dot', 'euclidean'])
  const storage = readChoice<FlatStorage>(header, 'storage', ['f32', 'i8', 'binary'])
  const rescore = readChoice(header, 'rescore', ['true', 'false']) === 'true'
  const centredAt = readInteger(header, 'centredAt', 0)
  const exponent = readText(header, 'scale')
  if (exponent !== 'none' && !(/^-?\d{1,4}$/.test(exponent) && Math.abs(Number(exponent)) <= 1000)) {
    throw contentError(`metadata 'scale' is '${exponent}', expected 'none' or an exponent from -1000 to 1000`)
  }
  const find = (name: string) => tensors.find((tensor) => tensor.name === name)
  const view = (name: string, dtype: SafetensorsDtype, shape: readonly number[]): Uint8Array => {
    const tensor: TensorInfo | undefined = find(name)
    if (tensor === undefined) throw contentError(`tensor '${name}' is missing`)
    if (tensor.dtype !== dtype || tensor.shape.join() !== shape.join()) {
      throw contentError(`tensor '${name}' is ${tensor.dtype} [${tensor.shape.join(', ')}], expected ${dtype} [${shape.join(', ')}]`) // prettier-ignore
    }
    return file.subarray(dataStart + tensor.begin, dataStart + tensor.end)
  }
  const keeps = rescore || storage === 'f32'
  const [name, dtype] = keeps ? (['rows', 'F32'] as const) : storage === 'i8' ? (['codes', 'I8'] as const) : (['signs', 'U8'] as const) // prettier-ignore
  const rows = find(name)?.shape[0] ?? 0
  const width = keeps || storage === 'i8' ? dimensions : Math.ceil(dimensions / 8)
  const body = view(name, dtype, [rows, width])
  const doubles = (of: string) => new Float64Array(view(of, 'F64', [rows]).slice().buffer)
  const floats = (of: string, length: number) => finite(new Float32Array(view(of, 'F32', [length]).slice().buffer), of)
  return {
    options: { dimensions, metric, storage, rescore: keeps },
    rows,
    ids: readIds(doubles('ids.numbers'), find('ids.ends') && doubles('ids.ends'), (length) => view('ids.bytes', 'U8', [length])), // prettier-ignore
    next: readInteger(header, 'next', 0),
    fill(gallery) {
      const biases = find('biases') && finite(doubles('biases'), 'biases')
      const [scales, offsets] = keeps ? [] : [floats('scales', rows), floats('offsets', rows)]
      if (exponent !== 'none') gallery.scale = 2 ** Number(exponent)
      if (storage === 'binary' && centredAt > 0) {
        gallery.reserveMean()
        gallery.instance.floats(gallery.mean, dimensions).set(floats('mean', dimensions))
        gallery.centredAt = centredAt
      } else if (storage === 'binary' && rows > 0) throw contentError('the mean that signs are relative to is missing')
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

function finite<T extends Float32Array | Float64Array>(data: T, name: string): T {
  const bad = data.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0) throw new RangeError(`tensor '${name}' has the entry ${data[bad]} at index ${bad}, expected finite numbers`) // prettier-ignore
  return data
}

function readIds(numbers: Float64Array, ends: Float64Array | undefined, text: (length: number) => Uint8Array): Id[] {
  const bytes = ends === undefined ? undefined : text(ends.length === 0 ? 0 : ends[ends.length - 1])
  let from = 0
  return Array.from(numbers, (number, i) => {
    const end = ends?.[i] ?? 0
    if (ends !== undefined && !(Number.isInteger(end) && end >= from)) throw contentError(`ids.ends[${i}] is ${end}, expected an integer from ${from} on`) // prettier-ignore
    const part = bytes?.subarray(from, end)
    from = end
    if (part === undefined || !Number.isNaN(number)) return checkedId(number, `ids.numbers[${i}]`)
    return decoded(part, i)
  })
}

function decoded(bytes: Uint8Array, i: number): string {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw contentError(`id ${i} is not valid UTF-8`)
  return text
}
